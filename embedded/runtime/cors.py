"""Cross-origin requests of browsers, answered as an HTTP API answers them from its CORS configuration.

<https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html>
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

ANY = "*"
ANY_OF_SCHEME = "://*"
PREFIX = "access-control-"


@dataclass(frozen=True)
class Cors:
    """An API's CORS configuration. origins: `https://shop.example`, every one of a scheme as `https://*`, or all as
    `*`. max_age: seconds for which a browser may go by an answer."""

    origins: tuple[str, ...] = ()
    methods: tuple[str, ...] = ()
    headers: tuple[str, ...] = ()
    exposed: tuple[str, ...] = ()
    credentials: bool = False
    max_age: int | None = None

    @classmethod
    def of(cls, configuration: Mapping[str, Any] | None) -> Self | None:
        """From CorsConfiguration as GetApis has it; None where an API has none."""
        if not configuration:
            return None
        return cls(
            origins=tuple(configuration.get("AllowOrigins", ())),
            methods=tuple(configuration.get("AllowMethods", ())),
            headers=tuple(configuration.get("AllowHeaders", ())),
            exposed=tuple(configuration.get("ExposeHeaders", ())),
            credentials=configuration.get("AllowCredentials", False),
            max_age=configuration.get("MaxAge"),
        )

    def allows(self, origin: str) -> bool:
        """Whether pages of this origin may read answers."""
        return any(
            allowed in (ANY, origin)
            or (allowed.endswith(ANY_OF_SCHEME) and origin.startswith(allowed.removesuffix(ANY)))
            for allowed in self.origins
        )

    def answer(self, origin: str | None) -> dict[str, str]:
        """The headers of an answer to a page; none where the request names no origin, or another than allowed."""
        if not origin or not self.allows(origin):
            return {}
        headers = {"access-control-allow-origin": ANY if ANY in self.origins else origin, "vary": "Origin"}
        if self.credentials:
            headers["access-control-allow-credentials"] = "true"
        if self.exposed:
            headers["access-control-expose-headers"] = ",".join(self.exposed)
        return headers

    def preflight(self, origin: str | None, method: str | None) -> dict[str, str]:
        """The headers of the answer to OPTIONS, which the API gives itself. method: that of the request to come.

        Allowed methods and headers are listed whatever was asked for: the browser compares.
        """
        headers = self.answer(origin) if method else {}
        if not headers:
            return {}
        headers.pop("access-control-expose-headers", None)
        if self.methods:
            headers["access-control-allow-methods"] = ",".join(self.methods)
        if self.headers:
            headers["access-control-allow-headers"] = ",".join(self.headers)
        if self.max_age is not None:
            headers["access-control-max-age"] = str(self.max_age)
        return headers
