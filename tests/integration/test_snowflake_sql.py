"""What dbt runs on Snowflake: run on fakesnow beside DuckDB, from the same hits to the same tables, and parsed.

fakesnow is Snowflake's SQL over DuckDB: it shows that both engines' macros mean the same, not that Snowflake agrees.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import sqlglot
from sqlglot import exp

from headrace import accounts, dbt, warehouse
from headrace.home import PROJECT_FOLDER
from tests.integration.every_hit import HIT_TYPES, PRODUCT_ACTIONS, every_hit
from tests.integration.fake_account import STOOD_IN, fake_account, variables
from tests.unit.headrace import raw_logs

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore:Arrow output on a DB-API result:UserWarning")]

# Functions that DuckDB has and Snowflake does not: one of them in what is sent was not dispatched.
ONLY_DUCKDB = (
    "read_parquet",
    "json_extract",
    "json_each",
    *("list_filter(", "list_zip(", "list_sort(", "list_transform(", "json_type("),
    "epoch_ms(",
    "try_cast(",
    "make_timestamp",
    "sha1(",
)

MADE = ("STAGING", "EVENTS", "STATS")

# What `make ledger` has counted: of an hour in which hits came, with a text that is to be quoted, and of another.
FIRST_HOUR = raw_logs.BEGINNING.replace(tzinfo=None)
COUNTED: list[tuple[object, ...]] = [
    (datetime(2024, 2, 1), "put", "", 3, 0, raw_logs.LOADED),
    (FIRST_HOUR, "loaded", "", 1, 2, raw_logs.LOADED),
    (FIRST_HOUR, "bad", "it's \\ odd", 7, 1, raw_logs.LOADED),
]

# A table's rows: its columns' names, and a sorted list.
Rows = tuple[tuple[str, ...], list[tuple[Any, ...]]]


@dataclass(frozen=True)
class Engines:
    """Tables and views by name, and every statement that Snowflake was sent.

    local: DuckDB's, from one run over all hits. snowflake: those of a run over half of the hits and of another over the
    rest. live: Snowflake's views EVENTS_LIVE between the two, when all hits were in RAW.
    """

    local: Mapping[str, Rows]
    snowflake: Mapping[str, Rows]
    live: Mapping[str, Rows]
    statements: list[str]


@pytest.fixture(scope="module")
def engines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engines]:
    """Both engines with the same hits. Every other hit comes second, so that many are late, or their copies early."""
    home = tmp_path_factory.mktemp("engines")
    with pytest.MonkeyPatch.context() as environment, fake_account() as account:
        for name, value in {"HEADRACE_HOME": str(home), **variables(home)}.items():
            environment.setenv(name, value)
        files = raw_logs.stack(home)
        local, snowflake = warehouse.find("local"), warehouse.find("local", "snowflake")
        hits = every_hit()
        raw_logs.load(files, hits[::2], object_name="raw/first.gz")
        account.load(files)
        for place in (local, snowflake):
            accounts.replace_hours(place, COUNTED)
            accounts.replace_hours(place, COUNTED[1:])  # counted once more, and another hour not
        run("run", snowflake, home / "dbt")
        raw_logs.load(files, hits[1::2], object_name="raw/second.gz")
        account.load(files)
        live = read(snowflake, "EVENTS_LIVE")
        run("build", snowflake, home / "dbt")  # with its data tests
        run("run", local, home / "dbt")
        yield Engines(read(local, *MADE), read(snowflake, *MADE), live, account.statements)


def run(command: str, place: warehouse.Place, folder: Path) -> None:
    """What `headrace transform` does, with as little beside it as can be: the tests' time goes into dbt."""
    accounts.make_table(place)
    exclusions = ["--exclude-resource-type", "unit_test"] if command == "build" else []
    result = dbt.run(place, folder, command, "--no-write-json", *exclusions)
    assert [one.node.name for one in result.results if one.status in ("error", "fail", "warn", "skipped")] == []


