"""What dbt would run on Snowflake: compiled without an account, parsed as Snowflake's SQL, and run on fakesnow.

fakesnow is Snowflake's SQL over DuckDB: it shows that both engines' macros mean the same, not that Snowflake agrees.
"""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import fakesnow
import pytest
import snowflake.connector
import sqlglot
from dbt.cli.main import dbtRunner
from sqlglot import exp

from headrace import warehouse
from headrace.transform import DBT_PROJECT, Progress, build
from tests.unit.headrace import raw_logs
from tests.unit.headrace.raw_logs import Hit

# Functions that DuckDB has and Snowflake does not: one of them in the compiled text was not dispatched.
ONLY_DUCKDB = (
    "read_parquet",
    "json_extract",
    "json_each",
    "list_",
    "epoch_ms(",
    "try_cast(",
    "make_timestamp",
    "sha1(",
)


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    """Each model's SQL for Snowflake, by its name."""
    target = tmp_path_factory.mktemp("target")
    outcome = dbtRunner().invoke(
        [
            *("--quiet", "compile", "--target", "snowflake", "--no-introspect", "--no-populate-cache"),
            *("--project-dir", str(DBT_PROJECT), "--profiles-dir", str(DBT_PROJECT)),
            *("--target-path", str(target), "--log-path", str(target)),
        ]
    )
    assert outcome.success, outcome.exception
    return {path.stem: path.read_text() for path in (target / "compiled" / "headrace" / "models").rglob("*.sql")}


def models() -> list[str]:
    return sorted(path.stem for path in Path(DBT_PROJECT, "models").rglob("*.sql"))


@pytest.mark.parametrize("model", models())
def test_every_model_is_snowflakes_sql(compiled, model):
    (statement,) = sqlglot.parse(compiled[model], dialect="snowflake")
    assert isinstance(statement, exp.Query)
    assert [word for word in ONLY_DUCKDB if word in compiled[model].lower()] == []


def test_raw_is_the_table_that_the_pipe_loads(compiled):
    statement = sqlglot.parse_one(compiled["stg_google_analytics__hits"], dialect="snowflake")
    assert "HEADRACE.RAW.LOGS" in {
        f"{table.catalog}.{table.db}.{table.name}" for table in statement.find_all(exp.Table)
    }


def test_the_envelope_is_read_by_snowflakes_paths(compiled):
    assert 'data:request.headers."user-agent"::varchar' in compiled["stg_google_analytics__hits"]


COMPARED = {
    "EVENTS.LOGS": "log_id, request_id, session_id, client_id, user_id, cast(occurred_at as varchar), user_ip, "
    "hit_type, product_action, document_location, user_agent_id, document_title, user_language",
    "EVENTS.PAGEVIEWS": "id",
    "EVENTS.PRODUCT_ACTIONS": "id, product_id, product_quantity, product_price, product_name, currency_code, "
    "transaction_id",
    "EVENTS.PURCHASES": "id, transaction_id, transaction_revenue, transaction_tax, transaction_shipping",
    "STATS.OVERVIEW_1D": "cast(timestamp as varchar), count_active_sessions, count_new_users, pageviews, "
    "product_details, sum_of_add_to_cart, transactions, transaction_revenue, purchased_items, purchased_products",
}


def visits() -> list[Hit]:
    """Hits of every kind, some sent twice, some of the wrong type, over three days."""
    product = {"pr1id": "a", "pr1pr": "9.99", "pr1qt": "2", "pr2id": "b", "pr2pr": "cheap", "pr2nm": "B", "cu": "eur"}
    bodies: list[dict[str, Any]] = [
        {"t": "pageview", "dl": "https://Shop.example/", "dt": " Home ", "ul": "de-at"},
        {"t": "event", "pa": "detail", **product},
        {"t": "event", "pa": "add", "pr1id": "a", "uid": "Ada@example.org"},
        {"t": "event", "pa": "remove", "pr1id": "a", "qt": "600000"},
        {"t": "event", "pa": "purchase", "ti": "T1", "tr": "29.97", "tt": 4.5, "ts": "0", **product},
        {"t": "pageview", "qt": "soon", "dt": None, "ua": "Other/1"},
        {"t": "pageview", "qt": -1, "cid": "OTHER"},
    ]
    return [
        Hit(
            request_id=f"hit-{number % 90}",
            client_id=f"client-{number % 4}",
            received=timedelta(minutes=(number % 90) * 41),
            body=bodies[number % 90 % len(bodies)],
        )
        for number in range(100)
    ]


def test_both_engines_make_the_same_tables(compiled, tmp_path, monkeypatch):
    monkeypatch.setenv("HEADRACE_HOME", str(tmp_path))
    files = raw_logs.stack(tmp_path)
    raw_logs.load(files, visits())
    place = warehouse.find("local")
    progress = Progress()
    build(place, tmp_path / "dbt", progress)
    assert progress.failures == []
    with warehouse.connected(place) as connection:
        local = {
            table: sorted(connection.rows(f"select {compared} from {table}"), key=str)
            for table, compared in COMPARED.items()
        }

    with duckdb.connect() as database:
        rows = database.execute(f"select * from {place.raw}").fetchall()
    with fakesnow.patch():
        cursor = snowflake.connector.connect(database="HEADRACE", schema="RAW").cursor()
        cursor.execute(f"create table LOGS ({raw_logs.COLUMNS.replace('json', 'variant')})")
        for row in rows:
            values = ", ".join("parse_json(%s)" if column == "DATA" else "%s" for column in raw_logs.NAMES)
            cursor.execute(f"insert into LOGS select {values}", [str(value) for value in row])
        for model in progress.models:
            schema, name = model.name.split(".")
            cursor.execute(f"create schema if not exists {schema}")
            cursor.execute(f"create table {schema}.{name} as {compiled[name]}")
        for table, compared in COMPARED.items():
            found = cursor.execute(f"select {compared} from {table}").fetchall()
            assert sorted(map(tuple, found), key=str) == local[table], table
            assert found, table
