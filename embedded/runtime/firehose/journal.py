"""A delivery stream's buffer, on disk: what was acknowledged is in here until it is in S3.

The journal is a row of segments. Batches are appended to the open one; sealing it makes it the content of one S3
object and opens another. A batch is written with one call and counts only when it is there in full, together with the
position in its source that it ends at, so that after a crash nothing is lost and nothing is read twice. A segment's
identity goes into the object's name: delivered again after a crash it replaces itself, byte for byte.

File format, repeated: header length, body length (big-endian 32-bit), the header (JSON), the records end to end.
"""

import os
import struct
import threading
import time
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import orjson

LENGTHS = struct.Struct(">II")
SUFFIX = ".segment"


@dataclass(frozen=True)
class Segment:
    """A sealed segment. The identity is a UUID; `arrived` the epoch ms of its oldest record."""

    path: Path
    identity: str
    arrived: int
    records: int
    size: int


@dataclass(frozen=True)
class Batch:
    """Records appended together. `position` is where in `shard` they end (none for records put directly)."""

    arrived: int
    records: Sequence[bytes]
    shard: str | None = None
    position: str | None = None


class Journal:
    """The segments in one folder. Safe to use from several threads of one process."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._lock = threading.Lock()
        self._sealed: list[Segment] = []
        self._positions: dict[str, str] = {}
        self._number = 0
        self._open: _Open | None = None
        for path in sorted(folder.glob(f"*{SUFFIX}")):
            self._recover(path)

    @property
    def positions(self) -> dict[str, str]:
        """The last position by shard among the batches that are still here."""
        with self._lock:
            return dict(self._positions)

    @property
    def buffered(self) -> tuple[int, int, float]:
        """Of the open segment: records, bytes, and seconds since its first batch was appended."""
        with self._lock:
            if self._open is None:
                return 0, 0, 0.0
            return self._open.records, self._open.size, time.monotonic() - self._open.opened

    @property
    def sealed(self) -> list[Segment]:
        """The segments that await delivery, oldest first."""
        with self._lock:
            return list(self._sealed)

    def append(self, batch: Batch) -> None:
        """Adds a batch. When this returns it survives the end of this process."""
        if not batch.records and batch.position is None:
            return
        sizes = list(map(len, batch.records))
        header = orjson.dumps(
            {"arrived": batch.arrived, "sizes": sizes, "shard": batch.shard, "position": batch.position}
        )
        size = sum(sizes)
        content = b"".join((LENGTHS.pack(len(header), size), header, *batch.records))
        with self._lock:
            if self._open is None:
                self._open = _Open.create(self._path())
            self._open.write(content, batch, size)
            if batch.shard and batch.position:
                self._positions[batch.shard] = batch.position

    def seal(self) -> None:
        """Closes the open segment for delivery; nothing happens when it holds no record."""
        with self._lock:
            if self._open is not None and self._open.records:
                self._sealed.append(self._open.close())
                self._open = None

    def read(self, segment: Segment) -> list[bytes]:
        """A segment's records, in the order they came."""
        return [record for batch in _batches(segment.path) for record in batch.records]

    def remove(self, segment: Segment) -> None:
        """Forgets a delivered segment."""
        with self._lock:
            self._sealed.remove(segment)
        segment.path.unlink()

    def close(self) -> None:
        """Closes the files; all stays on disk."""
        with self._lock:
            if self._open is not None:
                self._open.close()
                self._open = None

    def _recover(self, path: Path) -> None:
        """Takes over what an earlier process left; a segment it had open is sealed, and cut after its last whole
        batch."""
        batches = list(_batches(path))
        for batch in batches:
            if batch.shard and batch.position:
                self._positions[batch.shard] = batch.position
        number, _, identity = path.name.removesuffix(SUFFIX).partition("-")
        self._number = max(self._number, int(number))
        records = sum(len(batch.records) for batch in batches)
        if records == 0:
            path.unlink()
            return
        size = sum(len(record) for batch in batches for record in batch.records)
        arrived = min(batch.arrived for batch in batches if batch.records)
        self._sealed.append(Segment(path, identity, arrived, records, size))

    def _path(self) -> Path:
        self._number += 1
        return self._folder / f"{self._number:012d}-{uuid.uuid4()}{SUFFIX}"


@dataclass
class _Open:
    """The segment that is being written."""

    path: Path
    descriptor: int
    opened: float
    arrived: int | None = None
    records: int = 0
    size: int = 0

    @classmethod
    def create(cls, path: Path) -> "_Open":
        return cls(path, os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600), time.monotonic())

    def write(self, content: bytes, batch: Batch, size: int) -> None:
        view = memoryview(content)
        while view:
            view = view[os.write(self.descriptor, view) :]
        if batch.records:
            self.arrived = batch.arrived if self.arrived is None else min(self.arrived, batch.arrived)
        self.records += len(batch.records)
        self.size += size

    def close(self) -> Segment:
        os.close(self.descriptor)
        identity = self.path.name.removesuffix(SUFFIX).partition("-")[2]
        return Segment(self.path, identity, self.arrived or 0, self.records, self.size)


def _batches(path: Path) -> Iterable[Batch]:
    """The whole batches of a segment; a torn one at the end was never acknowledged."""
    with path.open("rb") as file:
        while len(lengths := file.read(LENGTHS.size)) == LENGTHS.size:
            header_length, body_length = LENGTHS.unpack(lengths)
            header, body = file.read(header_length), file.read(body_length)
            if len(header) < header_length or len(body) < body_length:
                return
            fields = orjson.loads(header)
            records, start = [], 0
            for size in fields["sizes"]:
                records.append(body[start : start + size])
                start += size
            yield Batch(fields["arrived"], records, fields["shard"], fields["position"])
