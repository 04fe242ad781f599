"""RAW.ACCOUNTS on this machine: what `make ledger` leaves for STATS.LEDGER."""

from datetime import datetime
from pathlib import Path

import duckdb

from headrace.accounts import make_table, replace_hours
from headrace.ledger.figure import Figure
from headrace.ledger.verdicts import changed_hours, rows_of
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


def test_a_new_book_leaves_alone_what_was_written_of_hours_that_it_does_not_know(tmp_path):
    place, file = table(tmp_path)
    old, new = Figure(hour=1, hop="put", count=3), Figure(hour=2, hop="put", count=5)
    by_sql = [Figure(hour=hour, hop="loaded", count=3) for hour in (1, 2)]
    for found in ([old, *by_sql], [new, *by_sql]):
        replace_hours(place, rows_of(changed_hours(found, found, []), SEVEN))
    one, two = datetime(1970, 1, 1, 1), datetime(1970, 1, 1, 2)
    assert hops(file) == [(one, "loaded", 3), (one, "put", 3), (two, "loaded", 3), (two, "put", 5)]


def test_hours_that_are_closed_are_written_again_only_where_they_lack_something_or_did():
    loaded = [Figure(hour=hour, hop="loaded", count=1) for hour in range(4)]
    kept = [Figure(hour=hour, hop="delivered", count=1) for hour in range(3)]
    counted = [*loaded, Figure(hour=3, hop="delivered", count=1)]
    lacks = Figure(hour=0, hop="loaded", missing=1)
    written = changed_hours(counted, [*counted, *kept, lacks], lacked=[1])
    assert {one.hour for one in written} == {0, 1, 3}
