"""The front door: what stands for the HTTP API's own domain.

What API Gateway does around a function's call happens here: limits, throttling, the X-Forwarded headers, CORS, the
access log. A route that does more than call a function is left to the emulator, to which its requests go as they came.
<https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html>
"""

import asyncio
import contextlib
import json
import logging
import os
import time
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import aiohttp
from aiohttp import web
from botocore.exceptions import BotoCoreError, ClientError
from multidict import CIMultiDict
from yarl import URL

from embedded.runtime import proxy
from embedded.runtime.access_log import formatted
from embedded.runtime.api_lookup import STAGE, Api, ApiLookup
from embedded.runtime.cors import PREFIX, Cors
from embedded.runtime.functions.functions import Functions, NotThere, Throttled
from embedded.runtime.logs import Logs
from embedded.runtime.routes import Taken
from embedded.runtime.throttle import Throttle

LARGEST_PAYLOAD = 10 * 1024 * 1024
LARGEST_HEAD = 10_240  # bytes of the request line and all headers together
TIMEOUT_SECONDS = 30.0
REFRESH_SECONDS = 2.0  # how soon a changed, new or removed API is seen
CONNECTIONS = 256
# Of a connection, not of a request (RFC 9110, 7.6.1).
HOP_BY_HOP = {"connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade"}

log = logging.getLogger(__name__)


class FrontDoor:
    """Answers for the API that the emulator has; `port` is where it listens."""

    def __init__(self, port: int, lookup: ApiLookup, functions: Functions, logs: Logs) -> None:
        self._port, self._lookup, self._functions, self._logs = port, lookup, functions, logs
        self._emulator = os.environ["AWS_ENDPOINT_URL"]
        self._api: Api | None = None
        self._looked = float("-inf")
        self._looking = asyncio.Lock()
        self._throttle = Throttle()
        self.requests = 0
        self.throttled = 0

    def application(self) -> web.Application:
        """The web application."""
        application = web.Application(client_max_size=LARGEST_PAYLOAD)
        application.router.add_route("*", "/{path:.*}", self._answer)
        application.cleanup_ctx.append(self._connections)
        return application

    async def status(self) -> dict[str, Any]:
        """Figures for `make status`."""
        api = await self._current_api()
        return {
            "url": f"http://127.0.0.1:{self._port}",
            "api": api.name if api else None,
            "requests": self.requests,
            "throttled": self.throttled,
        }

    async def _connections(self, _: web.Application) -> AsyncIterator[None]:
        connector = aiohttp.TCPConnector(limit=CONNECTIONS)
        async with aiohttp.ClientSession(
            connector=connector,
            auto_decompress=False,
            timeout=aiohttp.ClientTimeout(total=TIMEOUT_SECONDS),
            skip_auto_headers=["User-Agent", "Accept", "Accept-Encoding", "Content-Type"],
            cookie_jar=aiohttp.DummyCookieJar(),
        ) as session:
            self._session = session
            yield

    async def _answer(self, request: web.Request) -> web.Response:
        began, identity = time.monotonic(), str(uuid.uuid4())
        self.requests += 1
        api = await self._current_api()
        if api is None:
            return _message(404, "Not Found")
        path = proxy.decoded(request.raw_path.partition("?")[0])
        route = api.routes.take(request.method, path)
        response = await self._respond(request, _Way(identity, api, path, route))
        if api.log_group and api.log_format:
            context = _context(request, response, api, identity, route.key if route else "-", began)
            stream = time.strftime("front-door-%Y-%m-%d", time.gmtime())
            self._logs.add(api.log_group, stream, [formatted(api.log_format, context)])
        return response

    async def _respond(self, request: web.Request, way: "_Way") -> web.Response:
        if _head_size(request) > LARGEST_HEAD:
            return _message(431, "Request Header Fields Too Large")
        if not self._throttle.admits():
            self.throttled += 1
            return _message(429, "Too Many Requests")
        cors = way.api.cors
        if cors and request.method == "OPTIONS":  # the API answers for every path, and calls no function
            asked = request.headers.get("Access-Control-Request-Method")
            return web.Response(status=204, headers=cors.preflight(request.headers.get("Origin"), asked))
        if (request.content_length or 0) > LARGEST_PAYLOAD:
            return _message(413, "Request Entity Too Large")
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS):
                body = await request.read()
        except TimeoutError:
            return _message(408, "Request Timeout")
        except web.HTTPRequestEntityTooLarge:  # a chunked body does not say its size before
            return _message(413, "Request Entity Too Large")
        except ConnectionError:  # the client is gone: the answer is for the log
            return _message(400, "Bad Request")
        if way.route is None:
            response = _message(404, "Not Found")
        elif way.route.function:
            response = await self._call(way.route.function, request, way, body)
        else:
            response = await self._pass_on(request, way.api, body)
        _add_cors(response.headers, cors, request.headers.get("Origin"))
        return response

    async def _call(self, function: str, request: web.Request, way: "_Way", body: bytes) -> web.Response:
        assert way.route is not None
        asked = proxy.Asked(
            id=way.identity,
            method=request.method,
            path=way.path,
            query=request.raw_path.partition("?")[2],
            headers=self._headers(request).items(),
            body=body,
            source_ip=request.remote or "127.0.0.1",
        )
        event = proxy.event(asked, way.route.key, way.route.parameters, way.api.id, STAGE)
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS):
                # Lambda goes on with what the API does not wait for any more.
                answer = await asyncio.shield(self._functions.invoke(function, event))
            if answer.error:
                return _message(500, "Internal Server Error")
            answered = proxy.answer(answer.payload)
        except (TimeoutError, Throttled):
            return _message(503, "Service Unavailable")
        except (NotThere, proxy.Unintelligible) as error:
            log.warning("%s did not answer %s %s: %s", function, request.method, request.path, error)
            return _message(500, "Internal Server Error")
        return web.Response(status=answered.status, headers=answered.headers, body=answered.body)

    async def _pass_on(self, request: web.Request, api: Api, body: bytes) -> web.Response:
        url = URL(f"{self._emulator}/_aws/execute-api/{api.id}/{STAGE}{request.raw_path}", encoded=True)
        try:
            async with self._session.request(
                request.method, url, headers=self._headers(request), data=body or None, allow_redirects=False
            ) as answer:
                content = await answer.read()
                headers = CIMultiDict(
                    (name, value)
                    for name, value in answer.headers.items()
                    if name.lower() not in HOP_BY_HOP and name.lower() != "content-length"
                )
                return web.Response(status=answer.status, body=content, headers=headers)
        except TimeoutError:
            return _message(503, "Service Unavailable")
        except aiohttp.ClientError as error:
            log.warning("the emulator did not answer %s %s: %r", request.method, request.path, error)
            self._looked = float("-inf")
            return _message(503, "Service Unavailable")

    def _headers(self, request: web.Request) -> CIMultiDict[str]:
        headers = CIMultiDict(
            (name, value)
            for name, value in request.headers.items()
            if name.lower() not in HOP_BY_HOP and name.lower() != "content-length"
        )
        came_through = headers.popall("X-Forwarded-For", [])
        headers["X-Forwarded-For"] = ", ".join([*came_through, request.remote or "127.0.0.1"])
        headers["X-Forwarded-Port"] = str(self._port)
        headers["X-Forwarded-Proto"] = "http"
        return headers

    async def _current_api(self) -> Api | None:
        """The API as of the last seconds; only one request at a time looks it up, the others go by what is known."""
        if time.monotonic() - self._looked < REFRESH_SECONDS or (self._looking.locked() and self._api):
            return self._api
        async with self._looking:
            if time.monotonic() - self._looked >= REFRESH_SECONDS:
                with contextlib.suppress(ClientError, BotoCoreError):  # then the last known one; the emulator will tell
                    api = await asyncio.to_thread(self._lookup.find)
                    if (api and (api.rate, api.burst)) != (self._api and (self._api.rate, self._api.burst)):
                        self._throttle = Throttle(api.rate, api.burst) if api else Throttle()
                    self._api = api
                self._looked = time.monotonic()
        return self._api


