"""Statistics over increments: whatever order hits come in, and wherever a run stops, the figures are the same."""

import random
import uuid
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from headrace import warehouse
from headrace.dbt import run
from headrace.transform import Progress, build
from tests.unit.headrace import raw_logs
from tests.unit.headrace.raw_logs import BEGINNING, Hit

pytestmark = pytest.mark.slow  # some ten runs of dbt

STATISTICS = ("overview_1d", "overview_1h", "funnel_1d", "product_stats_1d", "data_quality")
DAYS = 4
ACTIONS = (None, None, None, "click", "detail", "detail", "add", "remove", "checkout", "purchase")
Statistics = Mapping[str, Sequence[tuple[Any, ...]]]


@dataclass(frozen=True)
class Shop:
    """A stack whose hits came in several loads, shuffled, and what its statistics were after some runs.

    folder: the home of its stack. files: its RAW.LOGS.
    in_loads: after three loads, where the second's run stopped half-way. again: after one more run with nothing new.
    at_once: after a full refresh.
    """

    folder: Path
    files: Path
    hits: Sequence[Hit]
    in_loads: Statistics
    again: Statistics
    at_once: Statistics


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """One for all tests of this module: dbt parses the project anew for each path it has not seen."""
    folder = tmp_path_factory.mktemp("headrace")
    chance = random.Random(20240302)
    hits = shop_history(chance)
    chance.shuffle(hits)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HEADRACE_HOME", str(folder))
        files = raw_logs.stack(folder)
        for name, value in warehouse.find("local").variables.items():
            patch.setenv(name, value)
        load(files, hits[0::3])
        built(folder)
        load(files, hits[1::3])
        dbt(folder, "run", "--select", "+overview_1d")  # and no further
        load(files, hits[2::3])
        built(folder)
        in_loads = statistics(folder)
        built(folder)
        again = statistics(folder)
        built(folder, full_refresh=True)
        yield Shop(folder, files, hits, in_loads, again, statistics(folder))


def load(files: Path, hits: Sequence[Hit]) -> None:
    raw_logs.load(files, hits, object_name=f"raw/{uuid.uuid4()}.gz")


def built(folder: Path, *, full_refresh: bool = False) -> None:
    progress = Progress()
    build(warehouse.find("local"), folder / "dbt", progress, full_refresh=full_refresh)
    assert progress.failures == []


def dbt(folder: Path, *arguments: str) -> dict[str, str]:
    """Runs a part of the project. Returns the status of each model or test."""
    result = run(warehouse.find("local"), folder / "dbt", *arguments)
    return {one.node.name: str(one.status) for one in result.results}


@contextmanager
def database(folder: Path, *, read_only: bool = True) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(folder / "local" / "warehouse.duckdb"), read_only=read_only) as connection:
        yield connection


def statistics(folder: Path) -> Statistics:
    """Every row of every statistic, `created_at` last."""
    with database(folder) as connection:
        return {
            name: sorted(connection.execute(f"select * from STATS.{name}").fetchall(), key=str) for name in STATISTICS
        }


def without_created_at(found: Statistics) -> Statistics:
    return {name: [row[:-1] for row in rows] for name, rows in found.items()}


def shop_history(chance: random.Random) -> list[Hit]:
    """A few visitors over some days: hits at all hours, some of them late, some sent twice, some of the wrong type."""
    hits = []
    for number in range(400):
        action = chance.choice(ACTIONS)
        body: dict[str, Any] = {
            "t": "event" if action else "pageview",
            "qt": chance.choice((0, 0, 0, "soon", 90_000_000)),
        }
        if action:
            body |= {"pa": action, "pr1id": f"p{chance.randrange(6)}", "pr1nm": f"name {chance.randrange(3)}"}
            body |= {"pr1pr": chance.choice(("9.99", "dear", "0.01")), "pr1qt": chance.choice(("1", "3", None, "-2"))}
        if action == "purchase":
            # An order is often told of by several hits, of different days.
            body |= {"ti": f"T{chance.randrange(8)}", "tr": "20", "tt": chance.choice(("2", "none")), "ts": "1.5"}
        received = timedelta(minutes=chance.randrange(24 * 60, DAYS * 24 * 60), milliseconds=number)
        hit = Hit(request_id=f"hit-{number}", client_id=f"c{chance.randrange(25)}", received=received, body=body)
        hits += [hit] * chance.choice((1, 1, 1, 2))
    return hits


