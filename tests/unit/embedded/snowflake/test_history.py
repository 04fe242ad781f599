"""The load history: what loads each file once, and shows what became of it."""

import time
from dataclasses import replace

import pytest

from embedded.snowflake.history import FAILED, LOADED, REMEMBERED_SECONDS, History, Load

LOAD = Load("pipe", "table", "raw/a.gz", "etag", 10, LOADED, 3, 2, 1, "why", 2, time.time(), "1.parquet")


@pytest.fixture
def history(tmp_path) -> History:
    return History.of_stack(tmp_path)


def test_a_file_is_known_by_its_path_to_its_pipe_also_when_its_content_has_changed(history):
    history.add([LOAD])
    assert history.has("pipe", "raw/a.gz", "etag")
    assert history.has("pipe", "raw/a.gz", "other content")
    assert not history.has("pipe", "raw/b.gz", "etag")
    assert not history.has("other", "raw/a.gz", "etag")


def test_a_file_that_could_not_be_loaded_gets_another_chance_once_it_has_changed(history):
    history.add([replace(LOAD, status=FAILED)])
    assert history.has("pipe", "raw/a.gz", "etag")
    assert not history.has("pipe", "raw/a.gz", "mended")


def test_a_file_is_forgotten_after_fourteen_days(history):
    history.add([replace(LOAD, loaded_at=time.time() - REMEMBERED_SECONDS - 1)])
    assert not history.has("pipe", "raw/a.gz", "etag")


def test_the_newest_come_last_and_can_be_limited(history):
    history.add(replace(LOAD, path=str(number), loaded_at=float(number)) for number in range(5))
    assert [load.path for load in history.loads(limit=2)] == ["3", "4"]
    assert len(history.loads()) == 5


def test_totals_add_up(history):
    history.add([LOAD, replace(LOAD, path="b", status=FAILED, rows_parsed=0, rows_loaded=0, errors=0)])
    assert history.totals() == {"objects": 2, "failed_objects": 1, "rows_parsed": 3, "rows_loaded": 2, "errors": 1}


def test_an_interrupted_load_is_settled_or_forgotten(history):
    history.add([LOAD], pending=True)
    assert history.pending() == [("table", "1.parquet")]
    history.settle("1.parquet")
    assert history.pending() == []
    history.forget("1.parquet")
    assert not history.has("pipe", "raw/a.gz", "etag")


def test_before_the_first_load_there_is_nothing_and_no_file(history):
    assert history.loads() == []
    assert history.totals()["objects"] == 0
    assert not history.path.exists()