@dataclass(frozen=True)
class _Way:
    """Where a request goes. identity: its own, in the event and in the log; path: decoded."""

    identity: str
    api: Api
    path: str
    route: Taken | None


def _add_cors(headers: CIMultiDict[str], cors: Cors | None, origin: str | None) -> None:
    """The API's own headers in place of the function's, which an API with a CORS configuration ignores."""
    if cors is None:
        return
    for name in {name for name in headers if name.lower().startswith(PREFIX)}:
        headers.popall(name, None)
    headers.update(cors.answer(origin))


def _message(status: int, text: str) -> web.Response:
    """An answer of API Gateway's own."""
    return web.Response(
        status=status,
        body=json.dumps({"message": text}, separators=(",", ":")).encode(),
        content_type="application/json",
    )


def _head_size(request: web.Request) -> int:
    return len(request.raw_path) + sum(len(name) + len(value) + 4 for name, value in request.raw_headers)


def _context(
    request: web.Request, response: web.Response, api: Api, identity: str, route: str, began: float
) -> dict[str, Any]:
    return {
        "requestId": identity,
        "extendedRequestId": "-",
        "accountId": "000000000000",
        "apiId": api.id,
        "stage": STAGE,
        "domainName": request.host,
        "identity.sourceIp": request.remote,
        "identity.userAgent": request.headers.get("User-Agent", "-"),
        "requestTime": time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime()),
        "requestTimeEpoch": int(time.time() * 1000),
        "httpMethod": request.method,
        "path": request.path,
        "routeKey": route,
        "protocol": f"HTTP/{request.version.major}.{request.version.minor}",
        "status": response.status,
        "responseLength": response.content_length or 0,
        "responseLatency": round((time.monotonic() - began) * 1000),
        "integrationLatency": round((time.monotonic() - began) * 1000),
        "integrationStatus": response.status,
    }
