"""The front door without what is behind it."""

import asyncio
from typing import Any, cast

import pytest
from aiohttp import web

from embedded.runtime.api_lookup import Api, ApiLookup
from embedded.runtime.front_door import FrontDoor
from embedded.runtime.functions.functions import Functions, NotThere
from embedded.runtime.functions.worker import Answer
from embedded.runtime.logs import Logs
from embedded.runtime.routes import routes

ROUTES = routes(
    [{"RouteKey": "$default", "Target": "integrations/one"}],
    [
        {
            "IntegrationId": "one",
            "IntegrationType": "AWS_PROXY",
            "PayloadFormatVersion": "2.0",
            "IntegrationUri": "arn:aws:lambda:us-east-1:000000000000:function:collect",
        }
    ],
)


class Behind:
    """The API, its one function, which can not be started, and its log."""

    def __init__(self) -> None:
        self.lines: asyncio.Queue[str] = asyncio.Queue()

    def find(self) -> Api:
        return Api("id", "collect", None, None, "log", "$context.status", None, ROUTES)

    async def invoke(self, *_: object) -> Answer:
        raise NotThere("too many open files")

    def add(self, _group: str, _stream: str, lines: list[str]) -> None:
        for line in lines:
            self.lines.put_nowait(line)


async def asked(sent: bytes, *, stays: bool) -> str:
    """What the log says of a request. stays: whether the client waits for the answer."""
    behind: Any = Behind()
    door = FrontDoor(0, cast(ApiLookup, behind), cast(Functions, behind), cast(Logs, behind))
    runner = web.AppRunner(door.application())
    await runner.setup()
    await (site := web.TCPSite(runner, "127.0.0.1", 0)).start()
    _, writer = await asyncio.open_connection("127.0.0.1", site._server.sockets[0].getsockname()[1])
    writer.write(sent)
    await writer.drain()
    while not door.requests:
        await asyncio.sleep(0)  # until it has been read
    if not stays:
        writer.transport.abort()
    line = await asyncio.wait_for(behind.lines.get(), 10)
    writer.close()
    await runner.cleanup()
    return line


@pytest.fixture(autouse=True)
def nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")


def test_a_client_that_goes_away_amid_its_body_is_in_the_log():
    sent = b"POST /collect HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf"
    assert asyncio.run(asked(sent, stays=False)) == "400"


def test_a_request_for_a_function_that_can_not_be_started_is_in_the_log():
    assert asyncio.run(asked(b"GET /collect HTTP/1.1\r\nHost: x\r\n\r\n", stays=True)) == "500"
