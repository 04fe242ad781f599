"""The load history: which file was loaded into which table, with what result. Snowflake's COPY_HISTORY.

It is also what loads each file once: a file that is in here, under the same path, is not loaded again for 14 days, also
if its content (ETag) has changed since: that is Snowpipe's rule. One that could not be loaded is, once it has changed.
<https://docs.snowflake.com/en/user-guide/data-load-snowpipe-intro>
One SQLite file; the runtime writes it, anybody may read it meanwhile.
"""

import sqlite3
import time
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import astuple, dataclass, fields
from pathlib import Path

REMEMBERED_SECONDS = 14 * 24 * 3600  # a pipe's load history lasts 14 days

SCHEMA = """
CREATE TABLE IF NOT EXISTS loads (
  pipe TEXT NOT NULL, target TEXT NOT NULL, path TEXT NOT NULL, etag TEXT NOT NULL, size INTEGER NOT NULL,
  status TEXT NOT NULL, rows_parsed INTEGER NOT NULL, rows_loaded INTEGER NOT NULL, errors INTEGER NOT NULL,
  first_error TEXT, first_error_line INTEGER, loaded_at REAL NOT NULL, rows_file TEXT,
  pending INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS by_path ON loads (pipe, path, etag);
"""
LOADED, PARTIALLY_LOADED, FAILED = "Loaded", "Partially loaded", "Load failed"


@dataclass(frozen=True)
class Load:
    """One file's load. loaded_at: epoch seconds; size: bytes in S3; rows_file: name of the Parquet file its rows are
    in, None when none was good. status: one of Snowflake's words above."""

    pipe: str
    target: str
    path: str
    etag: str
    size: int
    status: str
    rows_parsed: int
    rows_loaded: int
    errors: int
    first_error: str | None
    first_error_line: int | None
    loaded_at: float
    rows_file: str | None


COLUMNS = ", ".join(field.name for field in fields(Load))
REMOVAL = "DELETE FROM loads WHERE pipe = ? AND path = ?"


class History:
    """The load history in one file. Opened anew for each use, so that any thread may."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    def of_stack(cls, folder: Path) -> "History":
        """The history of a stack by its folder (`headrace.home.stack_folder`)."""
        return cls(folder / "snowflake" / "history.sqlite")

    def has(self, pipe: str, path: str, etag: str) -> bool:
        """Whether a pipe has dealt with this file within the last 14 days."""
        since = time.time() - REMEMBERED_SECONDS
        query = "SELECT 1 FROM loads WHERE pipe = ? AND path = ? AND (etag = ? OR status <> ?) AND loaded_at > ?"
        return bool(self._rows(query, (pipe, path, etag, FAILED, since)))

    def loads(self, pipe: str | None = None, limit: int = -1) -> list[Load]:
        """The loads, newest last; the last `limit` of them."""
        query = f"SELECT {COLUMNS} FROM loads WHERE ? IS NULL OR pipe = ? ORDER BY loaded_at DESC, rowid DESC LIMIT ?"  # noqa: S608
        return [Load(*row) for row in reversed(self._rows(query, (pipe, pipe, limit)))]

    def totals(self, pipe: str | None = None) -> dict[str, int]:
        """Sums over all loads: objects, failed objects, rows parsed, rows loaded, errors."""
        query = (
            "SELECT count(*), coalesce(sum(status = ?), 0), coalesce(sum(rows_parsed), 0), "
            "coalesce(sum(rows_loaded), 0), coalesce(sum(errors), 0) FROM loads WHERE ? IS NULL OR pipe = ?"
        )
        row = (self._rows(query, (FAILED, pipe, pipe)) or [(0, 0, 0, 0, 0)])[0]
        return dict(zip(("objects", "failed_objects", "rows_parsed", "rows_loaded", "errors"), row, strict=True))

    def add(self, loads: Iterable[Load], pending: bool = False, again: bool = False) -> None:
        """Adds loads. `pending`: their rows file is complete but does not have its name yet, see `settle`. `again`:
        they take the place of their objects' earlier loads."""
        loads = list(loads)
        if not loads:
            return
        places = ", ".join("?" * (len(fields(Load)) + 1))
        with self._open() as connection, connection:
            if again:
                connection.executemany(REMOVAL, {(load.pipe, load.path) for load in loads})
            connection.executemany(
                f"INSERT INTO loads ({COLUMNS}, pending) VALUES ({places})",  # noqa: S608 - names of our own
                [(*astuple(load), int(pending)) for load in loads],
            )

    def settle(self, rows_file: str) -> None:
        """Says that a rows file has its name."""
        with self._open() as connection, connection:
            connection.execute("UPDATE loads SET pending = 0 WHERE rows_file = ?", (rows_file,))

    def pending(self) -> list[tuple[str, str]]:
        """(table, rows file) of the loads that were interrupted before `settle`."""
        return [
            (row[0], row[1]) for row in self._rows("SELECT DISTINCT target, rows_file FROM loads WHERE pending = 1", ())
        ]

    def forget(self, rows_file: str) -> None:
        """Removes the loads of a rows file that was lost; their files will be loaded again."""
        with self._open() as connection, connection:
            connection.execute("DELETE FROM loads WHERE rows_file = ?", (rows_file,))

    def remove(self, pipe: str, paths: Iterable[str]) -> None:
        """Removes the loads of objects that are no more; should one come back, it is loaded."""
        with self._open() as connection, connection:
            connection.executemany(REMOVAL, [(pipe, path) for path in paths])

    def _rows(self, query: str, parameters: Sequence[object]) -> list[tuple]:
        if not self.path.exists():
            return []
        with self._open() as connection:
            return connection.execute(query, parameters).fetchall()

    def _open(self) -> closing[sqlite3.Connection]:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(self.path, timeout=10.0)
        connection.executescript(SCHEMA)
        return closing(connection)
