"""`headrace transform` on RAW files as the embedded pipe writes them."""

import shutil
import subprocess
import sys
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner

from headrace import dbt, warehouse
from headrace.__main__ import app
from headrace.console import Problem
from headrace.transform import DBT_PROJECT, Progress, build, transform
from tests.unit.headrace import raw_logs
from tests.unit.headrace.raw_logs import Hit

MINUTE = timedelta(minutes=1)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One place for all tests of this module, because dbt parses the project anew for each path it has not seen."""
    return tmp_path_factory.mktemp("headrace")


@pytest.fixture
def artifacts(folder: Path) -> Path:
    return folder / "dbt"


@pytest.fixture
def home(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.rmtree(folder / "local", ignore_errors=True)
    monkeypatch.setenv("HEADRACE_HOME", str(folder))
    return folder


def built(artifacts: Path) -> Progress:
    progress = Progress()
    build(warehouse.find("local"), artifacts, progress)
    assert progress.failures == []
    return progress


def query(home: Path, statement: str) -> list[tuple]:
    with duckdb.connect(str(home / "local" / "warehouse.duckdb"), read_only=True) as database:
        return database.execute(statement).fetchall()


def hit(number: int, minutes: float = 0, client: str | None = "ada", **body: object) -> Hit:
    return Hit(request_id=f"hit-{number}", client_id=client, received=minutes * MINUTE, body=body)


def test_an_empty_raw_makes_empty_tables(home, artifacts):
    raw_logs.stack(home)
    progress = built(artifacts)
    assert {model.name for model in progress.models} >= {"EVENTS.logs", "STATS.overview_1d"}
    assert query(home, "select count(*) from EVENTS.LOGS") == [(0,)]
    assert query(home, "select count(*) from STATS.OVERVIEW_1D") == [(0,)]


def test_the_models_own_unit_tests_pass(home, artifacts):
    raw_logs.stack(home)
    built(artifacts)
    tested = dbt.run(warehouse.find("local"), artifacts, "test", "--select", "test_type:unit")
    assert {result.status for result in tested.results} == {"pass"}


def test_a_days_figures_count_each_event_once_and_survive_wrong_types(home, artifacts):
    files = raw_logs.stack(home)
    purchase = {"t": "event", "pa": "purchase", "ti": "T1", "tr": "25.50", "tt": 2.5, "ts": "1", "cu": "EUR"}
    products = {"pr1id": "A", "pr1qt": "2", "pr1pr": "10", "pr2id": "B", "pr2pr": "4.50"}
    hits = [
        hit(1, 0, t="pageview", dl="https://Shop.example/A"),
        hit(2, 1, t="event", pa="detail", pr1id="a"),
        hit(3, 2, t="event", pa="detail", pr1id="A", pr1pr="expensive", pr1qt={"n": 1}),
        hit(4, 40, uid="Ada@example.org", **purchase, **products),
        hit(4, 41, uid="Ada@example.org", **purchase, **products),  # sent again
        hit(5, 42, **purchase, **products),  # the receipt's page was loaded again
        hit(6, 50, client="bob", t={"not": "text"}, pa=["neither"], tr="NaN", qt="-1", dt=None, ul=7),
        hit(7, 51, client=None, t="pageview"),
        hit(8, 24 * 60, t="pageview", tr="1e999999"),
    ]
    raw_logs.load(files, hits)
    built(artifacts)
    figures = (
        "cast(timestamp as varchar), count_active_sessions, count_active_clients, count_active_users, pageviews, "
        "sum_of_product_details, product_details, transactions, transaction_revenue, transaction_tax, "
        "purchased_items, purchased_products"
    )
    assert query(home, f"select {figures} from STATS.OVERVIEW_1D order by timestamp") == [
        ("2024-03-01 00:00:00", 4, 2, 1, 2, 2, 1, 1, Decimal("25.5"), Decimal("2.5"), 3, 2),
        ("2024-03-02 00:00:00", 1, 1, 0, 1, 0, 0, 0, Decimal(0), Decimal(0), 0, 0),
    ]
    users = "select session_based_user_ids, count(*) from EVENTS.LOGS where client_id = 'ada' group by all order by 2"
    assert query(home, users) == [(["ada@example.org"], 2), ([], 4)]


def test_a_second_run_changes_nothing(home, artifacts):
    files = raw_logs.stack(home)
    raw_logs.load(files, [hit(number, number * 7 % 100, t="pageview") for number in range(50)])
    statement = "select * exclude (created_at) from EVENTS.LOGS order by log_id"
    built(artifacts)
    before = query(home, statement)
    built(artifacts)
    assert len(before) == 50
    assert query(home, statement) == before


def test_what_arrived_since_is_in_the_next_run(home, artifacts):
    files = raw_logs.stack(home)
    raw_logs.load(files, [hit(1, 0), hit(3, 40)])
    built(artifacts)
    assert query(home, "select count(distinct session_id) from EVENTS.LOGS") == [(2,)]
    # It happened between the two: what were two visits is one.
    raw_logs.load(files, [hit(2, 60, qt=40 * 60 * 1000)], object_name="raw/late.gz")
    built(artifacts)
    assert query(home, "select count(distinct session_id) from EVENTS.LOGS") == [(1,)]


def test_the_command_tells_what_it_built(home, capsys):
    files = raw_logs.stack(home)
    raw_logs.load(files, [hit(1, t="pageview")])
    before = sorted(DBT_PROJECT.iterdir())
    done = CliRunner().invoke(app, ["transform"])
    assert done.exit_code == 0
    told = capsys.readouterr().out + done.output
    assert "1 row in RAW" in told
    assert "EVENTS.logs" in told
    assert "make report" in told
    assert sorted(DBT_PROJECT.iterdir()) == before


def test_an_empty_raw_says_how_to_send_events(home):
    raw_logs.stack(home)
    with pytest.raises(Problem, match="make pump"):
        transform("local")


def test_a_warehouse_open_elsewhere_names_the_process(home):
    raw_logs.load(raw_logs.stack(home), [hit(1)])
    database = home / "local" / "warehouse.duckdb"
    holds = f"import duckdb; c = duckdb.connect({str(database)!r}); print('open', flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", holds], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "open\n"
        with pytest.raises(Problem, match=f"pid {holder.pid}"):
            transform("local")
        holder.communicate("\n")


def test_a_model_that_fails_is_one_line_with_the_log(home):
    files = raw_logs.stack(home)
    (files / "0.parquet").unlink()
    with duckdb.connect() as database:
        database.execute(
            "copy (select 'api.collect' as SERVICE_ID, timestamp '2024-03-01' as REQUEST_TIMESTAMP) "
            f"to '{files / 'other.parquet'}' (format parquet)"
        )
    with pytest.raises(Problem, match=r"failed\. See .*dbt\.log"):
        transform("local")
