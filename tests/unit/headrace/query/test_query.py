"""`headrace query` on a stack of this machine."""

import json
from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner

from headrace.__main__ import app
from tests.unit.headrace import raw_logs
from tests.unit.headrace.raw_logs import Hit


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HEADRACE_HOME", str(tmp_path))
    monkeypatch.delenv("SQL", raising=False)
    raw_logs.load(raw_logs.stack(tmp_path), [Hit(request_id=f"hit-{n}", client_id="ada") for n in range(150)])
    return tmp_path


def modelled(home: Path) -> None:
    with duckdb.connect(str(home / "local" / "warehouse.duckdb")) as database:
        database.execute("create schema EVENTS; create table EVENTS.logs as select 7 as n")


def ask(*arguments: str, code: int = 0, **options) -> str:
    done = CliRunner().invoke(app, ["query", *arguments], **options)
    assert done.exit_code == code, done.output
    return done.output


def test_raw_and_the_modelled_tables_have_the_names_they_have_on_snowflake(home):
    modelled(home)
    assert "157" in ask("select count(*) + (select n from EVENTS.LOGS) as total from RAW.LOGS")
    listed = ask()
    assert "EVENTS" in listed
    assert "RAW" in listed


def test_a_table_is_cut_with_a_notice_and_programs_get_all_rows(home):
    assert "the first 100 rows: --limit 0 shows all" in ask("select request_id from RAW.LOGS")
    assert "150 rows" in ask("select request_id from RAW.LOGS", "--limit", "0")
    assert "the first 3 rows" in ask("select request_id from RAW.LOGS", "--limit", "3")
    assert "1 row\n" in ask("select 1", "--limit", "1")
    assert len(json.loads(ask("select request_id from RAW.LOGS", "--json"))) == 150
    assert len(ask("select request_id from RAW.LOGS", "--csv", "--limit", "2").splitlines()) == 3


def test_the_statement_may_come_from_the_environment_or_standard_input(home):
    assert json.loads(ask("--json", env={"SQL": """select '"quoted"' as a"""})) == [{"a": '"quoted"'}]
    assert json.loads(ask("-", "--json", input="select 2 as a")) == [{"a": 2}]


def test_errors_are_one_line_with_a_cure(home):
    assert (
        ask("select * from EVENTS.nope", code=1)
        .strip()
        .endswith("Run `make transform` first: only RAW.LOGS is there yet.")
    )
    modelled(home)
    said = ask("select * from EVENTS.nope", code=1)
    assert said.count("\n") == 1
    assert "`make query` without SQL lists the tables" in said
    assert "exclude each other" in ask("select 1", "--json", "--csv", code=1)
    assert "kind DROP" in ask("drop table EVENTS.logs", code=1)
