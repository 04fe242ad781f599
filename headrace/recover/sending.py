"""Mended hits to the collector, over HTTP as their trackers would send them."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
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


def send(run: Run, collect_url: str, write_key: str, sent: Callable[[int, int], None]) -> int:
    """Sends what of a run has not been sent; how many of the whole run's hits were taken. sent: is told how far it is,
    of how many.

    Raises Problem where the collector does not take them: what is not noted as sent is sent by the next run.
    """
    parts = urlsplit(collect_url)
    return asyncio.run(_send(run, f"{parts.scheme}://{parts.netloc}", write_key, sent))


async def _send(run: Run, url: str, write_key: str, told: Callable[[int, int], None]) -> int:
    hits = run.hits()
    done, refused = run.progress.sent, run.progress.refused
    places = [place for place, hit in enumerate(hits) if hit and place >= done]
    left = iter(places)
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
        for batch in batches([hit for hit in hits[done:] if hit]):
            refused += await _post(session, url, batch, write_key, note)
            done = [next(left) for _ in batch][-1] + 1
            told(done, len(hits))
            await note()
    await asyncio.to_thread(run.note, done, refused, finished=True)
    return max(sum(hit is not None for hit in hits) - refused, 0)


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
            async with session.post(
                f"{url}{tracker.path}", data=body, headers=headers, allow_redirects=False
            ) as answer:
                await answer.read()
                if (refused := refusals(answer.status, answer.headers, len(batch))) is not None:
                    return refused
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


def refusals(status: int, headers: Mapping[str, str], hits: int) -> int | None:
    """How many hits became bad rows again; None where the same request may be taken later.

    Raises Problem where it was not the collector who refused: then nothing was kept of the request, nor counted.
    """
    if status == 401:
        raise Problem("the collector does not know the write key", "give another one as --write-key")
    if status >= 500 or status == 429:
        return None
    bad = headers.get(BAD_ROWS_HEADER, "0")
    bad = min(int(bad), hits) if bad.isascii() and bad.isdigit() else 0
    if status < 300:
        return bad
    if not bad:
        raise Problem(
            f"something before the collector refuses what is sent (HTTP {status})",
            "see which firewall, proxy or missing route does; then run this again: it goes on where it was",
        )
    return hits  # nothing of the request was taken
