"""The ledger's book: what every account and every store says of each event, kept in one DuckDB file of the stack.

What has been read stays read, so that counting again costs what is new. DuckDB goes to disk beyond MEMORY, so that an
hour of any size is counted. Times are epoch milliseconds; an hour is `received_at // HOUR_MS`.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import pyarrow as pa
from rich.text import Text

from headrace.console import Problem, errors
from headrace.warehouse import first_line

HOUR_MS = 3_600_000
MEMORY = "1GB"
MARK = slice(8, 12)  # where DuckDB's own files say that they are

TABLES = {
    # What the collector says of a request: the account that everything else is held against.
    "requests": (
        "request varchar, received_at bigint, told_at bigint, accepted bigint, repeated bigint, declined bigint, "
        "retried bigint, spilled bigint, lost bigint, primary key (request)"
    ),
    "bad_told": "request varchar, reason varchar, told bigint, primary key (request, reason)",
    # What lies where. `event` is the event's id, `request` the API's id of the request that brought it.
    "objects": "name varchar, etag varchar, written_at bigint, unreadable bigint, primary key (name)",
    "lines": "object varchar, received_at bigint, request varchar, event varchar",
    "bad_lines": "object varchar, received_at bigint, request varchar, reason varchar",
    "records": (
        "stream varchar, shard varchar, sequence varchar, arrived_at bigint, received_at bigint, request varchar, "
        "event varchar"
    ),
    "spilled": "target varchar, received_at bigint, request varchar, item varchar, written_at bigint",
    # What the applications say that they are done with, and what was given up for them: ranges of a shard's records.
    "batches": (
        "application varchar, stream varchar, shard varchar, first varchar, last varchar, done bigint, "
        "primary key (application, stream, shard, first, last)"
    ),
    "given_up": (
        "application varchar, stream varchar, shard varchar, first varchar, last varchar, "
        "primary key (application, stream, shard, first, last)"
    ),
    # Everything else that lies among the dead letters. Read anew each time.
    "letters": "whose varchar, given_up_at bigint, records bigint",
    # since: when the oldest record arrived that the stream still had when the application was first seen.
    "read_by": "application varchar, stream varchar, since bigint, primary key (application, stream)",
    # What the warehouse holds of each object; and what it refused of it. Read anew each time.
    "loaded": "object varchar, received_at bigint, rows bigint",
    "refused": "object varchar, lines bigint",
    # Lines that were taken out of objects on purpose, with a person's data.
    "forgotten": "object varchar, received_at bigint, lines bigint",
    # How far a source has been read.
    "positions": "source varchar, position varchar, primary key (source)",
    # Hours that were found complete and whose details are gone: their figures as they were.
    "closed": "hour bigint, hop varchar, item varchar, count bigint",
    # Hours that lacked something when they were last told of.
    "lacking": "hour bigint",
}
# What is read again of closed hours is left out: a log is read from before where it was, an object that is written anew
# as a whole. `bad_told` has no hour but its request's, which is added before it.
OPEN = f"received_at // {HOUR_MS} not in (select hour from closed)"  # noqa: S608 - our own
LEFT_OUT: dict[str, str] = dict.fromkeys(("requests", "lines", "bad_lines", "records"), f"where {OPEN}")
LEFT_OUT["bad_told"] = "where request in (select request from requests)"
VERSION = sha256(repr(TABLES).encode()).hexdigest()


class Position(NamedTuple):
    """How far a source has been read."""

    source: str
    position: str


class Book:
    """The tables above. Not for two threads at once."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection

    def add(self, table: str, rows: Sequence[Sequence[object]]) -> None:
        """Adds rows; those whose key is there already are left out, and what is of closed hours."""
        if not rows:
            return
        described = self._connection.execute(f"describe {table}").fetchall()
        columns = {column[0]: list(values) for column, values in zip(described, zip(*rows, strict=True), strict=True)}
        types = {"VARCHAR": pa.string(), "BIGINT": pa.int64()}
        schema = pa.schema([(column[0], types[column[1]]) for column in described])
        self._connection.register("new_rows", pa.table(columns, schema=schema))
        keyed = any(column[3] == "PRI" for column in described)
        once, kept = "or ignore" if keyed else "", LEFT_OUT.get(table, "")
        self._connection.execute(f"insert {once} into {table} select * from new_rows {kept}")  # noqa: S608 - our own
        self._connection.unregister("new_rows")

    def clear(self, table: str) -> None:
        """Takes everything out of a table."""
        self._connection.execute(f"delete from {table}")  # noqa: S608 - our own

    def forget_objects(self, names: Iterable[str]) -> None:
        """Takes out what was read of objects that are gone or were written anew."""
        for name in names:
            for table, column in (("objects", "name"), ("lines", "object"), ("bad_lines", "object")):
                self._connection.execute(f"delete from {table} where {column} = ?", [name])  # noqa: S608 - our own

    def rows(self, statement: str, values: Sequence[object] | Mapping[str, object] = ()) -> list[tuple[Any, ...]]:
        return self._connection.execute(statement, values).fetchall()

    def position(self, source: str) -> str | None:
        found = self.rows("select position from positions where source = ?", [source])
        return found[0][0] if found else None

    def move(self, source: str, position: str) -> None:
        self._connection.execute("insert or replace into positions values (?, ?)", [source, position])

    @contextmanager
    def at_once(self) -> Iterator[None]:
        """What is added and how far was read belong together: both are kept, or neither."""
        self._connection.execute("begin")
        try:
            yield
        except BaseException:
            self._connection.execute("rollback")
            raise
        self._connection.execute("commit")


@contextmanager
def opened(path: Path) -> Iterator[Book]:
    """The book in a file, made where there is none. Raises Problem where it can not be opened, as while another process
    has it open.

    A book with other tables, or a file that is none, is begun anew: all of it can be read again, as far back as logs
    and stream reach.
    """
    try:
        _move_aside_what_is_no_book(path)
        connection = duckdb.connect(str(path), config={"memory_limit": MEMORY})
    except (duckdb.Error, OSError) as error:
        if "could not set lock" in str(error).lower():
            raise Problem(
                f"the ledger's book is open in another process ({first_line(error)})", "wait for that one to finish"
            ) from error
        raise Problem(
            f"the ledger's book can not be opened ({first_line(error)})",
            f"mend that; else move {path.name} and {path.name}.wal away: all of it is read again",
        ) from error
    with connection:
        if _version(connection) != VERSION:
            for (table,) in connection.execute("select table_name from duckdb_tables()").fetchall():
                connection.execute(f'drop table "{table}"')
            for table, columns in TABLES.items():
                connection.execute(f"create table {table} ({columns})")
            connection.execute("insert into positions values ('version', ?)", [VERSION])
        yield Book(connection)


def _move_aside_what_is_no_book(path: Path) -> None:
    """Raises OSError where it can not be read or moved."""
    try:
        with path.open("rb") as file:
            begin = file.read(MARK.stop)
    except FileNotFoundError:
        return
    if not begin or begin[MARK] == b"DUCK":
        return
    for one in (path, path.with_name(f"{path.name}.wal")):
        if one.exists():
            one.replace(one.with_name(f"{one.name}.unreadable"))
    errors.print(
        Text(f"{path.name} was no book of the ledger: it is {path.name}.unreadable now, and a new one is begun")
    )


def _version(connection: duckdb.DuckDBPyConnection) -> str | None:
    try:
        found = connection.execute("select position from positions where source = 'version'").fetchone()
    except duckdb.Error:
        return None
    return found[0] if found else None
