"""Mended hits to the collector, over HTTP as their trackers would send them."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from urllib.parse import urlsplit

import aiohttp

from headrace.console import Problem
from headrace.recover.account import Run
from headrace.recover.mending import Mended
from headrace.recover.trackers import TRACKERS
from headrace.recover.trial import request_headers

TIMEOUT_SECONDS = 12.0  # of one attempt: the function has ten by default
PAUSES = (0.5, 1.0, 2.0, 4.0)  # seconds, between attempts
NOTED_SECONDS = 2.0  # how much is sent again, at most, by whoever finishes a run that was cut short
BAD_ROWS_HEADER = "x-headrace-bad-rows"


def send(run: Run, collect_url: str, write_key: str, sent: Callable[[int, int], None]) -> None:
    """Sends what of a run has not been sent. sent: is told how far it is, of how many.

    Raises Problem where the collector does not take them: what is not noted as sent is sent by the next run.
    """
    parts = urlsplit(collect_url)
    asyncio.run(_send(run, f"{parts.scheme}://{parts.netloc}", write_key, sent))


async def _send(run: Run, url: str, write_key: str, told: Callable[[int, int], None]) -> None:
    hits = run.hits()
    done, refused = run.progress.sent, run.progress.refused
    noted = time.monotonic()

    async def note() -> None:
        """How far it is, now and then: also what keeps others from taking the run over."""
        nonlocal noted
        if time.monotonic() - noted >= NOTED_SECONDS:
            await asyncio.to_thread(run.note, done, refused)
            noted = time.monotonic()

    async with aiohttp.ClientSession(
        timeout=aiohttp.ClientTimeout(total=TIMEOUT_SECONDS),
        cookie_jar=aiohttp.DummyCookieJar(),
        skip_auto_headers=["User-Agent", "Accept"],
    ) as session:
        for batch in batches(hits[done:]):
            refused += await _post(session, url, batch, write_key, note)
            done += len(batch)
            told(done, len(hits))
            await note()
    await asyncio.to_thread(run.note, done, refused, finished=True)


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


async def _post(
    session: aiohttp.ClientSession,
    url: str,
    batch: Sequence[Mended],
    write_key: str,
    note: Callable[[], Awaitable[None]],
) -> int:
    """Sends a batch, again where that can help; how many of it were bad again."""
    tracker = TRACKERS[batch[0].protocol]
    headers = {**batch[0].headers, **request_headers(tracker, write_key)}
    said = ""
    for pause in (*PAUSES, None):
        now = time.time_ns() // 1_000_000
        body = tracker.body([tracker.encode(hit.hit, hit.received_at, now) for hit in batch], now)
        try:
            async with session.post(f"{url}{tracker.path}", data=body, headers=headers) as answer:
                await answer.read()
                if answer.status == 401:
                    raise Problem("the collector does not know the write key", "give another one as --write-key")
                if answer.status < 500 and answer.status != 429:
                    return _refused(answer, len(batch))
                said = f"HTTP {answer.status}"
        except (aiohttp.ClientError, TimeoutError) as error:
            said = str(error) or type(error).__name__
        await note()
        if pause is not None:
            await asyncio.sleep(pause)
    raise Problem(
        f"the collector at {url} does not take what is sent ({said})",
        "see `make status`; then run this again: it goes on where it was",
    )


def _refused(answer: aiohttp.ClientResponse, hits: int) -> int:
    """How many became bad rows again."""
    if answer.status >= 400:
        return hits  # nothing of the request was taken
    text = answer.headers.get(BAD_ROWS_HEADER, "0")
    return min(int(text), hits) if text.isascii() and text.isdigit() else 0
