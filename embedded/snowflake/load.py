"""Runs a COPY statement over the lines of staged files: good rows into one Parquet file, bad ones counted.

All rows of all files are evaluated at once. Each value is wrapped in `TRY([…])`, which tells a value that can not be
made (NULL) from one that is NULL (a list with a NULL), so that one bad row costs nothing but itself.
"""

# ruff: noqa: S608  (statements are made of translated expressions and the table's own names)

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from embedded.snowflake.copy import Copy
from embedded.snowflake.expressions import FILENAME, RECORD, ROW, SCAN_TIME
from embedded.snowflake.tables import Column, Table

MESSAGE_CHARACTERS = 500
FILE, FAILURE = '"$file"', '"$failure"'  # the file's number in the order given, and what is wrong with a row


@dataclass(frozen=True)
class StagedFile:
    """A file to load: its path in the bucket and its content, uncompressed."""

    path: str
    content: bytes


@dataclass(frozen=True)
class Loaded:
    """What became of a file, in the words of Snowflake's COPY_HISTORY."""

    path: str
    rows_parsed: int
    rows_loaded: int
    errors: int
    first_error: str | None
    first_error_line: int | None


def load(copy: Copy, table: Table, files: Sequence[StagedFile], scan_time: datetime, into: Path) -> list[Loaded]:
    """Loads files in the order given; `into` is written when any row is good. scan_time is naive UTC.

    Raises duckdb.Error where the statement does not fit the table.
    """
    with _database().cursor() as database:
        database.execute("SET TimeZone = 'UTC'")
        database.register("staged", _lines(files))
        database.execute(
            "CREATE TEMP TABLE lines AS "
            "SELECT file, filename, row, line, readable AND json_valid(line) AS valid FROM staged"
        )
        database.execute(
            f"CREATE TEMP TABLE records AS SELECT file AS {FILE}, filename AS {FILENAME}, row AS {ROW}, "
            f"CAST(? AS TIMESTAMP) AS {SCAN_TIME}, CAST(line AS JSON) AS {RECORD} "
            "FROM (SELECT * FROM lines WHERE valid)",
            [scan_time],
        )
        database.execute(_evaluation(copy, table))
        loaded = [_loaded(database, copy, table, number, file) for number, file in enumerate(files)]
        if copy.on_error == "SKIP_FILE":
            loaded = [_skipped(one) if one.errors else one for one in loaded]
        wanted = [number for number, one in enumerate(loaded) if one.rows_loaded]
        if wanted:
            _write(database, table, wanted, into)
        return loaded


@cache
def _database() -> duckdb.DuckDBPyConnection:
    """One for all loads, which have temporary tables each: to open one takes longer than to load a small object."""
    return duckdb.connect(config={"threads": 2})


def _lines(files: Sequence[StagedFile]) -> pa.Table:
    """The lines of all files, numbered in file order from 1; blank ones count and are left out, as in Snowflake."""
    numbers: list[int] = []
    names: list[str] = []
    rows: list[int] = []
    lines: list[str] = []
    readable: list[bool] = []
    for number, file in enumerate(files):
        for row, line in enumerate(file.content.split(b"\n"), 1):
            if not line.strip():
                continue
            try:
                lines.append(line.decode())
                readable.append(True)
            except UnicodeDecodeError:
                lines.append(line.decode(errors="replace"))
                readable.append(False)
            numbers.append(number)
            names.append(file.path)
            rows.append(row)
    return pa.table(
        {
            "file": pa.array(numbers, pa.int32()),
            "filename": pa.array(names, pa.string()),
            "row": pa.array(rows, pa.int64()),
            "line": pa.array(lines, pa.string()),
            "readable": pa.array(readable, pa.bool_()),
        }
    )


def _evaluation(copy: Copy, table: Table) -> str:
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
    checks = " ".join(_check(column) for column in table.columns)
    return (
        "CREATE TEMP TABLE evaluated AS SELECT *, "
        f"CASE {checks} END AS {FAILURE} FROM (SELECT {FILE}, {ROW}, {values} FROM records)"
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


def _loaded(database: duckdb.DuckDBPyConnection, copy: Copy, table: Table, number: int, file: StagedFile) -> Loaded:
    parsed, unreadable, first_unreadable = _one(
        database,
        "SELECT count(*), count(*) FILTER (NOT valid), min(row) FILTER (NOT valid) FROM lines WHERE file = ?",
        number,
    )
    failed, first_failed = _one(
        database,
        f"SELECT count(*), min({ROW}) FROM evaluated WHERE {FILE} = ? AND {FAILURE} IS NOT NULL",
        number,
    )
    lines = [line for line in (first_unreadable, first_failed) if line is not None]
    first = min(lines, default=None)
    message = None
    if first is not None:
        message = _why(database, copy, table, number, first, first == first_unreadable)[:MESSAGE_CHARACTERS]
    errors = unreadable + failed
    return Loaded(file.path, parsed, parsed - errors, errors, message, first)


def _why(database: duckdb.DuckDBPyConnection, copy: Copy, table: Table, number: int, row: int, unreadable: bool) -> str:
    """Why a row failed: it is evaluated once more, now without TRY, so that the error itself can be read."""
    if unreadable:
        (line,) = _one(database, "SELECT line FROM lines WHERE file = ? AND row = ?", number, row)
        return f"Error parsing JSON: {line[:100]}"
    (failure,) = _one(database, f"SELECT {FAILURE} FROM evaluated WHERE {FILE} = ? AND {ROW} = ?", number, row)
    if failure not in copy.columns:
        return failure
    expression = copy.expressions[copy.columns.index(failure)]
    try:
        database.execute(
            f"SELECT CAST({expression} AS {_types(table)[failure]}) FROM records WHERE {FILE} = ? AND {ROW} = ?",
            [number, row],
        ).fetchall()
    except duckdb.Error as error:
        return f"{failure}: {str(error).splitlines()[0]}"
    return f"{failure}: the value can not be converted"


def _skipped(one: Loaded) -> Loaded:
    return Loaded(one.path, one.rows_parsed, 0, one.errors, one.first_error, one.first_error_line)


def _write(database: duckdb.DuckDBPyConnection, table: Table, files: list[int], into: Path) -> None:
    columns = ", ".join(f"{_name(column)}[1] AS {_name(column)}" for column in table.columns)
    database.execute(
        f"COPY (SELECT {columns} FROM evaluated WHERE {FAILURE} IS NULL AND {FILE} IN ({', '.join(map(str, files))}) "
        f"ORDER BY {FILE}, {ROW}) TO '{str(into).replace(chr(39), chr(39) * 2)}' (FORMAT parquet, COMPRESSION zstd)"
    )


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


def _one(database: duckdb.DuckDBPyConnection, query: str, *parameters: object) -> tuple[Any, ...]:
    row = database.execute(query, list(parameters)).fetchone()
    assert row is not None
    return row


def _name(column: Column) -> str:
    return '"' + column.name.replace('"', '""') + '"'


def _plain(column: Column) -> str:
    return column.name.replace("'", "''")
