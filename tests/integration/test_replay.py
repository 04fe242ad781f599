"""`headrace replay` on real objects and real files: RAW from S3 anew, whatever had become of it."""

import gzip
import itertools
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import duckdb
import pytest

from embedded.cloud.cloud import Cloud
from embedded.cloud.lock import locked
from embedded.runtime.firehose.keys import object_key
from embedded.snowflake.history import History
from embedded.snowflake.reload import Reload
from headrace import replay as command
from headrace.console import Problem, console
from headrace.replay import replay
from tests.integration.waiting import until
from tests.unit.headrace.raw_logs import Hit

DAY = timedelta(days=1)
days = itertools.count()


class Lake:
    """A day of the deployed stack that no other test uses: its objects in S3 and its rows in RAW."""

    def __init__(self, cloud: Cloud, published: dict[str, Any]) -> None:
        self.bucket = published["bucket"]
        self.day = datetime(2021, 1, 1, tzinfo=UTC) + next(days) * DAY
        self.prefix = f"raw/{self.day:%Y/%m/%d}/"
        self.history = History.of_stack(cloud.folder)
        names = (published[f"snowflake_{part}"] for part in ("database", "schema", "table"))
        self.folder = cloud.folder.joinpath("snowflake", *names)
        self.s3 = boto3.client("s3")

    def put(self, number: int, *ids: str, broken: int = 0, key: str | None = None) -> str:
        """Delivers an object of hits at so many minutes of the day; returns its name."""
        arrived = self.day + timedelta(minutes=number)
        name = key or object_key("raw/", "headrace-raw", 1, arrived, f"{number:08d}", ".gz")
        lines = [json.dumps(Hit(request_id=one, client_id="ada", body={"t": "pageview"}).envelope()) for one in ids]
        lines += ["{broken"] * broken
        self.s3.put_object(Bucket=self.bucket, Key=name, Body=gzip.compress("\n".join(lines).encode(), mtime=0))
        return name

    def loaded(self, *names: str) -> None:
        """Waits for the pipe."""
        until(lambda: set(names) <= {load.path for load in self.history.loads()})

    def query(self, what: str) -> list[tuple]:
        with duckdb.connect() as database:
            files = f"read_parquet('{self.folder}/*.parquet', union_by_name = true)"
            where = f"starts_with(LOG_FILENAME, '{self.prefix}')"
            return database.execute(f"SELECT {what} FROM {files} WHERE {where} ORDER BY ALL").fetchall()

    def rows(self) -> list[tuple]:
        """All but the load time."""
        return self.query("* EXCLUDE (LOG_TIMESTAMP)")

    def ids(self) -> list[str]:
        return [row[0] for row in self.query("REQUEST_ID")]

    def remove_files(self) -> None:
        """All files of RAW that hold a row of the day, as somebody might by hand."""
        for path in self.folder.glob("*.parquet"):
            with duckdb.connect() as database:
                names = database.execute("SELECT DISTINCT LOG_FILENAME FROM read_parquet(?)", [str(path)]).fetchall()
            if any(name.startswith(self.prefix) for (name,) in names):
                path.unlink()

    def replay(self) -> None:
        replay("local", f"{self.day:%Y-%m-%d}", f"{self.day + DAY:%Y-%m-%d}")


