"""Which HTTP API stands behind the front door, and how its `$default` stage is set."""

from dataclasses import dataclass
from functools import partial
from typing import Any

import boto3

from embedded.runtime.cors import Cors
from embedded.runtime.roles import CONFIG
from embedded.runtime.routes import Routes, routes

STAGE = "$default"


@dataclass(frozen=True)
class Api:
    """An HTTP API's `$default` stage. rate and burst: its throttling; log_group and log_format: its access log;
    cors: how it answers browsers, where it is told how; routes: what its requests are for."""

    id: str
    name: str
    rate: float | None
    burst: int | None
    log_group: str | None
    log_format: str | None
    cors: Cors | None
    routes: Routes


class ApiLookup:
    """Asks the emulator. Blocking: use it from a thread."""

    def __init__(self) -> None:
        self._client = boto3.client("apigatewayv2", config=CONFIG)

    def find(self) -> Api | None:
        """The newest HTTP API that has a `$default` stage; None where there is none."""
        apis = [api for page in self._pages(self._client.get_apis) for api in page if api["ProtocolType"] == "HTTP"]
        for api in sorted(apis, key=lambda api: api["CreatedDate"], reverse=True):
            for stage in self._client.get_stages(ApiId=api["ApiId"])["Items"]:
                if stage["StageName"] == STAGE:
                    return self._api(api, stage)
        return None

    @staticmethod
    def _pages(call: Any) -> Any:
        answer = call()
        yield answer["Items"]
        while token := answer.get("NextToken"):
            answer = call(NextToken=token)
            yield answer["Items"]

    def _api(self, api: dict[str, Any], stage: dict[str, Any]) -> Api:
        settings = stage.get("DefaultRouteSettings") or {}
        log = stage.get("AccessLogSettings") or {}
        destination = log.get("DestinationArn")
        found = [
            [each for page in self._pages(partial(call, ApiId=api["ApiId"])) for each in page]
            for call in (self._client.get_routes, self._client.get_integrations)
        ]
        return Api(
            id=api["ApiId"],
            name=api["Name"],
            rate=settings.get("ThrottlingRateLimit"),
            burst=settings.get("ThrottlingBurstLimit"),
            log_group=destination.partition(":log-group:")[2].removesuffix(":*") if destination else None,
            log_format=log.get("Format"),
            cors=Cors.of(api.get("CorsConfiguration")),
            routes=routes(*found),
        )
