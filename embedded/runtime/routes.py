"""An HTTP API's routes: which one a request takes, and what the parts of its path are called.

<https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html>
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

DEFAULT = "$default"
ANY = "ANY"
VARIABLE = re.compile(r"\{([^}]+)\}")


class Taken(NamedTuple):
    """The route that a request takes. parameters: the variable parts of its path; None where it has none."""

    key: str
    function: str | None
    parameters: dict[str, str] | None


@dataclass(frozen=True)
class Route:
    """key: "POST /collect/{rest+}" or "$default". function: its ARN, where the route does nothing but call one.

    path: a group for each of its variables, whose names are `variables`.
    """

    key: str
    function: str | None
    method: str
    path: re.Pattern[str]
    variables: tuple[str, ...]

    @property
    def rank(self) -> tuple[bool, bool, int, bool]:
        """The route with the lowest rank takes a request that fits several: a full match before a greedy variable
        before `$default`, literal parts before variables, a method before any."""
        literal = sum(bool(part) and not VARIABLE.fullmatch(part) for part in self.key.split("/")[1:])
        return self.key == DEFAULT, "+}" in self.key, -literal, self.method == ANY


class Routes:
    """The routes of one API."""

    def __init__(self, routes: Iterable[Route]) -> None:
        self._routes = sorted(routes, key=lambda route: route.rank)

    def take(self, method: str, path: str) -> Taken | None:
        """The route of a request; None where there is none. path: decoded."""
        path = "/" + path.lstrip("/")
        for route in self._routes:
            if route.method in (method, ANY) and (found := route.path.fullmatch(path)):
                parameters = dict(zip(route.variables, found.groups(), strict=True))
                return Taken(route.key, route.function, parameters or None)
        return None


def routes(found: Sequence[Mapping[str, Any]], integrations: Sequence[Mapping[str, Any]]) -> Routes:
    """The routes that GetRoutes and GetIntegrations describe."""
    functions = {each["IntegrationId"]: _function(each) for each in integrations}
    return Routes(_route(each, functions) for each in found)


def _route(found: Mapping[str, Any], functions: Mapping[str, str | None]) -> Route:
    key = found["RouteKey"]
    open_to_all = found.get("AuthorizationType", "NONE") == "NONE"
    function = functions.get(found.get("Target", "").rpartition("/")[2]) if open_to_all else None
    if key == DEFAULT:
        return Route(key, function, ANY, re.compile(".*", re.DOTALL), ())
    method, _, path = key.partition(" ")
    names = [name.removesuffix("+") for name in VARIABLE.findall(path)]
    return Route(key, function, method, re.compile(_pattern(path), re.DOTALL), tuple(names))


def _pattern(path: str) -> str:
    """A regular expression for a path with variables: `{id}` is one part, `{rest+}` all that follow."""
    pieces = VARIABLE.split(path)  # literals and names in turn
    patterns = ["(.+)" if piece.endswith("+") else "([^/]+)" for piece in pieces[1::2]]
    return "".join(re.escape(literal) + pattern for literal, pattern in zip(pieces[::2], [*patterns, ""], strict=True))


def _function(integration: Mapping[str, Any]) -> str | None:
    """The function that an integration calls with payload 2.0, and nothing else."""
    plain = integration["IntegrationType"] == "AWS_PROXY" and integration.get("PayloadFormatVersion") == "2.0"
    uri = integration.get("IntegrationUri", "")
    inner = uri.partition("/functions/")[2].removesuffix("/invocations") or uri
    return inner if plain and ":lambda:" in inner and not integration.get("RequestParameters") else None
