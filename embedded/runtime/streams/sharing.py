"""A shard that several read, mappings and Firehose, is read once for all of them.

Each record that the emulator hands out costs it, and us, the reading and writing of its JSON. So what one reader was
given is kept until the others came to the same place and had it. Every reader asks by itself from time to time, so that
a right that its role does not have is still missed.
"""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVar
from weakref import WeakSet, WeakValueDictionary

from botocore.exceptions import ClientError

from embedded.runtime.streams.sources import Source
from embedded.runtime.wake import News, Wake

KEPT_BYTES = 16 * 1024 * 1024  # of a shard's answers, at most
TRUSTED_SECONDS = 60.0  # so long after it was allowed to read, a reader may have what another was given
KEPT_SECONDS = 10.0  # for one that has not come by then; it reads by itself
QUIET_SECONDS = 1.0  # so long a shard that was empty is taken for empty, where nothing is heard of it

# One that comes alone is read at once. Where there are more, a shard is read the less often the more there are, and for
# a tenth of the time at most: four applications each make a batch of what a read brings.
REST_SECONDS, REST_TIMES, LONGEST_REST_SECONDS = 0.02, 9.0, 0.25

T = TypeVar("T")


class Read:
    """What a reader finds at its place.

    raw: the records, as the stream hands them out. more: whether to read on at once; closed: whether the shard is at
    its end. heard: how often news of the stream had come before it was read.
    """

    def __init__(self, shard: str, raw: Sequence[dict[str, Any]], *, more: bool, closed: bool, heard: int) -> None:
        self.raw, self.more, self.closed, self.heard = raw, more, closed, heard
        self._shard = shard
        self._lock = threading.Lock()
        self._made: dict[Any, list[Any]] = {}

    def records(self, make: Callable[[dict[str, Any], str], T]) -> list[T]:
        """The records as `make` makes them, of each and its shard: once for all that want them so."""
        with self._lock:
            if make not in self._made:
                self._made[make] = [make(each, self._shard) for each in self.raw]
            return self._made[make]


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


@dataclass
class _Kept:
    """A read that is kept. size: its bytes. wanted: how many have not had it. until: by the monotonic clock."""

    read: Read
    size: int
    wanted: int
    until: float


class SharedShards:
    """The shards that are read now. Safe to use from several threads."""

    def __init__(self, wake: Wake) -> None:
        self._wake = wake
        self._lock = threading.Lock()
        self._shards: WeakValueDictionary[tuple[str, str], SharedShard] = WeakValueDictionary()

    def shard(self, source: Source, shard: str) -> "SharedShard":
        """A shard of a source, the same one for all that read it."""
        with self._lock:
            found = self._shards.get((source.arn, shard))
            if found is None:
                found = self._shards[source.arn, shard] = SharedShard(source, shard, self.news(source))
            return found

    def news(self, source: Source) -> News:
        """What is heard of a source."""
        return self._wake.news(*source.heard_of)


class SharedShard:
    """One shard of `source`, of which is heard by `news`. Safe to use from several threads."""

    def __init__(self, source: Source, shard: str, news: News) -> None:
        self.news = news
        self._source, self._shard = source, shard
        self._wire = source.wire()
        self._lock = threading.Lock()
        self._readers: WeakSet[Reader] = WeakSet()
        self._kept: dict[Place, _Kept] = {}
        self._kept_bytes = 0
        self._quiet: tuple[Place, Read, float] | None = None  # where nothing was found, until when it is taken for so
        self._next: tuple[Place, str] | None = None
        self._rested = 0.0

    def read(self, place: Place, reader: Reader) -> Read:
        """What comes after a place. Raises botocore's errors and NotTrusted."""
        place = place if place.after is None else Place(place.after, None)
        while True:
            with self._lock:
                self._readers.add(reader)
                now = time.monotonic()
                if now < reader.allowed and (found := self._found(place, now)):
                    return found
                rest = self._rested - now
                if rest <= 0:
                    read = self._ask(place, reader)
                    reader.allowed = time.monotonic() + TRUSTED_SECONDS
                    return read
            time.sleep(rest)  # others may have what is kept meanwhile

    def keeps(self, place: Place) -> bool:
        """Whether what comes after a place was read for another, and need not be asked for."""
        return place in self._kept

    def _found(self, place: Place, now: float) -> Read | None:
        """What another was given at this place."""
        if kept := self._kept.get(place):
            kept.wanted -= 1
            if not kept.wanted:
                self._drop(place)
            return kept.read
        if self._quiet:
            where, read, until = self._quiet
            if where == place and now < until and read.heard == self.news.count:
                return read
        return None

    def _ask(self, place: Place, reader: Reader) -> Read:
        """Asks the stream, once more where an iterator has expired, or where the stream keeps nothing so old as the
        place: then for the oldest that it has."""
        try:
            return self._asked(place, reader)
        except ClientError as error:
            match error.response.get("Error", {}).get("Code"):
                case "ExpiredIteratorException":
                    return self._asked(place, reader)
                case "TrimmedDataAccessException":
                    return self._asked(Place(None, None), reader)
                case _:
                    raise

    def _asked(self, place: Place, reader: Reader) -> Read:
        begun, heard = time.monotonic(), self.news.count
        tip, iterator = self._next or (place, None)
        self._next = self._quiet = None  # an iterator that failed is not used again
        answer = self._answer(place, iterator if tip == place else None, reader)
        raw, more, following = answer["Records"], self._source.has_more(answer), answer.get("NextShardIterator")
        if tip != place and (had := self._up_to(raw, tip)):  # one that comes from behind goes on with the others
            raw, more, following = had, True, iterator
        read = Read(self._shard, raw, more=more, closed=following is None, heard=heard)
        if following is not None:
            self._next = (Place(self._source.sequence(raw[-1]), None) if raw else place, following)
        now = time.monotonic()
        if not more:
            self._rested = now + min(max(REST_SECONDS * len(raw), REST_TIMES * (now - begun)), LONGEST_REST_SECONDS)
        if raw:
            self._keep(place, read, now)
        elif not more and not read.closed:
            self._quiet = (place, read, now + QUIET_SECONDS)
        return read

    def _answer(self, place: Place, iterator: str | None, reader: Reader) -> dict[str, Any]:
        if iterator is None:
            iterator = self._source.iterator(reader.client(), self._shard, place.after, place.since)
        return self._wire.call(reader.credentials(), "GetRecords", self._source.request(iterator))

    def _up_to(self, raw: Sequence[dict[str, Any]], place: Place) -> Sequence[dict[str, Any]] | None:
        """The records up to the last one that a reader at this place has, where there are such and others."""
        for count, each in enumerate(raw[:-1], 1):
            if self._source.sequence(each) == place.after:
                return raw[:count]
        return None

    def _keep(self, place: Place, read: Read, now: float) -> None:
        others = len(self._readers) - 1
        if others:
            if place in self._kept:
                self._drop(place)
            self._kept[place] = _Kept(read, self._wire.received, others, now + KEPT_SECONDS)
            self._kept_bytes += self._wire.received
        while self._kept:
            where, oldest = next(iter(self._kept.items()))
            if others and self._kept_bytes <= KEPT_BYTES and now < oldest.until:
                return
            self._drop(where)

    def _drop(self, place: Place) -> None:
        self._kept_bytes -= self._kept.pop(place).size
