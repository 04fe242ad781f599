"""EVENTS.USER_AGENTS from hits to rows, and the one Python source of its function on both engines."""

import json
import logging
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import duckdb
import fakesnow
import pytest
import snowflake.connector
import sqlglot
from dbt.cli.main import dbtRunner
from sqlglot import exp

from headrace import user_agents, warehouse
from headrace.home import PROJECT_FOLDER
from headrace.transform import DBT_PROJECT, Progress, build
from tests.unit.headrace import raw_logs
from tests.unit.headrace.raw_logs import Hit

FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:65.0) Gecko/20100101 Firefox/65.0"
IPAD = (
    "Mozilla/5.0 (iPad; CPU OS 12_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/12.0 Mobile/15E148 Safari/604.1"
)
GOOGLEBOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
HOSTILE = "'; drop table logs; -- $$ {{ 1 }} \\ \" \x00\u2028 🤷 " + "x" * 5000
ROWS = "select * exclude (created_at) from {}.USER_AGENTS order by id"


def hit(number: int, agent: str | None, minutes: int = 0) -> Hit:
    body = {"t": "pageview"} if agent is None else {"t": "pageview", "ua": agent}
    return Hit(
        request_id=f"hit-{number}", client_id=f"client-{number}", received=minutes * timedelta(minutes=1), body=body
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One place for all tests of this module, because dbt parses the project anew for each path it has not seen."""
    return tmp_path_factory.mktemp("headrace")


@pytest.fixture
def home(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.rmtree(folder / "local", ignore_errors=True)
    monkeypatch.setenv("HEADRACE_HOME", str(folder))
    return folder


def transformed(home: Path, *, full_refresh: bool = False) -> list[tuple]:
    progress = Progress()
    build(warehouse.find("local"), home / "dbt", progress, full_refresh=full_refresh)
    assert progress.failures == []
    return asked(home, ROWS.format("EVENTS"))


def asked(home: Path, statement: str) -> list[tuple]:
    with duckdb.connect() as connection:
        user_agents.register(connection)
        connection.execute(f"attach '{home}/local/warehouse.duckdb' as modelled (read_only)")
        return connection.execute(f"use modelled; {statement}").fetchall()


@pytest.mark.slow
def test_each_agent_is_a_row_however_the_hits_arrive(home):
    files = raw_logs.stack(home)
    raw_logs.load(files, [hit(1, FIREFOX.lower()), hit(2, IPAD), hit(3, HOSTILE), hit(4, FIREFOX.lower(), 1)])
    first = transformed(home)
    names = "select browser_name, os_name, device_type, is_bot from EVENTS.USER_AGENTS where browser_name is not null"
    assert ("Mobile Safari", "iOS", "tablet", False) in asked(home, names)
    assert len(first) == 3

    # A robot that is new, an agent that is known, and an earlier spelling of another.
    late = [hit(5, GOOGLEBOT, 90), hit(6, IPAD, 91), hit(7, FIREFOX, 92)]
    raw_logs.load(files, late, object_name="raw/2024/03/01/01/late.gz")
    live = asked(home, ROWS.format("EVENTS_LIVE"))
    second = transformed(home)
    assert live == second
    assert asked(home, ROWS.format("EVENTS_LIVE")) == second
    spelled = (
        "select user_agent, browser_name, is_bot from EVENTS.USER_AGENTS where browser_name in ('Firefox', 'Googlebot')"
    )
    assert sorted(asked(home, spelled)) == sorted([(FIREFOX, "Firefox", False), (GOOGLEBOT, "Googlebot", True)])
    bots = "select session.is_bot, count(*) from EVENTS.SESSIONS as session group by all order by all"
    assert asked(home, bots) == [(False, 6), (True, 1)]
    assert transformed(home, full_refresh=True) == second


def test_dbt_by_hand_knows_the_function(tmp_path):
    show = [
        "show",
        "--quiet",
        "--output",
        "json",
        "--inline",
        "select {{ parse_user_agent(\"'curl/8.4.0'\") }} as said",
        *("--target-path", tmp_path, "--log-path", tmp_path),
    ]
    done = subprocess.run(
        [Path(sys.executable).with_name("dbt"), *show],
        cwd=DBT_PROJECT,
        env=os.environ | {"HEADRACE_RAW_LOGS": "none", "HEADRACE_WAREHOUSE": ":memory:", "PYTHONSAFEPATH": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    (row,) = json.loads(done.stdout)["show"]
    assert json.loads(row["said"])["browser_name"] == "curl"


class OnSnowflake:
    """dbt with the target `snowflake`, on fakesnow."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.connection = snowflake.connector.connect(database="HEADRACE", schema="RAW")

    def dbt(self, *arguments: str) -> None:
        places = ["--project-dir", str(DBT_PROJECT), "--profiles-dir", str(DBT_PROJECT), "--target", "snowflake"]
        places += ["--target-path", str(self.folder), "--log-path", str(self.folder)]
        outcome = dbtRunner().invoke(["--quiet", *arguments, *places])
        assert outcome.success, outcome.exception or outcome.result

    def rows(self, statement: str) -> list[tuple]:
        return [tuple(row) for row in self.connection.cursor().execute(statement).fetchall()]


@pytest.fixture
def on_snowflake(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[OnSnowflake]:
    monkeypatch.setenv("SNOWFLAKE_ACCOUNT", "NOBODY-NOWHERE")
    monkeypatch.setenv("SNOWFLAKE_USER", "NOBODY")
    # sqlglot warns of each clause of `create function` that DuckDB has not.
    logging.getLogger("sqlglot").setLevel(logging.ERROR)
    with fakesnow.patch():
        yield OnSnowflake(folder / "snowflake")


def test_snowflakes_function_is_the_same_python_with_the_same_rules(on_snowflake):
    on_snowflake.dbt("build", "--select", "resource_type:function")
    created = (on_snowflake.folder / "run" / "headrace" / "functions" / "parse_user_agent.py").read_text()
    head, body, tail = created.split("$$")
    assert body.strip() == user_agents.SOURCE.read_text().strip()
    assert not tail.strip()
    assert isinstance(sqlglot.parse_one(created, dialect="snowflake"), exp.Create)
    head = " ".join(head.split())
    assert head.startswith("CREATE OR REPLACE FUNCTION HEADRACE.EVENTS.parse_user_agent ( user_agent varchar )")
    assert "RETURNS varchar LANGUAGE PYTHON IMMUTABLE RUNTIME_VERSION = '3.11'" in head
    assert "ARTIFACT_REPOSITORY = snowflake.snowpark.pypi_shared_repository" in head
    assert "HANDLER = 'parse_user_agent' AS" in head

    lock = (PROJECT_FOLDER / "requirements" / "headrace.txt").read_text()
    locked = re.findall(r"^(ua-parser(?:-builtins)?==\S+)", lock, flags=re.MULTILINE)
    assert f"PACKAGES = ({', '.join(repr(package) for package in locked)})" in head

    namespace: dict = {}
    exec(body, namespace)
    with duckdb.connect() as connection:
        user_agents.register(connection)
        for agent in (FIREFOX, IPAD, GOOGLEBOT, "", "🤷"):
            (said,) = connection.execute("select parse_user_agent(?)", [agent]).fetchone() or ()
            assert namespace["parse_user_agent"](agent) == said
