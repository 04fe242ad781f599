"""dbt in this process: importing it takes a second or two, each command after that a fraction."""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from headrace import warehouse
from headrace.console import Problem
from headrace.home import PROJECT_FOLDER

DBT_PROJECT = PROJECT_FOLDER / "dbt"


def run(place: warehouse.Place, folder: Path, *arguments: str, callbacks: Sequence[Callable[[Any], None]] = ()) -> Any:
    """Runs one of dbt's commands against a warehouse, silently; returns its result. callbacks: called for each event.

    Its log and artifacts go to `folder`, the stack's own. Raises Problem where dbt could not begin.
    """
    folder.mkdir(parents=True, exist_ok=True)
    common = [
        *("--project-dir", str(DBT_PROJECT), "--profiles-dir", str(DBT_PROJECT), "--target", place.target),
        *("--target-path", str(folder / "target"), "--log-path", str(folder / "logs")),
    ]
    with _variables({**place.variables, "DBT_SEND_ANONYMOUS_USAGE_STATS": "false"}):
        from dbt.adapters.duckdb.connections import DuckDBConnectionManager
        from dbt.cli.main import dbtRunner

        # What dbt would tell of each statement, to its log and in files, costs a third of a small run.
        outcome = dbtRunner(callbacks=list(callbacks)).invoke(
            ["--quiet", "--no-use-colors", "--no-print", "--log-level-file", "info", *arguments, *common]
        )
        # It holds the file open between models, which is quicker, and to the end of the process if nobody says so.
        DuckDBConnectionManager.close_all_connections()
    if outcome.exception is not None:
        raise Problem(
            f"dbt could not run ({warehouse.first_line(outcome.exception)})", f"see {folder / 'logs' / 'dbt.log'}"
        )
    return outcome.result


@contextmanager
def _variables(values: Mapping[str, str]) -> Iterator[None]:
    """Environment variables for as long as dbt runs: its profile reads them from nowhere else."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
