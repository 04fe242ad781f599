"""From objects' contents to rows of a table: one Parquet file a batch, and the load history's word on each object.

A rows file counts from the moment it has its name. The history says so beforehand ("pending"), so that whatever ends
the process in between, `recover` completes the load or takes it back.
"""

import fcntl
import gzip
import time
import uuid
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from embedded.snowflake.catalogue import Catalogue
from embedded.snowflake.copy import Copy
from embedded.snowflake.history import FAILED, LOADED, PARTIALLY_LOADED, History, Load
from embedded.snowflake.load import Loaded, load
from embedded.snowflake.staged import StagedFile
from embedded.snowflake.tables import Table, parts

GZIP_MAGIC = b"\x1f\x8b"
UNFINISHED = (".part", ".new")  # endings of files that are written aside and do not have their name yet


@dataclass(frozen=True)
class Content:
    """An object and what it holds, uncompressed. size: bytes in S3."""

    path: str
    etag: str
    size: int
    body: bytes


@contextmanager
def writing(table: Table) -> Iterator[None]:
    """Holds a table for one writer, so that what it finds in the load history stays true until it has loaded.

    Readers need not wait. The system lets go of the lock when its holder ends, however it ends.
    """
    with (table.folder / "lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def unpacked(body: bytes) -> bytes:
    """An object's lines. Raises ValueError where it begins as gzip and is none."""
    try:
        return gzip.decompress(body) if body.startswith(GZIP_MAGIC) else body
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise ValueError(f"the file can not be decompressed: {error}") from error


def append(
    history: History, pipe: str, copy: Copy, table: Table, contents: Sequence[Content], *, again: bool = False
) -> list[Load]:
    """Loads a batch; returns what became of each object, in the order given. For who holds the table (`writing`).

    again: the objects' earlier loads leave the history; their rows are the caller's to remove. Raises duckdb.Error
    where the statement does not fit the table.
    """
    rows_file = f"{int(time.time() * 1000):013d}-{uuid.uuid4().hex}.parquet"
    final = table.folder / rows_file
    part = final.with_suffix(".part")
    scan_time = datetime.now(UTC).replace(tzinfo=None)
    results = load(copy, table, [StagedFile(one.path, one.body) for one in contents], scan_time, part)
    loads = [_done(pipe, copy, one, result, rows_file) for one, result in zip(contents, results, strict=True)]
    history.add(loads, pending=part.exists(), again=again)
    if part.exists():
        part.replace(final)
        history.settle(rows_file)
    return loads


def failure(pipe: str, copy: Copy, path: str, etag: str, size: int, reason: str) -> Load:
    """The load of an object that can not be read."""
    return Load(pipe, copy.table, path, etag, size, FAILED, 0, 0, 0, reason, None, time.time(), None)


def recover(catalogue: Catalogue, history: History, table: Table) -> None:
    """Completes or takes back the loads that the end of an earlier process cut short, and removes what it left."""
    with writing(table):
        for target, rows_file in history.pending():
            if target != table.name:
                continue
            final = catalogue.path.parent.joinpath(*parts(target), rows_file)
            part = final.with_suffix(".part")
            if part.exists():
                part.replace(final)
            if final.exists():
                history.settle(rows_file)
            else:
                history.forget(rows_file)
        for file in _unfinished(table.folder):
            file.unlink()


def _unfinished(folder: Path) -> list[Path]:
    return [file for file in folder.iterdir() if file.suffix in UNFINISHED]


def _done(pipe: str, copy: Copy, one: Content, result: Loaded, rows_file: str) -> Load:
    status = LOADED if result.errors == 0 else PARTIALLY_LOADED if result.rows_loaded else FAILED
    return Load(
        pipe=pipe,
        target=copy.table,
        path=one.path,
        etag=one.etag,
        size=one.size,
        status=status,
        rows_parsed=result.rows_parsed,
        rows_loaded=result.rows_loaded,
        errors=result.errors,
        first_error=result.first_error,
        first_error_line=result.first_error_line,
        loaded_at=time.time(),
        rows_file=rows_file if result.rows_loaded else None,
    )
