"""What the ledger asks the warehouse, and of how much of it."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import duckdb
import pytest

from headrace.ledger.book import HOUR_MS
from headrace.ledger.tables import events_by_hour, lookback_minutes
from tests.unit.headrace.ledger.worlds import NOON

HOUR = NOON // HOUR_MS
SIXTEEN = datetime(2025, 11, 24, 16)  # NOON is of that hour


@pytest.fixture
def warehouse() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute(
            "create table raw (service_id varchar, request_id varchar, log_id varchar, request_timestamp timestamp, "
            "log_timestamp timestamp)"
        )
        connection.execute("create schema EVENTS")
        connection.execute(
            "create table EVENTS.LOGS (request_id varchar, request_timestamp timestamp, loaded_at timestamp)"
        )
        yield connection


def add(connection: duckdb.DuckDBPyConnection, event: str, received: str, loaded: str, *, modelled: bool) -> None:
    """Times of one day."""
    times = [f"2025-11-24 {received}", f"2025-11-24 {loaded}"]
    connection.execute("insert into raw values ('api.collect', ?, ?, ?, ?)", [event, event + loaded, *times])
    if modelled:
        connection.execute("insert into EVENTS.LOGS values (?, ?, ?)", [event, *times])


def counted(connection: duckdb.DuckDBPyConnection) -> list[tuple[object, ...]]:
    return connection.execute(events_by_hour("raw", True, HOUR)).fetchall()


def test_events_are_asked_of_hours_that_are_open(warehouse):
    add(warehouse, "closed", "15:59:59", "16:05:00", modelled=True)
    add(warehouse, "open", "16:00:00", "16:05:00", modelled=True)
    assert counted(warehouse) == [(SIXTEEN, 1, 1, 0)]


def test_an_event_that_came_before_belongs_to_the_hour_in_which_it_came_first(warehouse):
    add(warehouse, "one", "15:00:00", "15:05:00", modelled=True)
    add(warehouse, "one", "16:00:00", "16:05:00", modelled=False)
    assert counted(warehouse) == []


def test_a_load_that_a_transformation_may_still_find_is_not_missing(warehouse):
    """It became visible after the last one had read, though it began before the newest that that one saw."""
    newest = datetime(2025, 11, 24, 18)
    add(warehouse, "newest", "16:00:00", f"{newest:%H:%M:%S}", modelled=True)
    last_looked_at = newest - timedelta(minutes=lookback_minutes())
    add(warehouse, "to be found", "16:00:00", f"{last_looked_at:%H:%M:%S}", modelled=False)
    assert counted(warehouse) == [(SIXTEEN, 2, 1, 0)]
    add(warehouse, "passed over", "16:00:00", f"{last_looked_at - timedelta(seconds=1):%H:%M:%S}", modelled=False)
    assert counted(warehouse) == [(SIXTEEN, 3, 1, 1)]
