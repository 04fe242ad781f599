"""The statements a Snowflake account would be told. They are parsed here; no account has run them."""

from contextlib import contextmanager
from datetime import datetime
from typing import Any

import pytest
import sqlglot
from snowflake.connector import ProgrammingError
from sqlglot import exp

from headrace.console import Problem
from headrace.replay import snowflake
from headrace.replay.objects import Object
from headrace.replay.period import Period
from headrace.replay.raw import by_object, selection
from headrace.replay.snowflake import SnowflakeRaw, copying, deletion, left_to_the_pipe, outcome_of
from headrace.warehouse import Place
from infrastructure.components.raw_logs import copy_statement

RAW, STAGE = '"DB"."RAW"."LOGS"', '"DB"."RAW"."LOGS_STAGE"'
PLACE = Place(target="snowflake", raw=RAW, database=None, variables={})
PUBLISHED = {"snowflake_database": "DB", "snowflake_schema": "RAW", "snowflake_stage": "LOGS_STAGE"}
NAMES = ["raw/2026/01/01/00/s-1-2026-01-01-00-00-00-a.gz", "raw/2026/01/01/00/it's\\b.gz"]


class Account:
    """Remembers what it is told, and answers a COPY with the files it is said to hold."""

    def __init__(self, *held: str, refuse: str | None = None) -> None:
        self.held, self.refuse, self.told = held, refuse, []

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        self.told.append(statement)
        if self.refuse and statement.startswith(self.refuse):
            raise ProgrammingError("Insufficient privileges\nto operate on it.")
        if not statement.startswith("COPY"):
            return []
        found = [name for name in self.held if escaped(name.removeprefix("raw/")) in statement]
        return [(f"s3://my-raw/{name}", "LOADED", 10, 9, 10, 1) for name in found] or [("0 files processed.",)]

    @property
    def kinds(self) -> list[str]:
        return [statement.split()[0] for statement in self.told]


@pytest.fixture
def connect(monkeypatch: pytest.MonkeyPatch):
    def using(account: Account) -> Account:
        @contextmanager
        def connected(_place: Place):
            yield account

        monkeypatch.setattr(snowflake, "connected", connected)
        return account

    return using


def escaped(name: str) -> str:
    return name.replace("\\", "\\\\").replace("'", "''")


def objects(*names: str) -> list[Object]:
    return [Object(name, "etag", 7) for name in names]


def test_the_copy_is_the_pipes_own_for_named_files_whatever_was_loaded_before():
    statement = copying(RAW, STAGE, NAMES[:1])
    assert statement.startswith(copy_statement(RAW, STAGE).rpartition("ON_ERROR")[0])
    assert "'2026/01/01/00/s-1-2026-01-01-00-00-00-a.gz'" in statement
    parsed = sqlglot.parse_one(statement, dialect="snowflake")
    assert isinstance(parsed, exp.Copy)
    options = {option.this.name.upper(): option.expression for option in parsed.args["params"]}
    assert options.keys() == {"FILES", "ON_ERROR", "FORCE"}


def test_names_are_quoted_so_that_each_stays_one_text():
    parsed = sqlglot.parse_one(deletion(RAW, NAMES), dialect="snowflake")
    assert isinstance(parsed, exp.Delete)
    assert [literal.name for literal in parsed.find_all(exp.Literal)] == NAMES
    assert r"'2026/01/01/00/it''s\\b.gz'" in copying(RAW, STAGE, NAMES)


def test_rows_are_counted_within_the_names_of_the_period_only():
    wanted = Period(datetime(2026, 1, 1), datetime(2026, 1, 2))
    parsed = sqlglot.parse_one(selection(PLACE, wanted), dialect="snowflake")
    assert {literal.name for literal in parsed.find_all(exp.Literal)} == {"raw/2025/12/31/00/", "raw/2026/01/02/000"}
    found = by_object([(NAMES[0], 2, 1, -5), ("raw/2025/12/31/00/s-1-2025-12-31-00-00-00-a.gz", 1, 1, 1)], wanted)
    assert list(found) == NAMES[:1]


def test_rows_leave_and_come_in_one_transaction(connect):
    account, steps = connect(Account(*NAMES)), []
    outcome = SnowflakeRaw(PLACE, PUBLISHED).replace(objects(*NAMES), ["raw/gone"], steps.append)
    assert account.kinds == ["BEGIN", "DELETE", "COPY", "COMMIT", "DELETE"]
    assert (outcome.refused, outcome.unread, steps) == (2, {}, [14])


def test_an_object_that_copy_passes_over_keeps_its_rows(connect):
    account = connect(Account(NAMES[0]))
    outcome = SnowflakeRaw(PLACE, PUBLISHED).replace(objects(*NAMES), [], lambda _: None)
    assert account.kinds == ["BEGIN", "DELETE", "COPY", "ROLLBACK", "BEGIN", "DELETE", "COPY", "COMMIT"]
    assert escaped(NAMES[1]) not in account.told[5]
    assert (outcome.refused, list(outcome.unread)) == (1, [NAMES[1]])


def test_what_snowflake_refuses_is_taken_back_and_said_in_one_line(connect):
    account = connect(Account(*NAMES, refuse="COPY"))
    with pytest.raises(Problem, match=r"Snowflake refused .*Insufficient privileges.* run the same command again"):
        SnowflakeRaw(PLACE, PUBLISHED).replace(objects(*NAMES), [], lambda _: None)
    assert account.kinds == ["BEGIN", "DELETE", "COPY", "ROLLBACK"]


def test_a_copy_without_files_took_none():
    assert outcome_of([("Copy executed with 0 files processed.",)], NAMES) == (
        [],
        0,
        dict.fromkeys(NAMES, "Snowflake did not find it"),
    )


def test_a_stack_from_before_the_stage_was_published_is_told_to_update():
    with pytest.raises(Problem, match="make up"):
        SnowflakeRaw(PLACE, {"snowflake_database": "DB"})


def test_what_was_just_delivered_and_is_not_in_raw_is_left_to_the_pipe():
    young, known, old = (
        f"raw/2026/01/01/00/s-1-2026-01-01-00-{minute}-00-{minute}.gz" for minute in ("59", "58", "01")
    )
    assert left_to_the_pipe(objects(young, known, old), {known}, datetime(2026, 1, 1, 1, 0)) == {young}
