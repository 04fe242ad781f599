"""The modelled tables' rows of a person, by the rows of RAW that they were made of."""

from collections.abc import Sequence
from pathlib import Path

import duckdb
import pytest

from headrace.forget import modelled
from headrace.warehouse import Place

# Of one session, in this order: jane's event, Jane's, and one that names nobody. EVENTS has all ids in lower case.
LOGS = [("1", "s", "jane"), ("2", "s", "jane"), ("3", "s", None)]


def place_of(folder: Path, raw: Sequence[str]) -> Place:
    """A warehouse in which `make transform` has made EVENTS of LOGS, and RAW has these rows now."""
    file, database = folder / "logs.parquet", folder / "warehouse.duckdb"
    with duckdb.connect(str(database)) as connection:
        connection.execute("create schema events; create schema stats")
        connection.execute("create table events.logs (log_id varchar, session_id varchar, user_id varchar)")
        connection.executemany("insert into events.logs values (?, ?, ?)", LOGS)
        connection.execute("create view events.pageviews as select log_id as id, * from events.logs")
        connection.execute(
            "create table events.sessions as select distinct session_id, 'jane' user_id from events.logs"
        )
        connection.execute("create table stats.overview_1d as select 1 as hits")
    with duckdb.connect() as connection:
        connection.execute("create table logs (LOG_ID varchar)")
        for one in raw:
            connection.execute("insert into logs values (?)", [one])
        connection.execute(f"copy logs to '{file}' (format parquet)")
    return Place(target="local", raw=f"read_parquet('{file}')", database=database, variables={})


@pytest.mark.parametrize(
    ("raw", "hers", "events"),
    [
        ("123", "1", 3),  # in LOGS, in PAGEVIEWS, and the session
        ("23", "", 2),  # removed from RAW, and the tables not yet built anew
        ("123", "", 0),  # nothing of the row that EVENTS calls jane's too, and is Jane's
        ("", "", 7),
    ],
)
def test_rows_are_hers_if_raws_are_and_what_raw_has_lost_is_found(
    tmp_path: Path, raw: str, hers: str, events: int
) -> None:
    assert modelled.find(place_of(tmp_path, raw), list(hers)) == {"EVENTS": events, "STATS": 0}


def test_as_many_as_one_has(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("headrace.forget.raw.AT_ONCE", 2)
    assert modelled.find(place_of(tmp_path, "123"), ["0", "1", "2", "3"]) == {"EVENTS": 8, "STATS": 0}
