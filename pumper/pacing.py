"""When each hit is to be sent, for runs that do not send as fast as they can."""

from typing import Protocol


class Pace(Protocol):
    """`due`: the loop's time, in seconds, at which a hit should leave.

    `number`: of the hit in this run, counted from 0. `timestamp`: its time in the dataset, epoch milliseconds.
    """

    def due(self, *, number: int, timestamp: int, now: float) -> float: ...


class AtRate:
    """So many hits a second whatever the collector does: an open loop, in which a stall shows as latency."""

    def __init__(self, hits_a_second: float) -> None:
        self._interval = 1 / hits_a_second
        self._start: float | None = None

    def due(self, *, number: int, timestamp: int, now: float) -> float:  # noqa: ARG002 - the other pace's
        if self._start is None:
            self._start = now - number * self._interval
        return self._start + number * self._interval


class Replay:
    """The original gaps, `speedup` times shorter."""

    def __init__(self, speedup: float) -> None:
        self._speedup = speedup
        self._start: float | None = None

    def due(self, *, number: int, timestamp: int, now: float) -> float:  # noqa: ARG002 - the other pace's
        played = timestamp / 1000 / self._speedup
        if self._start is None:
            self._start = now - played
        return self._start + played
