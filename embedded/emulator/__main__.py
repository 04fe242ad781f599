"""Starts MiniStack, with its Kinesis housekeeping made to cost what it must.

At every request MiniStack goes through all records of the stream, and all iterators of the last minutes, to find those
that have expired. With 50,000 events in a stream that is most of its processor time: the stack slows down as it fills.
The two functions here do the same in time that does not grow. They stand in for private ones of the pinned version;
a test holds both to the originals, and where an original is missing MiniStack runs as it is.

Run by its folder (`python embedded/emulator`), so that the path it adds holds nothing that a function could import.
"""

import time
from bisect import bisect_left
from typing import Any

from ministack import app
from ministack.services import kinesis

ITERATOR_CHECK_SECONDS = 1.0


def expire_records(stream: dict[str, Any]) -> None:
    """Drops what is older than the stream's retention. A shard's records lie in the order of their arrival."""
    cutoff = time.time() - stream["RetentionPeriodHours"] * 3600
    for shard in stream["shards"].values():
        expired = bisect_left(shard["records"], cutoff, key=lambda record: record["ApproximateArrivalTimestamp"])
        if expired:
            shard["records"] = shard["records"][expired:]


class Occasionally:
    """Calls a function at most every so many seconds. Iterators last for minutes: a second more does no harm."""

    def __init__(self, function: Any, seconds: float) -> None:
        self.function, self.seconds, self.due = function, seconds, 0.0

    def __call__(self) -> None:
        if time.monotonic() >= self.due:
            self.due = time.monotonic() + self.seconds
            self.function()


def main() -> None:
    """Does not return before the emulator is stopped."""
    if hasattr(kinesis, "_expire_records") and hasattr(kinesis, "_expire_iterators"):
        kinesis._expire_records = expire_records
        kinesis._expire_iterators = Occasionally(kinesis._expire_iterators, ITERATOR_CHECK_SECONDS)
    app.main()


if __name__ == "__main__":
    main()
