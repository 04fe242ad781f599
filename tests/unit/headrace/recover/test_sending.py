"""A run on its way to the collector: each hit taken, whatever stands in between; only the collector's word counts."""

import asyncio
import threading
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator

import pytest
from aiohttp import web

from headrace.console import Problem
from headrace.recover import sending
from headrace.recover.account import Account, Run
from headrace.recover.mending import Mended
from headrace.recover.sending import Blocked, refusals, send
from headrace.recover.trackers import TRACKERS
from tests.unit.headrace.recover.bucket import Bucket

SEGMENT = TRACKERS["segment"]
Answer = Callable[[list[str]], Awaitable[web.Response]]


def taken() -> web.Response:
    return web.Response(body=SEGMENT.taken, content_type="application/json")


class Collector:
    """An HTTP server. answer: what it says to a request with these rows. requests: the rows of each. most: at once."""

    def __init__(self) -> None:
        self.answer: Answer = self.take
        self.requests: list[list[str]] = []
        self.most = self._now = 0

    async def take(self, _rows: list[str]) -> web.Response:
        return taken()

    @property
    def rows(self) -> Counter[str]:
        return Counter(row for rows in self.requests for row in rows)

    async def handle(self, request: web.Request) -> web.Response:
        rows = [message["row"] for message in (await request.json())["batch"]]
        self.requests.append(rows)
        self._now += 1
        self.most = max(self.most, self._now)
        await asyncio.sleep(0.01)
        self._now -= 1
        return await self.answer(rows)


@pytest.fixture
def collector() -> Collector:
    return Collector()


@pytest.fixture
def url(collector: Collector, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Where the collector answers, in a thread of its own."""
    monkeypatch.setattr(sending, "PAUSES", (0.0, 0.0))
    loop = asyncio.new_event_loop()
    application = web.Application()
    application.router.add_post("/v1/batch", collector.handle)
    runner = web.AppRunner(application)
    loop.run_until_complete(runner.setup())
    loop.run_until_complete(web.TCPSite(runner, "127.0.0.1", 0).start())
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}/collect"
    asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result(10)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(10)
    loop.close()


def run_of(account: Account, rows: list[str], number: int = 1) -> Run:
    """Each row from another browser, so that none shares a request."""
    run = account.claim(number, [hit(row, agent=row) for row in rows])
    assert run
    return run


def hit(row: str, agent: str) -> Mended:
    headers = {"user-agent": agent}
    return Mended(row=row, event_id=row, protocol="segment", received_at=1, hit={"row": row}, headers=headers)


def names(count: int) -> list[str]:
    return [f"{number:03d}" for number in range(count)]


def test_hits_of_many_browsers_go_over_several_connections_each_once(collector, url):
    run = run_of(Account(Bucket(), "lake"), names(60))
    told: list[int] = []
    sent = send(run, url, "key", lambda done, _: told.append(done))
    assert (sent.hits, sent.refused, sent.blocked) == (60, 0, ())
    assert collector.rows == Counter(names(60))
    assert 1 < collector.most <= sending.CONNECTIONS
    assert told == list(range(1, 61))
    assert run.progress.finished


def test_what_is_cut_short_goes_on_where_it_was_and_no_hit_is_left_out(collector, url, monkeypatch):
    monkeypatch.setattr(sending, "NOTED_SECONDS", 0.0)
    monkeypatch.setattr("headrace.recover.account.LEASE_SECONDS", -1.0)

    async def down(rows: list[str]) -> web.Response:
        return web.Response(status=503) if rows == ["030"] else taken()

    collector.answer = down
    account = Account(Bucket(), "lake")
    with pytest.raises(Problem, match="HTTP 503"):
        send(run_of(account, names(60)), url, "key", lambda *_: None)
    ((claim,), _) = account.unfinished()
    heir = account.take_over(claim)
    assert heir
    assert heir.progress.sent == 30
    before = len(collector.requests)
    collector.answer = collector.take
    assert send(heir, url, "key", lambda *_: None).hits == 60
    assert [row for rows in sorted(collector.requests[before:]) for row in rows] == names(60)[30:]


def test_a_hit_that_a_firewall_blocks_stops_nobody_and_is_given_back(collector, url):
    async def firewall(rows: list[str]) -> web.Response:
        return web.Response(status=403, text="Request blocked") if "2" in rows else taken()

    collector.answer = firewall
    account = Account(Bucket(), "lake")
    run = account.claim(1, [hit(str(number), agent="Shop") for number in range(6)])
    assert run
    sent = send(run, url, "key", lambda *_: None)
    assert (sent.hits, sent.blocked, sent.said) == (6, ("2",), "HTTP 403")
    assert account.unfinished() == ([], 0.0)
    assert account.claimed() == (1, {"0", "1", "3", "4", "5"})


def test_where_everything_is_blocked_the_run_stops_and_gives_nothing_up(collector, url, monkeypatch):
    monkeypatch.setattr(sending, "MOST_BLOCKED", 5)

    async def challenge(_rows: list[str]) -> web.Response:
        return web.Response(status=202, headers={"x-amzn-waf-action": "challenge"})

    collector.answer = challenge
    account = Account(Bucket(), "lake")
    with pytest.raises(Problem, match=r"something before the collector .*HTTP 202"):
        send(run_of(account, names(20)), url, "key", lambda *_: None)
    assert account.claimed() == (1, set(names(20)))


@pytest.mark.parametrize("protocol", TRACKERS)
def test_only_the_collector_takes_hits_or_refuses_them_for_good(protocol: str) -> None:
    tracker = TRACKERS[protocol]
    bad = {"x-headrace-bad-rows": "2"}
    assert refusals(tracker, 200, {}, tracker.taken, 3) == 0
    assert refusals(tracker, 200, bad, tracker.taken, 3) == 2
    assert refusals(tracker, 400, bad, b"{}", 3) == 3
    assert refusals(tracker, 429, {}, b"", 3) is None
    assert refusals(tracker, 503, {}, b"", 3) is None


@pytest.mark.parametrize(("status", "content"), [(200, b"<html>"), (202, b""), (204, b""), (301, b""), (403, b"no")])
def test_what_something_else_answers_is_neither(status: int, content: bytes) -> None:
    with pytest.raises(Blocked):
        refusals(SEGMENT, status, {}, content, 3)
