"""Runs a COPY statement over the lines of staged files: good rows into one Parquet file, bad ones counted.

All rows of all files are evaluated at once. Each value is wrapped in `TRY([…])`, which tells a value that can not be
made (NULL) from one that is NULL (a list with a NULL), so that one bad row costs nothing but itself. The good rows are
written straight away; only where that were not all are the lines evaluated once more, to say which are bad and why.
"""

# ruff: noqa: S608  (statements are made of translated expressions and the table's own names)

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache
from pathlib import Path

import duckdb
import pyarrow as pa

from embedded.snowflake.copy import Copy
from embedded.snowflake.expressions import FILENAME, RECORD, ROW, SCAN_TIME, text_at
from embedded.snowflake.staged import LINES, StagedFile, lines
from embedded.snowflake.tables import Column, Table

MESSAGE_CHARACTERS = 500
# The file's number, the texts at the statement's paths, and what is wrong with a row.
FILE, TEXTS, FAILURE = '"$file"', '"$texts"', '"$failure"'
NO_JSON = "Error parsing JSON"
DATABASE = {
    # The pipe's own: DuckDB's other threads cost more than they bring for the rows of one load.
    "threads": 1,
    # It would move the condition that a row is good to where the values are made, and have each value made twice.
    "disabled_optimizers": "filter_pushdown",
}
# Level 1 takes half the time of zstd's usual 3, and for the lines of hits a tenth less room.
PARQUET = "FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1"


@dataclass(frozen=True)
class Loaded:
    """What became of a file, in the words of Snowflake's COPY_HISTORY."""

    path: str
    rows_parsed: int
    rows_loaded: int
    errors: int
    first_error: str | None
    first_error_line: int | None


@dataclass(frozen=True)
class _Bad:
    """The bad rows of a file: how many, the first one's line, and what is wrong with that."""

    rows: int
    line: int
    reason: str


def load(copy: Copy, table: Table, files: Sequence[StagedFile], scan_time: datetime, into: Path) -> list[Loaded]:
    """Loads files in the order given; `into` is written when any row is good. scan_time is naive UTC.

    Raises duckdb.Error where the statement does not fit the table.
    """
    staged = [lines(number, file) for number, file in enumerate(files)]
    parsed = [one["blank"].false_count for one in staged]
    with _database().cursor() as database:
        database.execute("SET TimeZone = 'UTC'")
        database.register("staged", pa.Table.from_batches(staged, LINES))
        rows = _rows(copy, table, scan_time)
        written = _write(database, rows, table, into)
        bad = _bad(database, rows, copy, table, scan_time, files) if written < sum(parsed) else {}
        skipped = bad.keys() if copy.on_error == "SKIP_FILE" else ()
        if skipped:
            written = _write(database, rows, table, into, skipped)
    if not written:
        into.unlink()
    return [
        _loaded(file, parsed[number], bad.get(number), skipped=number in skipped) for number, file in enumerate(files)
    ]


@cache
def _database() -> duckdb.DuckDBPyConnection:
    """One for all loads: to open one takes longer than to load a small object."""
    return duckdb.connect(config=DATABASE)


def _rows(copy: Copy, table: Table, scan_time: datetime) -> str:
    """A query of all lines: each column's value in a list, and what is wrong with the row, NULL where nothing is."""
    expressions = dict(zip(copy.columns, copy.expressions, strict=True))
    types = _types(table)
    unknown = [name for name in expressions if name not in types]
    if unknown:
        raise duckdb.BinderException(f"the table {table.name} has no column {', '.join(unknown)}")
    # A NULL where a column is not named: the empty file's types are the table's, whatever the statement gives.
    values = ", ".join(
        f"TRY([CAST({expressions.get(column.name, 'NULL')} AS {types[column.name]})]) AS {_name(column)}"
        for column in table.columns
    )
    # All texts are taken at once: a record's JSON is read anew each time that anything is taken from it.
    for number, path in enumerate(copy.paths, 1):
        values = values.replace(text_at(path), f"{TEXTS}[{number}]")
    texts = text_at(f"[{', '.join(copy.paths)}]")
    checks = " ".join(_check(column) for column in table.columns)
    return (
        f"SELECT *, CASE WHEN {RECORD} IS NULL THEN '{NO_JSON}' {checks} END AS {FAILURE} FROM ("
        f"SELECT {FILE}, {ROW}, {RECORD}, {values} FROM ("
        f"SELECT *, {texts} AS {TEXTS} FROM ({_records(scan_time, 'NOT blank')})))"
    )


