"""Finding a stack's warehouse, and saying what is in the way."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from snowflake import connector
from snowflake.connector.errors import ProgrammingError

from headrace import accounts, warehouse
from headrace.console import Problem
from headrace.home import PROJECT_FOLDER
from infrastructure.components.raw_logs import COLUMNS
from tests.unit.headrace import raw_logs


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HEADRACE_HOME", str(tmp_path))
    for variable in ("ACCOUNT", "USER", "ROLE", "WAREHOUSE", "DATABASE", "PRIVATE_KEY_PATH"):
        monkeypatch.delenv(f"SNOWFLAKE_{variable}", raising=False)
    return tmp_path


def deployed(home: Path, **outputs: str) -> Path:
    """A stack in the cloud: outputs, and no embedded cloud's environment."""
    folder = home / "dev"
    folder.mkdir()
    (folder / "outputs.json").write_text(json.dumps(raw_logs.OUTPUTS | outputs))
    return folder


def test_the_sources_columns_are_those_of_the_one_definition():
    (source,) = yaml.safe_load((PROJECT_FOLDER / "dbt" / "models" / "staging" / "raw.yml").read_text())["sources"]
    tables = {table["name"]: table["columns"] for table in source["tables"]}
    documented = [(column["name"].upper(), column["description"]) for column in tables["logs"]]
    assert documented == [(column.name, column.description) for column in COLUMNS]
    assert [column["name"] for column in tables["accounts"]] == [one.split()[0] for one in accounts.COLUMNS.split(", ")]


def test_nothing_deployed_says_make_up(home):
    with pytest.raises(Problem, match="make up"):
        warehouse.find("local")


def test_a_stack_without_snowflake_says_so(home):
    (home / "local").mkdir()
    (home / "local" / "outputs.json").write_text('{"bucket": "b"}')
    with pytest.raises(Problem, match="deployed without Snowflake"):
        warehouse.find("local")


def test_a_stack_on_this_machine_is_local_and_another_is_snowflake(home, monkeypatch, tmp_path):
    raw_logs.stack(home)
    deployed(home)
    key = tmp_path / "key.p8"
    key.touch()
    monkeypatch.setenv("SNOWFLAKE_ACCOUNT", "ORG-ACCOUNT")
    monkeypatch.setenv("SNOWFLAKE_PRIVATE_KEY_PATH", str(key))
    assert warehouse.find("local").target == "local"
    place = warehouse.find("dev")
    assert place.target == "snowflake"
    assert place.raw == '"HEADRACE_TEST"."RAW"."LOGS"'
    assert place.variables["SNOWFLAKE_ROLE"] == "HEADRACE_TEST_RW"


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({}, "SNOWFLAKE_ACCOUNT is not set"),
        ({"SNOWFLAKE_ACCOUNT": "A"}, "SNOWFLAKE_PRIVATE_KEY_PATH is not set"),
        ({"SNOWFLAKE_ACCOUNT": "A", "SNOWFLAKE_PRIVATE_KEY_PATH": "/nowhere/key"}, "no private key for .* at /nowhere"),
    ],
)
def test_what_is_missing_to_reach_snowflake_is_named(home, monkeypatch, given, named):
    deployed(home)
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(Problem, match=named):
        warehouse.find("dev")


def test_an_unknown_target_names_those_there_are(home):
    raw_logs.stack(home)
    with pytest.raises(Problem, match="Choose local or snowflake"):
        warehouse.find("local", "bigquery")


def test_a_file_that_is_no_database_says_how_to_get_rid_of_it(tmp_path):
    file = tmp_path / "warehouse.duckdb"
    file.write_bytes(b"not a database" * 1000)
    with pytest.raises(Problem, match="make transform"):
        warehouse.check_writable(file)


def test_paths_with_quotes_are_read(tmp_path, monkeypatch):
    home = tmp_path / "it's here"
    monkeypatch.setenv("HEADRACE_HOME", str(home))
    raw_logs.stack(home)
    place = warehouse.find("local")
    with warehouse.connected(place) as connection:
        assert connection.rows(f"select count(*) from {place.raw}") == [(0,)]


def test_what_an_engine_refuses_is_one_line_with_a_cure(tmp_path):
    (tmp_path / "a.parquet").write_bytes(b"PAR1 broken")
    raw = f"read_parquet('{tmp_path}/*.parquet')"
    place = warehouse.Place(target="local", raw=raw, database=tmp_path / "none.duckdb", variables={})
    with (
        pytest.raises(Problem, match=r"a\.parquet.*`make replay`") as found,
        warehouse.connected(place) as connection,
    ):
        connection.rows(f"select * from {raw}")
    assert "\n" not in str(found.value)


def test_what_snowflake_refuses_names_its_role_and_its_warehouse(monkeypatch):
    class Connection:
        def __enter__(self):
            return self

        def __exit__(self, *_):
            pass

        def cursor(self):
            raise ProgrammingError("SQL access control error:\nInsufficient privileges to operate on table 'ACCOUNTS'")

    monkeypatch.setattr(connector, "connect", lambda **_: Connection())
    names = ("ACCOUNT", "USER", "ROLE", "WAREHOUSE", "DATABASE", "PRIVATE_KEY_PATH", "PRIVATE_KEY_PASSPHRASE")
    variables = {f"SNOWFLAKE_{name}": f"MY_{name}" for name in names}
    place = warehouse.Place(target="snowflake", raw="RAW.LOGS", database=None, variables=variables)
    with (
        pytest.raises(Problem, match=r"Insufficient privileges.*'ACCOUNTS'.*MY_ROLE.*MY_WAREHOUSE"),
        warehouse.connected(place) as connection,
    ):
        connection.rows("select 1")


def test_help_and_errors_come_without_the_weight_of_dbt_and_duckdb():
    program = (
        "import sys; from typer.testing import CliRunner; from headrace.__main__ import app; "
        "assert CliRunner().invoke(app, ['--help']).exit_code == 0; "
        "print({'dbt', 'duckdb', 'boto3', 'snowflake'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=PROJECT_FOLDER, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "set()"
