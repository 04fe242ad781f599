"""RAW.ACCOUNTS, which STATS.LEDGER is made of: a Parquet file beside RAW.LOGS on this machine, a table in Snowflake."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from headrace.warehouse import Place, connected

COLUMNS = "timestamp timestamp, hop varchar, item varchar, events bigint, missing bigint, counted_at timestamp"
FILE = "HEADRACE_RAW_ACCOUNTS"
AT_ONCE_ROWS = 1_000  # of one INSERT


def make_table(place: Place) -> None:
    """Makes it where it is not there: dbt reads it whether or not the ledger was ever asked for."""
    if place.database is None:
        with connected(place) as warehouse:
            warehouse.rows(f"create table if not exists {_name(place)} ({COLUMNS})")
    elif FILE in place.variables and not (file := Path(place.variables[FILE])).exists():
        _write(file, [])


def replace_hours(place: Place, rows: Sequence[tuple[object, ...]]) -> None:
    """Writes rows of COLUMNS in place of those that the same hours had; other hours keep theirs."""
    if not rows:
        return
    make_table(place)
    if place.database is None:
        _insert(place, rows)
    else:
        _write(Path(place.variables[FILE]), rows)


def _write(file: Path, rows: Sequence[tuple[object, ...]]) -> None:
    """Whole or not at all; hours that the rows do not have stay."""
    import duckdb
    import pyarrow as pa

    file.parent.mkdir(parents=True, exist_ok=True)
    new = file.with_suffix(".new")
    with duckdb.connect() as database:
        database.execute(f"create table accounts ({COLUMNS})")
        if rows:
            names = [column.split()[0] for column in COLUMNS.split(", ")]
            values = zip(*rows, strict=True)
            database.register("new_rows", pa.table(dict(zip(names, map(list, values), strict=True))))
            database.execute("insert into accounts select * from new_rows")
        if file.exists():
            hours = "select timestamp from accounts"
            database.execute(
                f"insert into accounts select * from read_parquet(?) where timestamp not in ({hours})",  # noqa: S608
                [str(file)],
            )
        database.execute("copy accounts to ? (format parquet)".replace("?", _text(str(new))))
    new.replace(file)


def _insert(place: Place, rows: Sequence[tuple[object, ...]]) -> None:
    table = _name(place)
    with connected(place) as warehouse:
        warehouse.rows("BEGIN")
        try:
            hours = ", ".join(sorted({_literal(row[0]) for row in rows}))
            warehouse.rows(f"DELETE FROM {table} WHERE timestamp IN ({hours})")  # noqa: S608 - our own hours
            for begin in range(0, len(rows), AT_ONCE_ROWS):
                some = rows[begin : begin + AT_ONCE_ROWS]
                values = ", ".join("(" + ", ".join(map(_literal, row)) + ")" for row in some)
                warehouse.rows(f"INSERT INTO {table} VALUES {values}")  # noqa: S608 - quoted
            warehouse.rows("COMMIT")
        except BaseException:
            warehouse.rows("ROLLBACK")
            raise


def _name(place: Place) -> str:
    return place.raw.rpartition(".")[0] + '."ACCOUNTS"'


def _literal(value: object) -> str:
    match value:
        case int():
            return str(value)
        case datetime():
            return f"'{value:%Y-%m-%d %H:%M:%S}'::timestamp_ntz"
        case _:
            return _text(str(value).replace("\\", "\\\\"))


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
