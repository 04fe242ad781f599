"""The function parse_user_agent in DuckDB."""

import json
import subprocess
import sys

import duckdb
import pytest

from headrace import user_agents
from headrace.home import PROJECT_FOLDER


@pytest.fixture
def connection():
    with duckdb.connect() as connection:
        user_agents.register(connection)
        yield connection


def test_a_registered_connection_and_its_cursors_parse(connection):
    cursor = connection.cursor()
    rows = cursor.execute(
        "select parse_user_agent(agent) from (values ('curl/8.4.0'), (null), ('')) as agents (agent)"
    ).fetchall()
    names = [text and json.loads(text)["browser_name"] for (text,) in rows]
    assert names == ["curl", None, None]


def test_another_connection_is_told_which_function_is_missing():
    with duckdb.connect() as connection, pytest.raises(duckdb.CatalogException, match="parse_user_agent"):
        connection.execute("select parse_user_agent('')")


def test_a_connection_that_parses_nothing_does_not_load_the_rules():
    program = (
        "import sys, duckdb; from headrace import user_agents\n"
        "with duckdb.connect() as connection:\n"
        "    user_agents.register(connection)\n"
        "    connection.execute('select 1')\n"
        "print({'ua_parser', 'dbt'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=PROJECT_FOLDER, capture_output=True, text=True, check=True
    )
    assert (done.stdout.strip(), done.stderr) == ("set()", "")
