"""Hits that share a request, within what Google Analytics takes."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from pumper.hits import Hit

LARGEST_BATCH = 20  # hits, as Google Analytics takes them
LARGEST_BATCH_BYTES = 16_000  # Google's 16K, read as the smaller of its two meanings
_QUEUE_TIME_BYTES = 20  # "&qt=", up to 14 digits, the line end


class Batch(NamedTuple):
    """Hits of one lane, ready to be sent.

    first: the number of the first hit among all of the run. lines: the hits, without queue time. times: their epoch
    ms. repeated: how many have the id of an earlier hit. dues: the loop's time at which each should leave; empty when
    they leave as they come.
    """

    lane: int
    first: int
    lines: bytes
    times: list[int]
    repeated: int
    dues: list[float]


@dataclass(slots=True)
class Filling:
    """A batch that is being filled. `first` as in Batch. `most_bytes`: room for its hits and their queue times."""

    first: int
    most_bytes: int = LARGEST_BATCH_BYTES
    bodies: list[str] = field(default_factory=list)
    times: list[int] = field(default_factory=list)
    dues: list[float] = field(default_factory=list)
    repeated: int = 0
    bytes: int = 0

    def take(self, hits: Sequence[Hit], largest: int) -> int:
        """Adds hits, the first ones first, while the batch has room: `largest` hits at most. Gives how many it took."""
        bodies, times, size, before = self.bodies, self.times, self.bytes, len(self.bodies)
        for _, time, body, repeated in hits[: largest - before]:
            size += len(body) + _QUEUE_TIME_BYTES
            if size > self.most_bytes and bodies:
                break
            bodies.append(body)
            times.append(time)
            self.repeated += repeated
            self.bytes = size
        return len(bodies) - before

    def batch(self, lane: int) -> Batch:
        lines = "\n".join(self.bodies).encode()
        return Batch(lane, self.first, lines, self.times, self.repeated, self.dues)


def payload(batch: Batch, shift: int | None, now: int) -> bytes:
    """One hit a line. With a `shift`, ms to add to the dataset's times, each hit tells how long ago it happened.

    That is counted from `now`, epoch ms of this attempt, so that a late one tells the same time.
    """
    if shift is None:
        return batch.lines
    hits = zip(batch.lines.split(b"\n"), batch.times, strict=True)
    return b"\n".join([b"%b&qt=%d" % (hit, max(0, now - time - shift)) for hit, time in hits])