def test_loads_in_any_order_and_a_run_that_stopped_make_the_figures_of_one_load(shop):
    assert all(shop.in_loads.values())
    assert without_created_at(shop.in_loads) == without_created_at(shop.at_once)


def test_a_day_counts_each_event_once_on_the_day_it_happened(shop):
    days = Counter()
    for hit in {hit.request_id: hit for hit in shop.hits}.values():
        waited = hit.body["qt"] if isinstance(hit.body["qt"], int) else 0
        days[(BEGINNING + hit.received - timedelta(milliseconds=waited)).date()] += 1
    assert {row[0].date(): row[1] for row in shop.at_once["overview_1d"]} == days


def test_a_run_with_nothing_new_leaves_every_row_as_it_was(shop):
    assert shop.again == shop.in_loads


def test_a_days_rows_go_when_the_day_no_longer_has_what_they_tell_of(shop):
    def told_of(day: int) -> dict[str, int]:
        begins = (BEGINNING + timedelta(days=day)).replace(tzinfo=None)
        rows = statistics(shop.folder)
        return {name: sum(row[0].date() == begins.date() for row in rows[name]) for name in STATISTICS}

    wrong = {"t": "event", "pa": "detail", "pr1id": "A", "pr1pr": "dear", "qt": "soon"}
    load(shop.files, [Hit(request_id="1", client_id="c", received=timedelta(days=30, minutes=5), body=wrong)])
    built(shop.folder)
    one_hit = {"overview_1d": 1, "overview_1h": 1, "funnel_1d": 5, "product_stats_1d": 1}
    assert told_of(30) == {**one_hit, "data_quality": 2}
    # The copy that was received first comes in last. It is the one that counts, and it is another day's.
    first = {**wrong, "pr1pr": "5", "qt": 24 * 60 * 60 * 1000}
    load(shop.files, [Hit(request_id="1", client_id="c", received=timedelta(days=30), body=first)])
    built(shop.folder)
    assert told_of(30) == dict.fromkeys(STATISTICS, 0)
    assert told_of(29) == {**one_hit, "data_quality": 0}


def test_data_tests_look_at_what_the_last_run_wrote(shop):
    tests = ("test", "--select", "funnel_1d,test_type:generic")
    # A new row repeats the key of an old one: seen, though only one of the two is of the last run.
    repeated = (
        "select * replace (created_at + interval 1 hour as created_at) from STATS.funnel_1d "
        "order by timestamp, step_number limit 1"
    )
    with inserted(shop.folder, repeated):
        outcome = dbt(shop.folder, *tests)
    assert {name for name, status in outcome.items() if status == "fail"} == {"unique_funnel_1d_timestamp_step_number"}

    of_long_ago = "select timestamp '2000-01-01', 1, 'nonsense', 0, 0, timestamp '2000-01-01'"
    with inserted(shop.folder, of_long_ago):
        of_the_last_run = dbt(shop.folder, *tests)
        of_all_rows = dbt(shop.folder, *tests, "--vars", "{test_all_rows: true}")
    assert set(of_the_last_run.values()) == {"pass"}
    failed = [name for name, status in of_all_rows.items() if status == "fail"]
    assert [name.startswith("accepted_values_funnel_1d_step_") for name in failed] == [True]


@contextmanager
def inserted(folder: Path, rows: str) -> Iterator[None]:
    """Rows in the funnel that no run wrote, for as long as it takes."""
    with database(folder, read_only=False) as connection:
        connection.execute("create table kept as from STATS.funnel_1d")
        connection.execute(f"insert into STATS.funnel_1d {rows}")
    try:
        yield
    finally:
        with database(folder, read_only=False) as connection:
            connection.execute("delete from STATS.funnel_1d")
            connection.execute("insert into STATS.funnel_1d from kept")
            connection.execute("drop table kept")
