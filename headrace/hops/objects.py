"""What lies in the stack's bucket: delivered events, bad rows, spilled items, and what Firehose gave up on."""

import gzip
import json
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from io import BufferedReader
from typing import Any

from headrace.hops.cloud import CONNECTIONS
from headrace.hops.pumps import USER_AGENT
from headrace.replay.period import delivered_at

# As the collector writes it: JSON without spaces. Inside a text the quotes would be escaped.
PUMPED = f'"user-agent":"{USER_AGENT}"'.encode()
GZIP_MAGIC = b"\x1f\x8b"

# In an object's metadata: how many of its lines `headrace forget` has taken out.
FORGOTTEN = "headrace-forgotten"


@dataclass
class Lines:
    """One prefix's lines. pumped: those the pumper sent. kinds: lines by what `kind_of` says they are. forgotten: those
    that were there, and were taken out with a person."""

    objects: int = 0
    lines: int = 0
    forgotten: int = 0
    pumped: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    oldest: datetime | None = None
    """When the first object was written."""

    def add(self, other: "Lines") -> None:
        self.objects += other.objects
        self.lines += other.lines
        self.forgotten += other.forgotten
        self.pumped += other.pumped
        self.kinds += other.kinds
        if other.oldest is not None:
            self.oldest = min(self.oldest, other.oldest) if self.oldest else other.oldest


class Prefix:
    """Counts the lines under one prefix. Asked again, it reads only what is new, and forgets what is gone."""

    def __init__(self, s3: Any, bucket: str, prefix: str, kind_of: Callable[[bytes], str] | None = None) -> None:
        self._s3, self._bucket, self._prefix, self._kind_of = s3, bucket, prefix, kind_of
        self._known: dict[tuple[str, str], Lines] = {}

    def count(self) -> Lines:
        listed = {(one["Key"], one["ETag"]): one["LastModified"] for one in self._listing()}
        new = [(key, etag, listed[key, etag]) for key, etag in listed if (key, etag) not in self._known]
        with ThreadPoolExecutor(CONNECTIONS) as readers:
            read = list(readers.map(lambda one: self._read(one[0], one[2]), new))
        known = {identity: lines for identity, lines in self._known.items() if identity in listed}
        # An object that was there when listed and gone when read was spilled and has been put again meanwhile.
        known |= {(key, etag): lines for (key, etag, _), lines in zip(new, read, strict=True) if lines is not None}
        self._known = known
        total = Lines()
        for lines in known.values():
            total.add(lines)
        return total

    def _listing(self) -> Iterator[dict[str, Any]]:
        pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=self._prefix)
        for page in pages:
            yield from page.get("Contents", [])

    def _read(self, key: str, written: datetime) -> Lines | None:
        try:
            answer = self._s3.get_object(Bucket=self._bucket, Key=key)
        except self._s3.exceptions.NoSuchKey:
            return None
        forgotten = int(answer.get("Metadata", {}).get(FORGOTTEN, 0))
        found = Lines(objects=1, oldest=written if not forgotten else _delivered(key), forgotten=forgotten)
        body = answer["Body"]
        with body:
            for line in unzipped(body):
                if line.strip():
                    found.lines += 1
                    found.pumped += PUMPED in line
                    if self._kind_of:
                        found.kinds[self._kind_of(line)] += 1
        return found


def unzipped(body: Any) -> Iterator[bytes]:
    """The lines of an object, gzipped or not, without holding all of it."""
    reader = BufferedReader(body, 1 << 16)
    if reader.peek(2)[:2] == GZIP_MAGIC:
        with gzip.GzipFile(fileobj=reader) as lines:
            yield from lines
    else:
        yield from reader


def _delivered(key: str) -> datetime | None:
    """When an object came that was written anew since."""
    moment = delivered_at(key)
    return moment and moment.replace(tzinfo=UTC)


def reason(line: bytes) -> str:
    """Why a bad row is one."""
    return _field(line, "reason")


def spill_target(line: bytes) -> str:
    """Where a spilled item was meant to go: `events` or `bad`."""
    return _field(line, "target")


def _field(line: bytes, name: str) -> str:
    try:
        found = json.loads(line)[name]
    except (ValueError, KeyError, TypeError):
        return "unreadable"
    return str(found)
