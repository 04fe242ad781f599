"""A shard that several mappings read is read once for all of them.

Each record that the emulator hands out costs it, and us, the reading and writing of its JSON. So what one reader was
given is kept for a while, for the others that come to the same place. Every reader asks by itself from time to time,
so that a right that its role does not have is still missed.
"""

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple
from weakref import WeakSet, WeakValueDictionary

from embedded.runtime.mappings.records import Record
from embedded.runtime.mappings.sources import Source
from embedded.runtime.wake import News

KEPT_BYTES = 16 * 1024 * 1024  # of a shard's records, at most
TRUSTED_SECONDS = 60.0  # so long after it was allowed to read, a reader may have what another was given

# One that comes alone is read at once. Where there are more, a shard is read the less often the more there are, and for
# a tenth of the time at most: four applications each make a batch of what a read brings.
REST_SECONDS, REST_TIMES, LONGEST_REST_SECONDS = 0.02, 9.0, 0.25


class Read(NamedTuple):
    """What a reader finds at its place. more: whether to read on at once; closed: whether the shard is at its end.

    heard: how often news of the stream had come before it was read.
    """

    records: list[Record]
    more: bool
    closed: bool
    heard: int


class Place(NamedTuple):
    """Where a reader is. after: the last sequence number it has; since: epoch seconds, where it has none."""

    after: str | None
    since: float | None


@dataclass(eq=False)
class Reader:
    """One that reads, with the rights of its role: makes a client, and signs. allowed: until when it need not ask."""

    client: Callable[[], Any]
    credentials: Callable[[], Any]
    allowed: float = 0.0


class SharedShards:
    """The shards that are read now. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._shards: WeakValueDictionary[tuple[str, str], SharedShard] = WeakValueDictionary()

    def shard(self, source: Source, shard: str, news: News) -> "SharedShard":
        """A shard of a source, the same one for all that read it."""
        with self._lock:
            found = self._shards.get((source.arn, shard))
            if found is None:
                found = self._shards[source.arn, shard] = SharedShard(source, shard, news)
            return found


class SharedShard:
    """One shard of `source`. Safe to use from several threads."""

    def __init__(self, source: Source, shard: str, news: News) -> None:
        self._source, self._shard, self._news = source, shard, news
        self._wire = source.wire()
        self._lock = threading.Lock()
        self._readers: WeakSet[Reader] = WeakSet()
        self._kept: deque[tuple[str, Read, int]] = deque()  # after which sequence number; what was read; its bytes
        self._kept_bytes = 0
        self._next: tuple[Place, str] | None = None
        self._rested = 0.0

    def read(self, place: Place, reader: Reader) -> Read:
        """What comes after a place. Raises botocore's errors and NotTrusted."""
        with self._lock:
            self._readers.add(reader)
            if time.monotonic() < reader.allowed:
                for after, read, _ in self._kept:
                    if after == place.after:
                        return read
            time.sleep(max(0.0, self._rested - time.monotonic()))
            read = self._ask(place, reader)
            reader.allowed = time.monotonic() + TRUSTED_SECONDS
            return read

    def _ask(self, place: Place, reader: Reader) -> Read:
        begun, heard = time.monotonic(), self._news.count
        place = place if place.after is None else Place(place.after, None)
        iterator = self._next[1] if self._next and self._next[0] == place else None
        self._next = None  # an iterator that failed is not used again
        if iterator is None:
            iterator = self._source.iterator(reader.client(), self._shard, place.after, place.since)
        answer = self._wire.call(reader.credentials(), "GetRecords", self._source.request(iterator))
        records = [self._source.record(raw, self._shard) for raw in answer["Records"]]
        following = answer.get("NextShardIterator")
        read = Read(records, self._source.has_more(answer), following is None, heard)
        if following is not None:
            self._next = (Place(records[-1].sequence, None) if records else place, following)
        if records:
            self._keep(place, read)
            if not read.more:
                rest = max(REST_SECONDS * len(records), REST_TIMES * (time.monotonic() - begun))
                self._rested = time.monotonic() + min(rest, LONGEST_REST_SECONDS)
        return read

    def _keep(self, place: Place, read: Read) -> None:
        shared = len(self._readers) > 1
        if shared and place.after is not None:
            size = sum(len(each.encoded) for each in read.records)
            self._kept.append((place.after, read, size))
            self._kept_bytes += size
        while self._kept and (self._kept_bytes > KEPT_BYTES or not shared):
            self._kept_bytes -= self._kept.popleft()[2]
