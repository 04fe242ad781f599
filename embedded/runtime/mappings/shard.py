"""Reads one shard and hands its records to lanes, which keep the order of each key."""

import logging
import threading
import time
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import orjson
from botocore.exceptions import BotoCoreError, ClientError

from embedded.runtime.mappings.checkpoints import Checkpoints
from embedded.runtime.mappings.filters import passes
from embedded.runtime.mappings.lane import Lane, Tally
from embedded.runtime.mappings.progress import Progress
from embedded.runtime.mappings.records import Record, size
from embedded.runtime.mappings.retrying import pause
from embedded.runtime.roles import NotTrusted
from embedded.runtime.streams.sharing import Place, Reader, SharedShard

LOOK_SECONDS = 5.0  # between looks at a shard of which nothing is heard
AHEAD_RECORDS, AHEAD_BYTES = 20_000, 64 * 1024 * 1024  # read and not yet processed, at most

log = logging.getLogger(__name__)


class ShardReader(threading.Thread):
    """One shard of one mapping, until it is stopped, or the shard is closed and done (`finished`).

    shared: the shard, as all read it, with the rights of `reader`. record: makes one of what the stream hands out. end:
    of each record's JSON.
    """

    def __init__(
        self,
        shard: str,
        shared: SharedShard,
        reader: Reader,
        *,
        record: Callable[[dict[str, Any], str], Record],
        end: Callable[[], bytes],
        denied: Callable[[], None],
        lanes: Sequence[Lane],
        patterns: Sequence[Mapping[str, Any]],
        checkpoints: Checkpoints,
        tally: Tally,
    ) -> None:
        super().__init__(name=f"shard {shard}", daemon=True)
        self.shard = shard
        self.finished = False
        self.closed = False
        self._shared, self._reader = shared, reader
        self._record, self._end, self._denied = record, end, denied
        self._lanes, self._patterns = lanes, patterns
        self._checkpoints, self._tally = checkpoints, tally
        self._progress = Progress()
        self._ahead_bytes = 0
        self._room = threading.Condition()
        self._ended = threading.Event()
        self._place = Place(*checkpoints.position(shard))

    def run(self) -> None:
        """Reads until stopped; an error is kept in the tally, and tried again after a pause."""
        for lane in self._lanes:
            lane.start()
        failures = 0
        while not self._ended.is_set() and not self.finished:
            try:
                closed = self.closed
                if closed:
                    self._reader.allowed = 0.0  # where it ends is not taken from what another was given before
                read = self._shared.read(self._place, self._reader)
                if failures:
                    failures, self._tally.error = 0, None
                if read.raw:
                    self._take(read.records(self._record))
                if read.closed or (closed and not read.raw):
                    self._finish_when_done()
                elif not read.more and not closed:
                    self._shared.news.wait(read.heard, LOOK_SECONDS, self._ended.is_set)
            except (ClientError, BotoCoreError, NotTrusted) as error:
                self._denied()
                self._tally.error = str(error)
                log.warning("%s: can not read: %s", self._lanes[0].name, error)
                self._ended.wait(pause(failures))
                failures += 1

    def stop(self) -> None:
        """Ends; returns when the invocations under way are over."""
        self._ended.set()
        self._shared.news.tell()
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
            self._ahead_bytes -= size(records)
            if reached is not None:
                self._checkpoints.advance(self.shard, reached)
            self._room.notify()

    def _take(self, records: list[Record]) -> None:
        end, before = self._end(), self._place
        wanted, unwanted = self._sorted(records, end, before.since)
        with self._room:
            self._progress.taken(records)
            self._ahead_bytes += size(records)
        for lane, mine in self._by_lane(wanted):
            lane.add(mine, end)
        self._place = before._replace(after=records[-1].sequence)
        if unwanted:
            self.done(unwanted)
        with self._room:
            self._room.wait_for(lambda: self._ended.is_set() or not self._full())

    def _sorted(self, records: list[Record], end: bytes, since: float | None) -> tuple[list[Record], list[Record]]:
        """Those that the function gets, and those that it does not want or that came too early for it."""
        if not self._patterns and (since is None or records[0].arrived >= int(since)):  # they lie as they arrived
            return records, []
        wanted: list[Record] = []
        unwanted: list[Record] = []
        for each in records:
            late = since is None or each.arrived >= int(since)
            passed = late and (not self._patterns or passes(orjson.loads(each.encoded + end), self._patterns))
            (wanted if passed else unwanted).append(each)
        return wanted, unwanted

    def _by_lane(self, records: list[Record]) -> Iterable[tuple[Lane, list[Record]]]:
        if len(self._lanes) == 1:
            return [(self._lanes[0], records)] if records else []
        mine: dict[int, list[Record]] = {}
        for each in records:
            mine.setdefault(zlib.crc32(each.key.encode()) % len(self._lanes), []).append(each)
        return [(self._lanes[number], found) for number, found in mine.items()]

    def _full(self) -> bool:
        return len(self._progress) > AHEAD_RECORDS or self._ahead_bytes > AHEAD_BYTES

    def _finish_when_done(self) -> None:
        with self._room:
            if self._room.wait_for(lambda: self._ended.is_set() or not len(self._progress), LOOK_SECONDS):
                self.finished = not self._ended.is_set()
        if self.finished:
            self._checkpoints.end(self.shard)
