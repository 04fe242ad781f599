"""What dbt tells of a warehouse: how old its newest event is, and what its tables are."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from headrace.__main__ import app
from tests.unit.headrace import raw_logs
from tests.unit.headrace.raw_logs import BEGINNING, Hit


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One place for all tests of this module, because dbt parses the project anew for each path it has not seen."""
    home = tmp_path_factory.mktemp("headrace")
    raw_logs.stack(home)
    return home


@pytest.fixture
def run(folder: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HEADRACE_HOME", str(folder))
    monkeypatch.setenv("TZ", "Asia/Tokyo")  # times are UTC, wherever the machine is
    return lambda *arguments: CliRunner().invoke(app, list(arguments))


def test_an_empty_raw_has_no_age(run):
    done = run("freshness")
    assert done.exit_code == 1
    assert "nothing has arrived in RAW of stack 'local' yet" in done.output


def test_raw_is_stale_a_day_after_its_newest_event_and_fresh_before(run, folder):
    files = folder / "local" / "snowflake" / "HEADRACE_TEST" / "RAW" / "LOGS"
    raw_logs.load(files, [Hit(request_id="old", client_id="ada")])
    done = run("freshness")
    assert (done.exit_code, "days ago" in done.output) == (1, True)
    now = datetime.now(UTC) - BEGINNING
    raw_logs.load(files, [Hit(request_id="new", client_id="ada", received=now)], object_name="raw/new")
    done = run("freshness")
    assert (done.exit_code, "✓ newest event in RAW: received " in done.output) == (0, True)


def test_the_documentation_is_one_page_that_says_what_it_lacks(run, folder):
    done = run("docs", "--no-open")
    assert done.exit_code == 0, done.output
    page = folder / "local" / "dbt" / "target" / "static_index.html"
    assert page.as_uri() in done.output.replace("\n", "")
    assert "models are not built yet" in done.output
    assert "occurred_at" in page.read_text()


def test_nothing_deployed_says_make_up(run):
    for command in ("freshness", "docs"):
        done = run(command, "--stack", "nowhere")
        assert (done.exit_code, "Run `make up STACK=nowhere` first" in done.output) == (1, True)
