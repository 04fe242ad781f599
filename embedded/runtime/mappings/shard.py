"""Reads one shard and hands its records to lanes, which keep the order of each key."""

import logging
import threading
import time
import zlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from embedded.runtime.mappings.checkpoints import Checkpoints
from embedded.runtime.mappings.filters import passes
from embedded.runtime.mappings.lane import Lane, Tally
from embedded.runtime.mappings.progress import Progress
from embedded.runtime.mappings.records import Record, record
from embedded.runtime.mappings.retrying import pause
from embedded.runtime.mappings.sources import Source
from embedded.runtime.roles import NotTrusted

LOOK_SECONDS = 5.0  # between looks at a shard of which nothing is heard
REST_SECONDS = 0.02  # between two reads that find something: under steady traffic several records make a batch
AHEAD_RECORDS, AHEAD_BYTES = 20_000, 64 * 1024 * 1024  # read and not yet processed, at most

log = logging.getLogger(__name__)


class ShardReader(threading.Thread):
    """One shard of one mapping, until it is stopped, or the shard is closed and done (`finished`).

    client, credentials: with the rights of the function's role, whose ARN `role` gives. news: set when the stream
    has something new.
    """

    def __init__(
        self,
        shard: str,
        source: Source,
        *,
        client: Callable[[], Any],
        credentials: Callable[[], Any],
        role: Callable[[], str],
        denied: Callable[[], None],
        lanes: Sequence[Lane],
        patterns: Sequence[Mapping[str, Any]],
        checkpoints: Checkpoints,
        news: threading.Event,
        tally: Tally,
    ) -> None:
        super().__init__(name=f"shard {shard}", daemon=True)
        self.shard = shard
        self.finished = False
        self.closed = False
        self._source, self._client, self._credentials = source, client, credentials
        self._role, self._denied = role, denied
        self._wire = source.wire()
        self._lanes, self._patterns = lanes, patterns
        self._checkpoints, self._news, self._tally = checkpoints, news, tally
        self._progress = Progress()
        self._ahead_bytes = 0
        self._room = threading.Condition()
        self._ended = threading.Event()
        self._read_to, self._since = checkpoints.position(shard)

    def run(self) -> None:
        """Reads until stopped; an error is kept in the tally, and tried again after a pause."""
        for lane in self._lanes:
            lane.start()
        iterator: str | None = None
        failures = 0
        while not self._ended.is_set() and not self.finished:
            try:
                self._news.clear()
                if iterator is None:
                    iterator = self._source.iterator(self._client(), self.shard, self._read_to, self._since)
                read = time.monotonic()
                answer = self._wire.call(self._credentials(), "GetRecords", self._source.request(iterator))
                found, iterator = answer["Records"], answer.get("NextShardIterator")
                if failures:
                    failures, self._tally.error = 0, None
                if found:
                    self._take(found)
                if iterator is None or (self.closed and not found):
                    self._finish_when_done()
                elif self._source.has_more(answer):
                    continue
                elif self._news.wait(LOOK_SECONDS) and found:
                    self._ended.wait(max(0.0, REST_SECONDS - (time.monotonic() - read)))
            except (ClientError, BotoCoreError, NotTrusted) as error:
                iterator = None  # perhaps expired: begin again behind what was read
                if _code(error) in ("ExpiredIteratorException", "TrimmedDataAccessException") and not failures:
                    failures = 1
                    self._forget_trimmed(error)
                    continue
                self._denied()
                self._tally.error = str(error)
                log.warning("can not read %s of %s: %s", self.shard, self._source.arn, error)
                self._ended.wait(pause(failures))
                failures += 1

    def stop(self) -> None:
        """Ends; returns when the invocations under way are over."""
        self._ended.set()
        self._news.set()
        for lane in self._lanes:
            lane.end()
        with self._room:
            self._room.notify()
        for thread in (self, *self._lanes):
            if thread.ident is not None:
                thread.join()

    @property
    def behind_seconds(self) -> float:
        """The age of the oldest record that is not processed; 0 without one."""
        with self._room:
            oldest = self._progress.oldest
        return max(0.0, time.time() - oldest.arrived) if oldest else 0.0

    def done(self, records: Sequence[Record]) -> None:
        """Takes note of processed records, which may free the way for more."""
        with self._room:
            reached = self._progress.done(records)
            self._ahead_bytes -= sum(len(each.encoded) for each in records)
            if reached is not None:
                self._checkpoints.advance(self.shard, reached)
            self._room.notify()

    def _take(self, found: list[dict[str, Any]]) -> None:
        events = [self._source.event(raw, self.shard, self._role()) for raw in found]
        records = [record(event) for event in events]
        wanted = {
            each.sequence
            for event, each in zip(events, records, strict=True)
            if passes(event, self._patterns) and (self._since is None or each.arrived >= int(self._since))
        }
        with self._room:
            self._progress.taken(records)
            self._ahead_bytes += sum(len(each.encoded) for each in records)
        for number, lane in enumerate(self._lanes):
            mine = [each for each in records if each.sequence in wanted and self._lane(each.key) == number]
            if mine:
                lane.add(mine)
        self._read_to = records[-1].sequence
        if unwanted := [each for each in records if each.sequence not in wanted]:
            self.done(unwanted)
        with self._room:
            self._room.wait_for(lambda: self._ended.is_set() or not self._full())

    def _lane(self, key: str) -> int:
        return zlib.crc32(key.encode()) % len(self._lanes)

    def _full(self) -> bool:
        return len(self._progress) > AHEAD_RECORDS or self._ahead_bytes > AHEAD_BYTES

    def _finish_when_done(self) -> None:
        with self._room:
            if self._room.wait_for(lambda: self._ended.is_set() or not len(self._progress), LOOK_SECONDS):
                self.finished = not self._ended.is_set()
        if self.finished:
            self._checkpoints.end(self.shard)

    def _forget_trimmed(self, error: Exception) -> None:
        if _code(error) == "TrimmedDataAccessException":
            self._read_to = None  # the stream keeps nothing so old: go on with the oldest that it has


def _code(error: Exception) -> str:
    return error.response["Error"]["Code"] if isinstance(error, ClientError) else ""