def _records(scan_time: datetime, condition: str) -> str:
    """A query of lines as the statement's expressions want them; the record of a line that is no JSON is NULL."""
    return (
        f"SELECT file AS {FILE}, filename AS {FILENAME}, row AS {ROW}, TIMESTAMP '{scan_time}' AS {SCAN_TIME}, "
        f"TRY_CAST(line AS JSON) AS {RECORD} FROM staged WHERE {condition}"
    )


def _check(column: Column) -> str:
    name = _name(column)
    checks = f"WHEN {name} IS NULL THEN '{_plain(column)}' "
    if not column.nullable:
        checks += f"WHEN {name}[1] IS NULL THEN 'NULL result in a non-nullable column {_plain(column)}' "
    if column.length is not None:
        too_long = f"User character length limit ({column.length}) exceeded in column {_plain(column)}"
        checks += f"WHEN length({name}[1]) > {column.length} THEN '{too_long}' "
    return checks


def _write(
    database: duckdb.DuckDBPyConnection, rows: str, table: Table, into: Path, skipped: Collection[int] = ()
) -> int:
    """Writes the good rows of all files but those skipped; returns how many."""
    columns = ", ".join(f"{_name(column)}[1] AS {_name(column)}" for column in table.columns)
    wanted = f"{FAILURE} IS NULL" + "".join(f" AND {FILE} <> {number}" for number in skipped)
    (written,) = database.execute(
        f"COPY (SELECT {columns} FROM ({rows}) WHERE {wanted}) "
        f"TO '{str(into).replace(chr(39), chr(39) * 2)}' ({PARQUET})"
    ).fetchall()[0]
    return written


def _bad(
    database: duckdb.DuckDBPyConnection,
    rows: str,
    copy: Copy,
    table: Table,
    scan_time: datetime,
    files: Sequence[StagedFile],
) -> dict[int, _Bad]:
    """The files that have bad rows, by number."""
    found = database.execute(
        f"SELECT {FILE}, count(*), min({ROW}), arg_min({FAILURE}, {ROW}) FROM ({rows}) "
        f"WHERE {FAILURE} IS NOT NULL GROUP BY {FILE}"
    ).fetchall()
    bad = {}
    for number, count, line, failure in found:
        reason = failure
        if failure == NO_JSON:
            reason = f"{NO_JSON}: {files[number].line(line)[:100]}"
        elif failure in copy.columns:
            record = _records(scan_time, f"file = {number} AND row = {line}")
            expression = copy.expressions[copy.columns.index(failure)]
            reason = f"{failure}: {_why(database, f'CAST({expression} AS {_types(table)[failure]})', record)}"
        bad[number] = _Bad(count, line, reason[:MESSAGE_CHARACTERS])
    return bad


def _why(database: duckdb.DuckDBPyConnection, value: str, record: str) -> str:
    """Why a value can not be made: it is evaluated once more, now without TRY, so that the error itself can be read."""
    try:
        database.execute(f"SELECT {value} FROM ({record})").fetchall()
    except duckdb.Error as error:
        return str(error).splitlines()[0]
    return "the value can not be converted"


def _loaded(file: StagedFile, parsed: int, bad: _Bad | None, *, skipped: bool) -> Loaded:
    if bad is None:
        return Loaded(file.path, parsed, parsed, 0, None, None)
    return Loaded(file.path, parsed, 0 if skipped else parsed - bad.rows, bad.rows, bad.reason, bad.line)


def _types(table: Table) -> Mapping[str, str]:
    """The columns' DuckDB types, as the table's first file has them."""
    first = min(table.folder.glob("*.parquet"))
    return _types_in(str(first), first.stat().st_mtime_ns)


@lru_cache(maxsize=64)
def _types_in(file: str, _changed: int) -> Mapping[str, str]:
    """Asked once for each state of a file."""
    with _database().cursor() as database:
        described = database.execute("DESCRIBE SELECT * FROM read_parquet(?)", [file]).fetchall()
    return {row[0]: row[1] for row in described}


def _name(column: Column) -> str:
    return '"' + column.name.replace('"', '""') + '"'


def _plain(column: Column) -> str:
    return column.name.replace("'", "''")
