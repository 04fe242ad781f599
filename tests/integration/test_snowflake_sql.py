"""What dbt would run on Snowflake: compiled without an account, and parsed as Snowflake's SQL."""

from collections.abc import Mapping
from pathlib import Path

import pytest
import sqlglot
from dbt.cli.main import dbtRunner
from sqlglot import exp

from headrace.transform import DBT_PROJECT

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
