"""The SQL function `parse_user_agent` for DuckDB: what a user agent's text says, as JSON.

DuckDB keeps no functions in its files. Whoever opens a modelled database, and asks for the user agents of hits that no
run has processed yet (EVENTS_LIVE), registers it first: `register(connection)`.
"""

import importlib.util
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING

from headrace.home import PROJECT_FOLDER

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

# The same file is the body of Snowflake's function.
SOURCE = PROJECT_FOLDER / "dbt" / "functions" / "parse_user_agent.py"


def register(connection: "DuckDBPyConnection") -> None:
    """Makes the function known to a connection and its cursors, for as long as it is open.

    Close the connection after use: DuckDB complains on the terminal when the process ends with functions in open ones.
    """
    connection.create_function("parse_user_agent", _parse, ["VARCHAR"], "VARCHAR")


def _parse(user_agent: str) -> str:
    return _parser()(user_agent)


@cache
def _parser() -> Callable[[str], str]:
    """Read at the first user agent: compiling the rules takes a quarter of a second that other queries should not."""
    specification = importlib.util.spec_from_file_location(SOURCE.stem, SOURCE)
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module.parse_user_agent
