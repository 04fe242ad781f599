"""A Kinesis stream as a delivery stream's source: every shard is read to its end, and followed when it is split."""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from pybase64 import b64decode

from embedded.runtime.firehose.journal import Batch
from embedded.runtime.roles import NotTrusted, Roles
from embedded.runtime.streams.sharing import Place, Reader, SharedShard, SharedShards
from embedded.runtime.streams.sources import KinesisStream

GATHER_SECONDS = 0.25  # from one look at the stream to the next, at least
LOOK_SECONDS = 5.0  # between looks at a stream of which nothing is heard
FULL_SECONDS = 0.5  # between looks at whether there is room again
LIST_SECONDS = 20.0  # how soon a new shard is seen
RETRY_SECONDS = (0.5, 1, 2, 5, 10)
READS_A_TURN = 10  # of a shard, before the others have theirs

log = logging.getLogger(__name__)


class KinesisSource(threading.Thread):
    """Reads a stream with the rights of a role and hands each batch on, until it is stopped.

    Reading begins where `positions` (sequence numbers by shard) says, else with what was put since `since` (epoch
    seconds). While `may_read` says no, reading pauses.
    """

    def __init__(
        self,
        *,
        stream: str,
        role: str,
        source: str,
        roles: Roles,
        shards: SharedShards,
        since: float,
        positions: dict[str, str],
        accept: Callable[[Batch], None],
        may_read: Callable[[], bool],
    ) -> None:
        super().__init__(name=f"kinesis {stream.rpartition('/')[2]}", daemon=True)
        self._stream, self._role, self._source, self._roles = KinesisStream(stream), role, source, roles
        self._all_shards, self._news = shards, shards.news(self._stream)
        self._since, self._positions = since, positions
        self._accept, self._may_read = accept, may_read
        self._shards: dict[str, _Shard] = {}
        self._listed = float("-inf")
        self._ended = threading.Event()
        self.error: str | None = None

    def run(self) -> None:
        """Reads until stopped; an error is kept in `error`, and tried again after a pause."""
        failures = 0
        while not self._ended.is_set():
            begun = time.monotonic()
            try:
                self._turn()
                failures, self.error = 0, None
                pause = self._rest(begun)
            except (ClientError, BotoCoreError, NotTrusted) as error:
                self._roles.forget(self._role)
                pause = RETRY_SECONDS[min(failures, len(RETRY_SECONDS) - 1)]
                failures += 1
                self.error = str(error)
                self._listed = float("-inf")
                log.warning("can not read %s: %s", self._stream.arn, error)
            self._ended.wait(pause)

    def stop(self) -> None:
        """Ends reading; returns when it has ended."""
        self._ended.set()
        self._news.tell()
        if self.ident is not None:
            self.join()

    @property
    def behind_seconds(self) -> float:
        """The age of the last record that was read of a shard that has more; 0 where none has."""
        now = time.time()
        return max((now - each.arrived for each in list(self._shards.values()) if each.more), default=0.0)

    def _turn(self) -> None:
        """Reads all shards as far as they go."""
        if time.monotonic() - self._listed > LIST_SECONDS:
            self._list()
        for each in self._shards.values():
            if not each.ended:
                self._read(each)

    def _rest(self, begun: float) -> float:
        """Waits until there may be more. Returns the seconds that are left to the next turn."""
        if not self._may_read():
            return FULL_SECONDS
        if any(each.more for each in self._shards.values()) or self._listed < 0:
            return 0.0
        heard = min((each.heard for each in self._shards.values() if not each.ended), default=self._news.count)
        self._news.wait(heard, LOOK_SECONDS, self._ended.is_set)
        return max(0.0, GATHER_SECONDS - (time.monotonic() - begun))

    def _list(self) -> None:
        known = self._shards
        listed = self._stream.shards(self._client())
        self._shards = {each.id: known.get(each.id) or self._begun(each.id) for each in listed}
        for each in listed:
            self._shards[each.id].closed = each.closed
        self._listed = time.monotonic()

    def _begun(self, shard: str) -> "_Shard":
        place = Place(self._positions.get(shard), self._since)
        return _Shard(
            shard, self._all_shards.shard(self._stream, shard), Reader(self._client, self._credentials), place
        )

    def _read(self, shard: "_Shard") -> None:
        """Reads a shard as far as it goes, or for one turn."""
        for _ in range(READS_A_TURN):
            if self._ended.is_set() or not self._may_read():
                return
            closed = shard.closed
            if closed:
                shard.reader.allowed = 0.0  # where it ends is not taken from what another was given before
            read = shard.shared.read(shard.place, shard.reader)
            if read.raw:
                self._take(shard, read.raw)
            shard.heard, shard.ended = read.heard, read.closed or (closed and not read.raw)
            shard.more = not shard.ended and (read.more or closed or shard.shared.keeps(shard.place))
            if shard.ended:
                self._listed = float("-inf")  # its children are to be found
            if not shard.more:
                return

    def _take(self, shard: "_Shard", raw: Sequence[dict[str, Any]]) -> None:
        first, last = raw[0]["ApproximateArrivalTimestamp"], raw[-1]
        records = [b64decode(each["Data"]) for each in raw]
        self._accept(Batch(int(first * 1000), records, shard.name, last["SequenceNumber"]))
        shard.place, shard.arrived = Place(last["SequenceNumber"], None), last["ApproximateArrivalTimestamp"]
        self._positions[shard.name] = last["SequenceNumber"]

    def _client(self) -> Any:
        return self._roles.client("kinesis", self._role, self._source)

    def _credentials(self) -> Any:
        return self._roles.credentials(self._role, self._source)


@dataclass
class _Shard:
    """A shard that is read, and how far.

    arrived: of the last record, in epoch seconds. more: whether there is more to read at once; heard: see Read. closed:
    nothing is added to it any more; ended: and all of it was read.
    """

    name: str
    shared: SharedShard
    reader: Reader
    place: Place
    arrived: float = field(default_factory=time.time)
    more: bool = False
    heard: int = 0
    closed: bool = False
    ended: bool = False
