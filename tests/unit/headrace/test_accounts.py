"""RAW.ACCOUNTS on this machine: what `make ledger` leaves for STATS.LEDGER."""

from datetime import datetime
from pathlib import Path

import duckdb

from headrace.accounts import make_table, replace_hours
from headrace.warehouse import Place

SEVEN, EIGHT = datetime(2026, 1, 31, 7), datetime(2026, 1, 31, 8)


def row(hour: datetime, hop: str, events: int) -> tuple[object, ...]:
    return (hour, hop, "", events, 0, datetime(2026, 2, 1))


def table(folder: Path) -> tuple[Place, Path]:
    file = folder / "it's" / "accounts.parquet"
    variables = {"HEADRACE_RAW_ACCOUNTS": str(file)}
    return Place(target="local", raw="", database=folder / "warehouse.duckdb", variables=variables), file


def hops(file: Path) -> list[tuple[object, ...]]:
    return (
        duckdb.connect()
        .execute("select timestamp, hop, events from read_parquet(?) order by all", [str(file)])
        .fetchall()
    )


def test_it_is_there_before_anybody_has_counted(tmp_path):
    place, file = table(tmp_path)
    make_table(place)
    make_table(place)
    assert hops(file) == []


def test_an_hour_is_replaced_as_a_whole_and_others_stay(tmp_path):
    place, file = table(tmp_path)
    replace_hours(place, [row(SEVEN, "put", 1), row(SEVEN, "bad", 1), row(EIGHT, "put", 2)])
    replace_hours(place, [row(EIGHT, "put", 3)])
    replace_hours(place, [])
    assert hops(file) == [(SEVEN, "bad", 1), (SEVEN, "put", 1), (EIGHT, "put", 3)]
