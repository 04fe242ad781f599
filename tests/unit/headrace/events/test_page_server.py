"""The page's HTTP side: for this machine alone, and as fast as rows come."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from headrace.console import Problem
from headrace.events.page.server import PageServer
from headrace.events.page.watch import Watch
from tests.unit.headrace.events.watched import MadeUp


def asked(watch: Watch, ask: Callable[[TestClient[Any, Any]], Awaitable[Any]]) -> Any:
    async def run() -> Any:
        async with TestClient(TestServer(PageServer("local", watch, 0.01).application())) as client:
            return await ask(client)

    return asyncio.run(run())


def answer(watch: Watch, path: str, method: str = "GET", **headers: str) -> tuple[int, Any]:
    async def ask(client: TestClient[Any, Any]) -> tuple[int, Any]:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        async with client.request(method, path, headers=named) as response:
            assert "default-src 'none'" in response.headers["Content-Security-Policy"]
            kind = response.content_type
            return response.status, await (response.json() if kind == "application/json" else response.text())

    return asked(watch, ask)


def test_the_api_counts_lists_and_resets():
    feed = MadeUp()
    watch = feed.watch()
    feed.good("signup")
    feed.bad("wrong_type", payload='{"a":1}')
    assert answer(watch, "/all")[1] == {
        "total": 2,
        "good": 1,
        "bad": 1,
        "protocols": {"google-analytics-v1": {"good": 1, "bad": 0}, "segment": {"good": 0, "bad": 1}},
        "reasons": {"wrong_type": 1},
    }
    assert [row["name"] for row in answer(watch, "/good?name=signup")[1]] == ["signup"]
    assert answer(watch, "/good?name=purchase")[1] == []
    assert answer(watch, "/bad?reason=wrong_type")[1][0]["row"]["payload"] == '{"a":1}'
    assert answer(watch, "/bad?limit=0")[1] == []
    assert answer(watch, "/bad?limit=ten")[0] == 400
    assert answer(watch, "/reset", "POST")[1]["total"] == 0
    assert answer(watch, "/good")[1] == []


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": "127.0.0.1.evil.example:8081"},
        {"Host": "[::1"},
        {"Host": ""},
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site", "Sec_Fetch_Mode": "navigate"},
    ],
)
def test_no_website_reads_or_resets_it(headers):
    feed = MadeUp()
    feed.good()
    watch = feed.watch()
    for path in ("/good", "/reset", "/stream", "/rows/1", "/nothing"):
        assert answer(watch, path, **headers)[0] == 403
    assert len(feed.coming) == 1  # nothing was even read


def test_a_link_leads_to_it():
    watch = MadeUp().watch()
    assert answer(watch, "/", Sec_Fetch_Site="cross-site", Sec_Fetch_Mode="navigate")[0] == 200
    for path in ("/page.css", "/page.js", "/rows.js", "/detail.js"):
        assert answer(watch, path, Host="localhost:1")[0] == 200
    assert answer(watch, "/page/../../__main__.py")[0] == 404


async def messages(client: TestClient[Any, Any], count: int, **headers: str) -> list[dict[str, Any]]:
    async with client.get("/stream", headers=headers) as response:
        found = []
        while len(found) < count:
            line = await asyncio.wait_for(response.content.readline(), 10)
            if line.startswith(b"data: "):
                found.append(json.loads(line[6:]))
        return found


def test_rows_come_as_they_are_received_and_again_to_whoever_was_cut_off():
    feed = MadeUp()
    watch = feed.watch()
    feed.good("one")
    feed.good("two")

    async def ask(client: TestClient[Any, Any]) -> None:
        first = next(message for message in await messages(client, 2) if message["rows"])
        assert [row["name"] for row in first["rows"]] == ["one", "two"]
        feed.good("three")
        epoch = first["epoch"]
        (resumed,) = await messages(client, 1, **{"Last-Event-ID": f"{epoch}-1"})
        assert [row["name"] for row in resumed["rows"]][:1] == ["two"]
        (anew,) = await messages(client, 1, **{"Last-Event-ID": "of another time-9"})
        assert [row["name"] for row in anew["rows"]][:1] == ["one"]

    asked(watch, ask)


def test_nothing_is_read_while_nobody_looks():
    feed = MadeUp()
    feed.good()
    watch = feed.watch()

    async def ask(client: TestClient[Any, Any]) -> None:
        await messages(client, 1)
        await asyncio.sleep(0.05)
        feed.good("unseen")
        await asyncio.sleep(0.05)
        assert len(feed.coming) == 1

    asked(watch, ask)


def test_what_is_wrong_with_the_stack_is_said():
    def nothing_there() -> Any:
        raise Problem("stack 'local' is not deployed", "run `make up` first")

    status, said = answer(Watch(nothing_there), "/good")
    assert status == 503
    assert "make up" in said["message"]


def test_a_row_is_told_whole_and_harmless():
    feed = MadeUp()
    watch = feed.watch()
    feed.bad(payload="dt=\u202egnp%00")
    answer(watch, "/all")
    told = answer(watch, "/rows/1")[1]
    assert told["payload"] == "dt = \\u202egnp\\x00"
    assert told["event"] is None
    assert answer(watch, "/rows/2")[0] == 404
