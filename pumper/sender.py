"""One batch of hits to the collector, as often as it takes within reason."""

import asyncio
import socket
import time

from pumper.attempts import ATTEMPTS, Answer, count, stopped_after
from pumper.batches import Batch, payload
from pumper.connection import Connection
from pumper.tally import Tally

TIMEOUT = 30.0  # seconds a request: an HTTP API answers within 30 or with 503
BAD_ROWS_HEADER = "x-headrace-bad-rows"

_HEADERS = {"Content-Type": "application/x-www-form-urlencoded", "User-Agent": "headrace-pumper"}


class CollectorSender:
    """Posts batches one after another, as `payload` makes them. `stopping` ends waiting between attempts."""

    def __init__(self, url: str, *, shift: int | None, tally: Tally, stopping: asyncio.Event) -> None:
        self._connection = Connection(url, _HEADERS)
        self._shift, self._tally, self._stopping = shift, tally, stopping

    def close(self) -> None:
        self._connection.close()

    async def send(self, batch: Batch) -> Answer | None:
        """Sends and counts a batch. None when it was given up because the run is stopping."""
        hits = len(batch.times)
        loop = asyncio.get_running_loop()
        begun = loop.time()
        for attempt in range(ATTEMPTS):
            status, bad_rows, retry_after = await self._attempt(batch)
            if status is not None and not _worth_retrying(status):
                answer = _answer(status, hits, bad_rows)
                count(self._tally, batch, answer, begun, loop.time())
                return answer
            if attempt == ATTEMPTS - 1:
                break
            if await stopped_after(attempt, self._stopping, retry_after):
                return None
            self._tally.retried += hits
        answer = Answer(0, 0, hits)
        count(self._tally, batch, answer, begun, loop.time())
        return answer

    async def _attempt(self, batch: Batch) -> tuple[int | None, int, float]:
        """Status (None when there was no answer), bad rows the collector told of, seconds it asks to wait."""
        body = payload(batch, self._shift, time.time_ns() // 1_000_000)
        self._tally.requests += 1
        self._tally.bytes += len(body)
        try:
            async with asyncio.timeout(TIMEOUT):
                status, headers = await self._connection.post(body)
        except OSError as error:  # a TimeoutError too
            self._tally.statuses[_name(error)] += 1
            return None, 0, 0.0
        self._tally.statuses[str(status)] += 1
        return status, _number(headers.get(BAD_ROWS_HEADER)), _number(headers.get("retry-after"))


def _worth_retrying(status: int) -> bool:
    return status >= 500 or status in (408, 429)


def _answer(status: int, count: int, bad_rows: int) -> Answer:
    if not 200 <= status < 300:
        return Answer(0, count, 0)
    bad_rows = min(bad_rows, count)
    return Answer(count - bad_rows, bad_rows, 0)


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() else 0


def _name(error: OSError) -> str:
    if isinstance(error, TimeoutError):
        return "timeout"
    return "not connected" if isinstance(error, (ConnectionRefusedError, socket.gaierror)) else "connection lost"
