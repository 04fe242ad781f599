"""The lines of a prefix that Firehose writes: the newest ones, and those that come.

Objects are named by time (`bad/YYYY/MM/DD/HH/<stream>-<version>-YYYY-MM-DD-HH-MM-SS-<random>`), so that the order of
names is that of delivery.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import chain, islice
from typing import Any

from headrace.hops.cloud import CONNECTIONS
from headrace.hops.objects import unzipped

# Of the newest names, kept to find what comes among them: two buffers of one second are delivered in any order.
REMEMBERED = 200


class ObjectsTail:
    """The lines under one prefix, each object's once. Raises botocore's errors."""

    def __init__(self, s3: Any, bucket: str, prefix: str) -> None:
        self._s3, self._bucket, self._prefix = s3, bucket, prefix
        self._after = prefix  # no name before it is looked at any more
        self._known: set[str] = set()

    def newest(self) -> Iterator[list[bytes]]:
        """Each object's lines, the newest object first. All that are there count as known, read or not."""
        names = self._newest_names(self._prefix)
        newest = list(islice(names, REMEMBERED))
        self._known = set(newest)
        if len(newest) == REMEMBERED:
            self._after = newest[-1]
        for name in chain(newest, names):
            yield self._lines(name)

    def read(self) -> list[bytes]:
        """The lines of objects that have come since the last time, in their order."""
        pages = self._s3.get_paginator("list_objects_v2").paginate(
            Bucket=self._bucket, Prefix=self._prefix, StartAfter=self._after
        )
        names = [one["Key"] for page in pages for one in page.get("Contents", [])]
        new = [name for name in names if name not in self._known]
        with ThreadPoolExecutor(CONNECTIONS) as readers:
            found = [line for lines in readers.map(self._lines, new) for line in lines]
        self._known.update(new)
        ordered = sorted(self._known)
        if len(ordered) > REMEMBERED:
            self._after, self._known = ordered[-REMEMBERED - 1], set(ordered[-REMEMBERED:])
        return found

    def _newest_names(self, folder: str) -> Iterator[str]:
        """Names under a folder, backwards: by the folders of years, months, days and hours, so that finding the newest
        of millions takes five calls."""
        pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=folder, Delimiter="/")
        names: list[str] = []
        folders: list[str] = []
        for page in pages:
            names += [one["Key"] for one in page.get("Contents", [])]
            folders += [one["Prefix"] for one in page.get("CommonPrefixes", [])]
        yield from sorted(names, reverse=True)
        for inner in sorted(folders, reverse=True):
            yield from self._newest_names(inner)

    def _lines(self, name: str) -> list[bytes]:
        try:
            body = self._s3.get_object(Bucket=self._bucket, Key=name)["Body"]
        except self._s3.exceptions.NoSuchKey:
            return []  # its days were over between listing and reading
        with body:
            return [line.rstrip(b"\r\n") for line in unzipped(body) if line.strip()]