def read(place: warehouse.Place, *schemas: str) -> dict[str, Rows]:
    """All tables and views of some schemas."""
    with warehouse.connected(place) as connection:
        columns: dict[str, list[tuple[str, str]]] = {}
        for table_schema, table, column, kind in connection.rows(
            "select table_schema, table_name, column_name, data_type from information_schema.columns "
            f"where table_schema in ({', '.join(map(repr, schemas))}) order by ordinal_position"
        ):
            # When rows were made is not the same twice.
            if column.lower() != "created_at":
                columns.setdefault(f"{table_schema}.{table.lower()}", []).append((column.lower(), kind))
        return {
            table: (
                tuple(name for name, _ in found),
                sorted(
                    (
                        tuple(map(plain, row))
                        for row in connection.rows(f"select {', '.join(name for name, _ in found)} from {table}")
                    ),
                    key=repr,
                ),
            )
            for table, found in columns.items()
        }


def plain(value: Any) -> Any:
    """A value as both engines' clients can say it: documents and arrays come as text from Snowflake's."""
    match value:
        case bool() | None:
            return value
        case int() | float() | Decimal():
            return f"{Decimal(str(value)).normalize():f}"
        case datetime():
            return value.isoformat(timespec="milliseconds")
        case list():
            return json.dumps(value)
        case str() if value[:1] in ("[", "{"):
            try:
                found = json.loads(value)
            except ValueError:
                return value
            if isinstance(found, list):  # fakesnow's array_agg keeps NULLs
                found = [item for item in found if item is not None]
            return json.dumps(found, sort_keys=True)
    return value


def differences(left: Mapping[str, Rows], right: Mapping[str, Rows]) -> list[str]:
    """Of tables with the same names: which rows differ, and in what."""
    found = []
    for table, (columns, rows) in left.items():
        others = right[table]
        if others[0] != columns or len(others[1]) != len(rows):
            found.append(f"{table}: {len(rows)} rows of {columns}, {len(others[1])} of {others[0]}")
            continue
        for row, other in zip(rows, others[1], strict=True):
            values = zip(columns, row, other, strict=True)
            if row != other:
                told = ", ".join(f"{name}: {one!r} {two!r}" for name, one, two in values if one != two)
                found.append(f"{table} {row[0]}: {told}")
    return found


def test_both_engines_make_the_same_tables(engines):
    assert engines.local.keys() == engines.snowflake.keys()
    assert differences(engines.local, engines.snowflake) == []


def test_live_views_on_snowflake_show_what_the_next_run_makes(engines):
    modelled = {table.replace("EVENTS_LIVE.", "EVENTS."): rows for table, rows in engines.live.items()}
    staged = modelled.pop("EVENTS.logs_staged")
    assert differences(modelled, engines.local) == []
    assert len(staged[1]) > len(every_hit()) / 3


def test_the_hits_are_of_every_kind_and_no_table_is_empty(engines):
    columns, rows = engines.local["EVENTS.logs"]
    seen = [dict(zip(columns, row, strict=True)) for row in rows]
    assert {row["hit_type"] for row in seen} >= set(HIT_TYPES)
    assert {row["product_action"] for row in seen} >= set(PRODUCT_ACTIONS)
    assert {row["protocol"] for row in seen} == {"google-analytics-v1", "segment", "snowplow"}
    assert [table for table, (_, rows) in engines.local.items() if not rows] == []


def test_every_statement_is_snowflakes_sql(engines):
    for statement in set(engines.statements):
        parsed = sqlglot.parse(statement, dialect="snowflake")
        if any(isinstance(part, (exp.Query, exp.Create, exp.Insert, exp.Delete)) for part in parsed):
            assert [word for word in ONLY_DUCKDB if word in statement.lower()] == [], statement


def test_raw_is_the_table_that_the_pipe_loads(engines):
    (statement,) = [one for one in engines.statements if "view HEADRACE_TEST.STAGING.stg_logs" in one][-1:]
    assert "HEADRACE_TEST.RAW.LOGS" in {
        f"{table.catalog}.{table.db}.{table.name}"
        for table in sqlglot.parse_one(statement, dialect="snowflake").find_all(exp.Table)
    }


def test_the_docs_say_what_was_not_run_as_snowflake_would():
    text = " ".join((PROJECT_FOLDER / "docs" / "warehouse.md").read_text().split())
    for what, instead in STOOD_IN.items():
        assert f"| {what} | {instead} |" in text
