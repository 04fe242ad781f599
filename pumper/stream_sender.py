"""One batch of hits to a Kinesis stream, as often as it takes within reason.

PutRecords may refuse single records: those alone are put again. A hit of several records counts as accepted when the
stream has all of them. A record that was refused arrives after later ones of its client that were not: so it is with
PutRecords, whoever calls it.
"""

import asyncio
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from typing import Protocol

from pumper.attempts import ATTEMPTS, Answer, count, stopped_after
from pumper.batches import Batch
from pumper.stream_records import Record, SpellTime, stamped
from pumper.tally import Tally

MOST_RECORDS = 500  # a PutRecords call (Amazon Kinesis Data Streams quotas)
MOST_BYTES = 5 * 1024 * 1024  # a PutRecords call, partition keys included

_Numbered = tuple[int, Record]
"""The number of the record's hit in the batch, and the record."""


class Gone(Exception):
    """The stream can not be put to, and another attempt would not change that."""


class Stream(Protocol):
    """Where records go. `check` raises Problem when it is not there; source: the setting that makes it. `put` tells for
    each record of one call the code with which it was refused, "" where it was not, or raises Gone."""

    name: str

    def check(self, stack: str, source: str) -> None: ...
    def put(self, records: Sequence[Record]) -> list[str]: ...


class StreamSender:
    """Puts batches one after another, in a thread of `threads`. `stopping` ends waiting between attempts."""

    def __init__(
        self,
        stream: Stream,
        spell: SpellTime,
        threads: Executor,
        *,
        shift: int | None,
        tally: Tally,
        stopping: asyncio.Event,
    ) -> None:
        self._stream, self._spell, self._threads = stream, spell, threads
        self._shift, self._tally, self._stopping = shift, tally, stopping

    def close(self) -> None:
        """Nothing is kept open for one lane alone."""

    async def send(self, batch: Batch) -> Answer | None:
        """Sends and counts a batch. None when it was given up because the run is stopping."""
        loop = asyncio.get_running_loop()
        begun = loop.time()
        hits = stamped(batch, self._shift, time.time_ns() // 1_000_000, self._spell)
        left = [(number, record) for number, records in enumerate(hits) for record in records]
        for attempt in range(ATTEMPTS):
            left, worth_retrying = await loop.run_in_executor(self._threads, self._put_all, left)
            if not left or not worth_retrying or attempt == ATTEMPTS - 1:
                break
            if await stopped_after(attempt, self._stopping):
                return None
            self._tally.retried += len({number for number, _ in left})
        lost = len({number for number, _ in left})
        answer = Answer(len(batch.times) - lost, 0, lost)
        count(self._tally, batch, answer, begun, loop.time())
        return answer

    def _put_all(self, records: list[_Numbered]) -> tuple[list[_Numbered], bool]:
        """Puts records; gives those that the stream has not taken, and whether it may take them later."""
        tally, left = self._tally, list[_Numbered]()
        for at, call in _calls(records):
            tally.requests += 1
            tally.bytes += sum(len(record.data) for _, record in call)
            try:
                codes = self._stream.put([record for _, record in call])
            except Gone as error:
                tally.statuses[str(error)] += 1
                return left + records[at:], False
            refused = [(one, code) for one, code in zip(call, codes, strict=True) if code]
            for status in {code for _, code in refused} or {"200"}:
                tally.statuses[status] += 1
            left += [one for one, _ in refused]
        return left, True


def _calls(records: list[_Numbered]) -> Iterator[tuple[int, list[_Numbered]]]:
    """The records in calls of a size that PutRecords takes, each with the place where it begins."""
    begin = size = 0
    for at, (_, record) in enumerate(records):
        share = len(record.data) + len(record.key)
        if at > begin and (at - begin == MOST_RECORDS or size + share > MOST_BYTES):
            yield begin, records[begin:at]
            begin, size = at, 0
        size += share
    if records:
        yield begin, records[begin:]
