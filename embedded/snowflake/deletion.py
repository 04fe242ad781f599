"""Rows taken out of a table by the values of one column: what DELETE is in the account that this stands for."""

# ruff: noqa: S608  (statements are made of the table's own names)

from collections.abc import Iterable
from pathlib import Path

import duckdb
import pyarrow as pa

from embedded.snowflake.catalogue import quoted
from embedded.snowflake.loading import writing
from embedded.snowflake.tables import Table


def delete(table: Table, column: str, values: Iterable[str]) -> int:
    """Deletes the rows whose `column` has one of the values; returns how many there were.

    A file of rows changes as a whole. What the pipe adds meanwhile stays.
    """
    deleted = 0
    with writing(table), duckdb.connect() as database:
        database.execute("SET threads = 2; SET TimeZone = 'UTC'")
        database.register("given", pa.table({"value": pa.array(sorted(set(values)), pa.string())}))
        database.execute("CREATE TABLE leaving AS SELECT * FROM given")
        leaves = f"{quoted(column)} IN (SELECT value FROM leaving)"
        for file in sorted(table.folder.glob("*.parquet")):
            deleted += thin_out(database, file, leaves)
    return deleted


def thin_out(database: duckdb.DuckDBPyConnection, file: Path, leaves: str) -> int:
    """Writes a file of rows anew without those for which the condition is true; returns how many left."""
    source = f"read_parquet({_literal(file)})"
    counted = database.execute(f"SELECT count(*), count(*) FILTER ({leaves}) FROM {source}").fetchone()
    assert counted is not None
    rows, leaving = counted
    if not leaving:
        return 0
    if leaving == rows:
        file.unlink()
        return leaving
    new = file.with_suffix(".new")
    database.execute(
        f"COPY (SELECT * FROM {source} WHERE NOT coalesce({leaves}, false)) "
        f"TO {_literal(new)} (FORMAT parquet, COMPRESSION zstd)"
    )
    new.replace(file)
    return leaving


def _literal(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"
