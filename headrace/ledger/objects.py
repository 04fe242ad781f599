"""What lies in the stack's bucket, read into the book line by line: events, bad rows, what waits in spill/."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from headrace.hops.cloud import CONNECTIONS
from headrace.hops.objects import unzipped
from headrace.ledger.book import Book
from headrace.ledger.logs import request_key

# A row to keep of a line: (received_at, request, event or reason). None for a line that is not ours to count.
Row = tuple[int, str, str]
EVENTS, BAD = PREFIXES = "raw/", "bad/"
AT_ONCE_OBJECTS = 64
AT_ONCE_BYTES = 8_000_000  # as they are stored, which is gzipped
CLOCKS_DIFFER = timedelta(hours=1)


@dataclass
class Read:
    """An object's lines. unreadable: those that no collector wrote."""

    name: str
    etag: str
    written_at: int
    rows: list[Row] = field(default_factory=list)
    unreadable: int = 0


class Bucket:
    """Reads each object once; what is gone since, or was written anew, is forgotten. Raises botocore's errors."""

    def __init__(self, s3: Any, bucket: str, book: Book) -> None:
        self._s3, self._bucket, self._book = s3, bucket, book

    def read_events(self, since: int) -> None:
        """since: epoch ms; objects of earlier hours are left alone."""
        self._read_new(EVENTS, since, "lines", event_of)

    def read_bad_rows(self, since: int) -> None:
        self._read_new(BAD, since, "bad_lines", bad_row_of)

    def read_spilled(self) -> None:
        """All that waits there now; it is little, or gone soon."""
        rows: list[tuple[str, int, str, str, int]] = []
        for listed in self._listed("spill/", ""):
            written_at = _written_at(listed)
            rows += [(*row, written_at) for row in self._spilled(listed["Key"])]
        with self._book.at_once():
            self._book.clear("spilled")
            self._book.add("spilled", rows)

    def _read_new(self, prefix: str, since: int, table: str, row_of: Callable[[bytes], Row | None]) -> None:
        first = first_folder(prefix, since)
        known = dict(
            self._book.rows("select name, etag from objects where name >= ? and name < ?", [first, f"{prefix}~"])
        )
        listed = {one["Key"]: one for one in self._listed(prefix, first)}
        changed = [name for name, etag in known.items() if name not in listed or listed[name]["ETag"] != etag]
        new = [one for name, one in listed.items() if known.get(name) != one["ETag"]]
        with self._book.at_once():
            self._book.forget_objects(changed)
        with ThreadPoolExecutor(CONNECTIONS) as readers:
            for some in _chunks(new):
                read = [one for one in readers.map(lambda one: self._read(one, row_of), some) if one]
                with self._book.at_once():
                    self._book.add("objects", [(one.name, one.etag, one.written_at, one.unreadable) for one in read])
                    self._book.add(table, [(one.name, *row) for one in read for row in one.rows])

    def _listed(self, prefix: str, after: str) -> Iterator[dict[str, Any]]:
        pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=prefix, StartAfter=after)
        for page in pages:
            yield from page.get("Contents", [])

    def _lines(self, name: str) -> Iterator[bytes]:
        """Raises NoSuchKey where it is gone meanwhile."""
        body = self._s3.get_object(Bucket=self._bucket, Key=name)["Body"]
        with body:
            yield from (line for line in unzipped(body) if line.strip())

    def _read(self, listed: dict[str, Any], row_of: Callable[[bytes], Row | None]) -> Read | None:
        read = Read(listed["Key"], listed["ETag"], _written_at(listed))
        try:
            for line in self._lines(read.name):
                try:
                    row = row_of(line)
                except (ValueError, KeyError, TypeError, AttributeError):
                    read.unreadable += 1
                    continue
                if row is not None:
                    read.rows.append(row)
        except self._s3.exceptions.NoSuchKey:
            return None
        return read

    def _spilled(self, name: str) -> list[tuple[str, int, str, str]]:
        """An object that is gone meanwhile was put again; what nobody can read, the function `reingest` tells of."""
        rows: list[tuple[str, int, str, str]] = []
        try:
            for line in self._lines(name):
                item = orjson.loads(line)
                row = (event_of if item["target"] == "events" else bad_row_of)(item["data"].encode())
                if row is not None:
                    rows.append((item["target"], *row))
        except self._s3.exceptions.NoSuchKey:
            return []
        except (ValueError, KeyError, TypeError, AttributeError):
            return rows
        return rows


def _chunks(listed: list[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    """As many objects as may be in memory at once, at least one."""
    some: list[dict[str, Any]] = []
    for one in listed:
        some.append(one)
        if len(some) == AT_ONCE_OBJECTS or sum(each["Size"] for each in some) >= AT_ONCE_BYTES:
            yield some
            some = []
    if some:
        yield some


def _written_at(listed: dict[str, Any]) -> int:
    return round(listed["LastModified"].timestamp() * 1000)


def first_folder(prefix: str, since: int) -> str:
    """From which on objects are read. since: epoch ms."""
    return f"{prefix}{datetime.fromtimestamp(since / 1000, UTC) - CLOCKS_DIFFER:%Y/%m/%d/%H}/"


def event_of(line: bytes) -> Row:
    """What an envelope says of itself. Raises ValueError, KeyError, TypeError, AttributeError where it is none."""
    envelope = orjson.loads(line)
    request = envelope["request"]
    return int(request["timestamp"]), request_key(envelope["response"]["id"]), request_key(request["id"])


def bad_row_of(line: bytes) -> Row | None:
    """The same of a bad row; None for those of stream records, which no request brought."""
    row = orjson.loads(line)
    request = row["request"]
    if not request["method"] and not request["path"]:
        return None
    return int(row["timestamp"]), request_key(request["id"]), str(row["reason"])
