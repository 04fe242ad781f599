"""Bad rows in S3, and which of them are wanted."""

import hashlib
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

import orjson

from headrace.console import Problem
from headrace.hops.cloud import CONNECTIONS
from headrace.hops.objects import unzipped
from headrace.replay.objects import Object, batches
from headrace.replay.period import moment

PREFIX = "bad/"
# A row's object is of the hour in which Firehose got it, which is later where a stream refused the row for a while.
LATEST_DELIVERY = timedelta(days=1)
AT_ONCE_OBJECTS, AT_ONCE_BYTES = 64, 16_000_000  # in memory, as they are stored
MOST_CHARACTERS = 10_000  # of a payload in a bad row: the rest is not kept (shared.bad_rows)
# By how much a payload may have become shorter in the row: addresses in it are truncated after it was cut. It gets
# longer before that, by hashed ids and by bytes that are no text.
SHORTENED = 500


@dataclass(frozen=True, kw_only=True, slots=True)
class BadRow:
    """One bad row of the collector. received_at: epoch ms. identity: the same however often the row is delivered."""

    identity: str
    reason: str
    message: str
    protocol: str
    received_at: int
    payload: str
    path: str
    method: str
    user_ip: str
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: bool = False


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which rows. What is empty or None does not matter. begin, end: when received, UTC without a zone."""

    reason: str = ""
    protocol: str = ""
    path: str = ""
    begin: datetime | None = None
    end: datetime | None = None

    def holds(self, row: BadRow) -> bool:
        received = datetime.fromtimestamp(row.received_at / 1000, UTC).replace(tzinfo=None)
        return (
            (not self.reason or row.reason == self.reason)
            and (not self.protocol or row.protocol == self.protocol)
            and (not self.path or row.path == self.path)
            and (self.begin is None or received >= self.begin)
            and (self.end is None or received < self.end)
        )


def wanted_rows(*, reason: str, protocol: str, path: str, begin: str, end: str) -> Wanted:
    """Reads what a person asks for; what is empty does not matter. Raises Problem where it can hold nothing."""
    first, last = (moment(begin, "--from") if begin else None), (moment(end, "--to") if end else None)
    if first and last and first >= last:
        raise Problem("the period is empty: --from is not before --to", "--to itself is left out")
    return Wanted(reason=reason, protocol=protocol, path=path, begin=first, end=last)


def read_rows(s3: Any, bucket: str, wanted: Wanted) -> Iterator[BadRow]:
    """The wanted rows, in the order of delivery, each once. Raises botocore's errors."""
    seen: set[str] = set()

    def content(one: Object) -> bytes:
        try:
            return s3.get_object(Bucket=bucket, Key=one.name)["Body"].read()
        except s3.exceptions.NoSuchKey:
            return b""  # its days were over between listing and reading

    with ThreadPoolExecutor(CONNECTIONS) as readers:
        for some in batches(_objects(s3, bucket, wanted), AT_ONCE_OBJECTS, AT_ONCE_BYTES):
            # As they are stored; unzipped, they would be many times as large.
            for line in (line for found in readers.map(content, some) for line in unzipped(BytesIO(found))):
                row = bad_row(line.rstrip(b"\r\n"))
                if row and row.identity not in seen and wanted.holds(row):
                    seen.add(row.identity)
                    yield row


def bad_row(line: bytes) -> BadRow | None:
    """None for what is no bad row of the collector: those of applications are records of streams, not hits."""
    try:
        row = orjson.loads(line)
        request = row["request"]
        if request["method"] not in ("GET", "POST"):
            return None
        payload = row["payload"]
        return BadRow(
            identity=hashlib.sha256(line).hexdigest()[:40],
            reason=row["reason"],
            message=row["message"],
            protocol=row["protocol"],
            received_at=int(row["timestamp"]),
            payload=payload,
            path=request["path"],
            method=request["method"],
            user_ip=request["user_ip"] or "",
            headers=request["headers"],
            cut=_cut(payload, row["payload_bytes"]),
        )
    except (ValueError, KeyError, TypeError):
        return None


def _cut(payload: str, size: int) -> bool:
    """Whether a row holds only the beginning of what was sent."""
    return len(payload) >= MOST_CHARACTERS - SHORTENED and len(payload.encode()) != size


def _objects(s3: Any, bucket: str, wanted: Wanted) -> Iterator[Object]:
    """The objects in which rows of the period can be."""
    first = _folder(wanted.begin) if wanted.begin else PREFIX
    last = f"{_folder(wanted.end + LATEST_DELIVERY)}~" if wanted.end else f"{PREFIX}~"
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=PREFIX, StartAfter=first)
    for page in pages:
        for one in page.get("Contents", []):
            if one["Key"] > last:
                return
            yield Object(one["Key"], one["ETag"], one["Size"])


def _folder(moment: datetime) -> str:
    return f"{PREFIX}{moment.year:04d}/{moment:%m/%d/%H}"
