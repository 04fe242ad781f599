"""Mended hits to the collector, over HTTP as their trackers would send them."""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

import aiohttp

from headrace.console import Problem
from headrace.hops.cloud import CONNECTIONS
from headrace.recover.account import Run
from headrace.recover.mending import Mended
from headrace.recover.trackers import TRACKERS
from headrace.recover.trackers.tracker import Tracker
from headrace.recover.trial import request_headers

TIMEOUT_SECONDS = 12.0  # of one attempt: the function has ten by default
PAUSES = (0.5, 1.0, 2.0, 4.0)  # seconds, between attempts
NOTED_SECONDS = 2.0  # what was sent since is sent again by whoever finishes a run that was cut short
BAD_ROWS_HEADER = "x-headrace-bad-rows"

# Hits of a run that something before the collector refuses. More means that it refuses everything: then the run stops.
MOST_BLOCKED = 1_000


@dataclass(frozen=True)
class Answered:
    """What became of some hits. refused: how many were bad again. blocked: the rows of those that something before the
    collector refuses; said: how it did."""

    hits: int
    refused: int = 0
    blocked: tuple[str, ...] = ()
    said: str = ""

    def __add__(self, other: "Answered") -> "Answered":
        return Answered(
            self.hits + other.hits,
            self.refused + other.refused,
            self.blocked + other.blocked,
            other.said or self.said,
        )


class Blocked(Exception):
    """It was not the collector that answered: nothing was kept of the request, nor counted."""


def send(run: Run, collect_url: str, write_key: str, sent: Callable[[int, int], None]) -> Answered:
    """Sends what of a run has not been sent; what became of the whole run. sent: is told how far it is, of how many.

    Raises Problem where the collector does not take them: what is not noted as sent is sent by the next run.
    """
    parts = urlsplit(collect_url)
    return asyncio.run(_send(run, f"{parts.scheme}://{parts.netloc}", write_key, sent))


async def _send(run: Run, url: str, write_key: str, told: Callable[[int, int], None]) -> Answered:
    hits = run.hits()
    done = run.progress.sent
    places = [place for place, hit in enumerate(hits) if hit and place >= done]
    left = iter(places)
    total = Answered(sum(map(bool, hits[:done])), run.progress.refused, tuple(run.progress.blocked))
    # In the order of the hits, so that how far the run is stays one number.
    waiting: deque[asyncio.Task[Answered]] = deque()
    noted = time.monotonic()

    async def note() -> None:
        """How far it is, now and then: also what keeps others from taking the run over."""
        nonlocal noted
        if time.monotonic() - noted >= NOTED_SECONDS:
            await asyncio.to_thread(run.note, sent=done, refused=total.refused, blocked=total.blocked)
            noted = time.monotonic()

    async def settle() -> None:
        """Waits for the first of those that are waited for."""
        nonlocal done, total
        while not waiting[0].done():
            await asyncio.wait([waiting[0]], timeout=NOTED_SECONDS)
            await note()
        answered = waiting.popleft().result()
        total += answered
        if len(total.blocked) > MOST_BLOCKED:
            raise Problem(
                f"something before the collector refuses what is sent ({total.said})",
                "see which firewall, proxy or missing route does; then run this again: it goes on where it was",
            )
        done = [next(left) for _ in range(answered.hits)][-1] + 1
        told(done, len(hits))
        await note()

    async with aiohttp.ClientSession(
        timeout=aiohttp.ClientTimeout(total=TIMEOUT_SECONDS),
        connector=aiohttp.TCPConnector(limit=CONNECTIONS),
        cookie_jar=aiohttp.DummyCookieJar(),
        skip_auto_headers=["User-Agent", "Accept"],
    ) as session:
        try:
            for batch in batches([hit for hit in hits[done:] if hit]):
                if len(waiting) == CONNECTIONS:
                    await settle()
                waiting.append(asyncio.create_task(_post(session, url, batch, write_key)))
            while waiting:
                await settle()
        finally:
            for task in waiting:
                task.cancel()
            await asyncio.gather(*waiting, return_exceptions=True)
    await asyncio.to_thread(run.note, sent=done, refused=total.refused, blocked=total.blocked, finished=True)
    return total


def batches(hits: Sequence[Mended]) -> Iterator[list[Mended]]:
    """Neighbours that one request can hold: of one protocol and one browser."""
    now = time.time_ns() // 1_000_000
    batch: list[Mended] = []
    size = 0
    for hit in hits:
        tracker = TRACKERS[hit.protocol]
        share = len(tracker.encode(hit.hit, hit.received_at, now)) + 16  # times grow, by a digit or two
        alike = batch and (batch[0].protocol, batch[0].headers) == (hit.protocol, hit.headers)
        if batch and (not alike or len(batch) == tracker.most_hits or size + share > tracker.most_bytes):
            yield batch
            batch, size = [], 0
        batch.append(hit)
        size += share
    if batch:
        yield batch


async def _post(session: aiohttp.ClientSession, url: str, batch: Sequence[Mended], write_key: str) -> Answered:
    """Sends a batch, again where that can help. Where it is blocked it is sent in halves, to find the hits at fault."""
    tracker = TRACKERS[batch[0].protocol]
    headers = {**batch[0].headers, **request_headers(tracker, write_key)}
    said = ""
    for pause in (*PAUSES, None):
        now = time.time_ns() // 1_000_000
        body = tracker.body([tracker.encode(hit.hit, hit.received_at, now) for hit in batch], now)
        try:
            async with session.post(
                f"{url}{tracker.path}", data=body, headers=headers, allow_redirects=False
            ) as answer:
                content = await answer.read()
                refused = refusals(tracker, answer.status, answer.headers, content, len(batch))
                if refused is not None:
                    return Answered(len(batch), refused)
                said = f"HTTP {answer.status}"
        except Blocked as blocked:
            if len(batch) == 1:
                return Answered(1, blocked=(batch[0].row,), said=str(blocked))
            half = len(batch) // 2
            first = await _post(session, url, batch[:half], write_key)
            return first + await _post(session, url, batch[half:], write_key)
        except (aiohttp.ClientError, TimeoutError) as error:
            said = str(error) or type(error).__name__
        if pause is not None:
            await asyncio.sleep(pause)
    raise Problem(
        f"the collector at {url} does not take what is sent ({said})",
        "see `make status`; then run this again: it goes on where it was",
    )


def refusals(tracker: Tracker, status: int, headers: Mapping[str, str], content: bytes, hits: int) -> int | None:
    """How many hits became bad rows again; None where the same request may be taken later.

    Raises Blocked where it was not the collector who answered, and Problem where the write key is none of its.
    """
    if status == 401:
        raise Problem("the collector does not know the write key", "give another one as --write-key")
    if status >= 500 or status == 429:
        return None
    bad = headers.get(BAD_ROWS_HEADER, "0")
    bad = min(int(bad), hits) if bad.isascii() and bad.isdigit() else 0
    if status == 200 and content == tracker.taken:
        return bad
    if status < 400 or not bad:
        raise Blocked(f"HTTP {status}")
    return hits  # nothing of the request was taken
