"""Good and bad rows of a stack: the newest, then those that come.

Good rows are read from the stream, where they are within milliseconds; a stack without one has them in S3, as all have
their bad rows: once Firehose has delivered them.
"""

import time
from collections.abc import Callable, Mapping
from typing import Any

from headrace.events.objects import ObjectsTail
from headrace.events.rows import Row, bad_row, good_row
from headrace.events.stream import StreamTail
from headrace.hops.cloud import Cloud
from headrace.hops.stream import PAUSE_SECONDS

MOST_LOOKED_THROUGH = 20_000  # lines of either kind, for rows of long ago that a filter lets through

# Between the newest row in S3 and the stream: shards are not delivered at the very same moment.
OVERLAP_SECONDS = 5.0

# How often somebody may ask. A shard answers GetRecords five times a second, to all its readers together (see also
# PAUSE_SECONDS); listing a bucket costs money on AWS.
STREAM_SECONDS = {"embedded": 0.5, "aws": 1.0}
OBJECTS_SECONDS = {"embedded": 0.5, "aws": 5.0}


class Feed:
    """Reads a stack's rows. wanted: kinds of rows to read, None for both. Raises botocore's errors."""

    def __init__(self, cloud: Cloud, published: Mapping[str, Any], good: bool | None = None) -> None:
        where = "embedded" if cloud.embedded else "aws"
        self.pause = STREAM_SECONDS[where]
        self._pages_pause = PAUSE_SECONDS[where]
        self._objects_seconds = OBJECTS_SECONDS[where]
        self._looked = float("-inf")
        s3, bucket = cloud.client("s3"), published["bucket"]
        self._kinesis, self._stream_name = cloud.client("kinesis"), published.get("events_stream")
        self._stream: StreamTail | None = None
        self._raw = ObjectsTail(s3, bucket, "raw/") if good is not False else None
        self._bad = ObjectsTail(s3, bucket, "bad/") if good is not True else None

    def newest(self, count: int, holds: Callable[[Row], bool]) -> list[Row]:
        """The last rows so far that the filter holds, in the order in which they were received. To be called first."""
        delivered, until = _newest(self._raw, good_row, count, holds)
        found = [*delivered, *_newest(self._bad, bad_row, count, holds)[0]]
        if self._raw and self._stream_name:
            since = max(until / 1000 - OVERLAP_SECONDS, 0.0)
            self._stream = StreamTail(self._kinesis, self._stream_name, since, self._pages_pause)
            known = {row.line for row in delivered}
            found += [row for line in self._stream.read() if line not in known and holds(row := good_row(line))]
        found.sort(key=lambda row: row.received_at)
        return found[-count:] if count else []

    def new(self) -> list[Row]:
        """The rows that have come since the last time."""
        rows = [good_row(line) for line in self._stream.read()] if self._stream else []
        if time.monotonic() - self._looked >= self._objects_seconds:
            self._looked = time.monotonic()
            if self._raw and not self._stream:
                rows += map(good_row, self._raw.read())
            if self._bad:
                rows += map(bad_row, self._bad.read())
        return sorted(rows, key=lambda row: row.received_at)


def _newest(
    tail: ObjectsTail | None, read: Callable[[bytes], Row], count: int, holds: Callable[[Row], bool]
) -> tuple[list[Row], int]:
    """The newest rows of a prefix that the filter holds, in their order, looked for within reason; and when the newest
    row of all was received, epoch ms, 0 without one."""
    found: list[Row] = []
    looked = until = 0
    for lines in tail.newest() if tail else ():
        for line in reversed(lines):
            row = read(line)
            until = max(until, row.received_at)
            looked += 1
            if holds(row):
                found.append(row)
            if len(found) >= count or looked >= MOST_LOOKED_THROUGH:
                return found[::-1], until
    return found[::-1], until