@pytest.fixture
def refreshed(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """In place of the transformation, which has tests of its own: whether each was to begin from nothing."""
    asked: list[bool] = []
    monkeypatch.setattr(command, "transform", lambda _stack, full_refresh: asked.append(full_refresh))
    return asked


@pytest.fixture
def lake(cloud: Cloud, deployed: dict[str, Any], refreshed: list[bool]) -> Lake:
    return Lake(cloud, deployed)


def test_a_replay_of_everything_leaves_raw_as_it_was_but_for_the_load_time(lake, refreshed):
    names = [lake.put(number, f"{number}-a", f"{number}-b", broken=number == 2) for number in range(3)]
    lake.loaded(*names)
    before, times = lake.rows(), lake.query("min(LOG_TIMESTAMP), max(LOG_TIMESTAMP)")
    totals = lake.history.totals()
    lake.replay()
    lake.replay()
    assert lake.rows() == before
    assert len(before) == 6
    assert lake.query("min(LOG_TIMESTAMP)")[0][0] > times[0][1]
    assert lake.history.totals() == totals
    assert refreshed == [False, False]


def test_files_of_raw_that_were_deleted_come_back(lake, refreshed):
    names = [lake.put(number, f"{number}-a") for number in range(3)]
    lake.loaded(*names)
    before = lake.rows()
    lake.remove_files()
    assert lake.rows() == []
    with console.capture() as said:
        lake.replay()
    assert lake.rows() == before
    assert "3 objects RAW has no row of will be loaded too" in said.get()
    assert refreshed == [False]


def test_even_the_first_empty_file_comes_back(lake, tmp_path):
    lake.loaded(lake.put(0, "a"))
    before = lake.rows()
    aside = {path: path.rename(tmp_path / path.name) for path in lake.folder.glob("*.parquet")}
    lake.replay()
    assert lake.rows() == before
    for path, kept in aside.items():  # the other days' rows
        if not path.exists():
            kept.rename(path)
    lake.replay()
    assert lake.rows() == before


def test_objects_that_were_delivered_before_there_was_a_pipe_are_loaded(lake):
    sqs_less = {"QueueConfigurations": []}
    told = lake.s3.get_bucket_notification_configuration(Bucket=lake.bucket)
    lake.s3.put_bucket_notification_configuration(Bucket=lake.bucket, NotificationConfiguration=sqs_less)
    try:
        lake.put(0, "unannounced")
    finally:
        told.pop("ResponseMetadata")
        lake.s3.put_bucket_notification_configuration(Bucket=lake.bucket, NotificationConfiguration=told)
    lake.replay()
    assert lake.ids() == ["unannounced"]


def test_only_the_period_is_touched_to_the_second(lake):
    names = [lake.put(number, f"{number}") for number in range(3)]
    lake.loaded(*names)
    times = dict(lake.query("REQUEST_ID, LOG_TIMESTAMP"))
    replay("local", f"{lake.day:%Y-%m-%d}T00:01", f"{lake.day:%Y-%m-%d}T00:02")
    after = dict(lake.query("REQUEST_ID, LOG_TIMESTAMP"))
    assert {one for one in after if after[one] != times[one]} == {"1"}


def test_rows_of_an_object_that_is_gone_leave_and_the_tables_begin_from_nothing(lake, refreshed):
    names = [lake.put(number, f"{number}") for number in range(3)]
    lake.loaded(*names)
    lake.s3.delete_object(Bucket=lake.bucket, Key=names[1])
    with console.capture() as said:
        lake.replay()
    assert lake.ids() == ["0", "2"]
    assert "1 object of RAW are gone from S3" in said.get()
    lake.replay()
    assert refreshed == [True, False]


def test_a_crash_between_the_steps_loses_nothing_and_is_mended_by_the_next_replay(lake, refreshed, monkeypatch):
    names = [lake.put(number, f"{number}") for number in range(3)]
    lake.loaded(*names)
    before = lake.rows()

    def crash(_self: Reload, _gone: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Reload, "finish", crash)
        with pytest.raises(KeyboardInterrupt):
            lake.replay()
    assert sorted(set(lake.ids())) == ["0", "1", "2"]
    assert len(lake.rows()) == 6
    lake.replay()
    assert lake.rows() == before
    lake.replay()
    assert refreshed == [True, False]  # what a replay that was cut short took out, nobody knows


def test_nothing_is_lost_or_doubled_while_the_pipe_loads(lake, cloud):
    names = [lake.put(number, f"{number:03d}-a", f"{number:03d}-b") for number in range(60)]
    for _ in range(3):
        lake.replay()
    lake.loaded(*names)
    until(lambda: len(lake.ids()) == 120)
    lake.replay()
    assert lake.ids() == sorted(f"{number:03d}-{part}" for number in range(60) for part in "ab")


def test_an_object_that_can_not_be_read_keeps_its_rows_and_the_others_are_replayed(lake, refreshed):
    names = [lake.put(number, f"{number}") for number in range(2)]
    lake.loaded(*names)
    times = dict(lake.query("REQUEST_ID, LOG_TIMESTAMP"))
    torn = gzip.compress(b"{}" * 1000)[:20]
    lake.s3.put_object(Bucket=lake.bucket, Key=names[0], Body=torn)
    with pytest.raises(Problem, match=r"1 of 2 objects could not be read \(raw/.*decompressed"):
        lake.replay()
    after = dict(lake.query("REQUEST_ID, LOG_TIMESTAMP"))
    assert (after["0"] == times["0"], after["1"] == times["1"]) == (True, False)
    assert refreshed == [False]


def test_two_replays_at_a_time_and_a_period_without_anything_are_refused(lake, cloud):
    with pytest.raises(Problem, match="no object was delivered in the period"):
        replay("local", "1999-01-01", "1999-01-02")
    with locked(cloud.folder, "headrace replay"), pytest.raises(Problem, match="being changed by `headrace replay`"):
        lake.replay()


@pytest.mark.slow
def test_the_modelled_tables_are_the_same_after_a_replay(cloud, deployed, tmp_path: Path):
    lake = Lake(cloud, deployed)
    lake.loaded(*(lake.put(number, f"{number}-a", f"{number}-b", f"{number}-a") for number in range(3)))
    lake.replay()
    before = modelled(cloud.folder)
    lake.remove_files()
    lake.replay()
    assert modelled(cloud.folder) == before
    assert before["EVENTS.logs"]


def modelled(folder: Path) -> dict[str, list[tuple]]:
    """All tables, but for when their rows were loaded and made."""
    with duckdb.connect(str(folder / "warehouse.duckdb"), read_only=True) as database:
        columns = database.execute(
            "SELECT schema_name || '.' || table_name, list(column_name) FROM duckdb_columns() "
            "WHERE table_name IN (SELECT table_name FROM duckdb_tables()) "
            "AND column_name NOT IN ('created_at', 'loaded_at') AND schema_name IN ('EVENTS', 'STATS') GROUP BY ALL"
        ).fetchall()
        return {
            name: database.execute(f"SELECT {', '.join(names)} FROM {name} ORDER BY ALL").fetchall()
            for name, names in columns
        }
