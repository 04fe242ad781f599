"""All hops of one stack, counted together and again, until nothing is on its way any more."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from headrace.hops.cloud import Cloud
from headrace.hops.objects import Lines, Prefix, reason, spill_target
from headrace.hops.pumps import Pumped, read_pumps
from headrace.hops.stream import Stream
from headrace.hops.tables import Loaded, count_loaded
from headrace.warehouse import Place


@dataclass(frozen=True, kw_only=True)
class Streamed:
    """The Kinesis stream. complete: False when it lacks delivered events: they expired, or it was replaced."""

    records: int
    pumped: int
    complete: bool = True


@dataclass(frozen=True, kw_only=True)
class Counts:
    """Events at each hop. stream: None without one; loaded: None without a warehouse."""

    pumped: Pumped
    bad: Lines
    spilled: Lines
    stream: Streamed | None
    delivered: Lines
    undeliverable: int
    """Objects under `errors/`."""
    loaded: Loaded | None

    @property
    def collected(self) -> int:
        """The pumper's events that the first store behind the collector holds."""
        return self.stream.pumped if self.stream else self.delivered.pumped

    @property
    def missing(self) -> dict[str, int]:
        """How many each hop lacks of what the one before it has, where it lacks any."""
        waiting = self.spilled.kinds
        lacking: Counter[str] = Counter()
        if self.stream is None or self.stream.complete:
            lacking["collected"] = self.pumped.accepted - self.collected - waiting["events"]
            if self.stream is None:
                lacking["collected"] -= self.delivered.forgotten
        lacking["bad rows"] = self.pumped.rejected - self.bad.pumped - self.bad.forgotten - waiting["bad"]
        if self.stream and self.stream.complete:
            lacking["delivered"] = self.stream.records - self.delivered.lines - self.delivered.forgotten
        if self.loaded:
            lacking["loaded"] = self.delivered.lines - self.loaded.rows - self.loaded.refused
        lacking["spilled"] = self.spilled.lines
        return {hop: count for hop, count in lacking.items() if count > 0}


class Hops:
    """Counts a stack's hops; what has been read once is not read again."""

    def __init__(self, stack: str, folder: Path, published: dict[str, Any], place: Place | None) -> None:
        """place: the warehouse, None for a stack without one."""
        cloud = Cloud(stack)
        s3, bucket = cloud.client("s3"), published["bucket"]
        self._folder, self._place = folder, place
        self._raw = Prefix(s3, bucket, "raw/")
        self._bad = Prefix(s3, bucket, "bad/", reason)
        self._spilled = Prefix(s3, bucket, "spill/", spill_target)
        self._errors = Prefix(s3, bucket, "errors/")
        stream = published.get("events_stream")
        self._stream = Stream(cloud.client("kinesis"), stream) if stream else None

    def count(self) -> Counts:
        # From the last hop to the first, so that an event that moves on meanwhile is missing nowhere for long and
        # never seems to have come out of nothing.
        loaded = count_loaded(self._place, self._folder) if self._place else None
        delivered = self._raw.count()
        return Counts(
            loaded=loaded,
            delivered=delivered,
            bad=self._bad.count(),
            undeliverable=self._errors.count().objects,
            stream=self._streamed(delivered),
            spilled=self._spilled.count(),
            pumped=read_pumps(self._folder),
        )

    def _streamed(self, delivered: Lines) -> Streamed | None:
        if self._stream is None:
            return None
        records, pumped = self._stream.count()
        begins = self._stream.reaches_back_to().replace(microsecond=0)  # S3 tells an object's time in whole seconds
        complete = delivered.oldest is None or delivered.oldest >= begins
        return Streamed(records=records, pumped=pumped, complete=complete)
