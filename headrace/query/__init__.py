"""`headrace query`: a question to a stack's warehouse, on either engine, under the same names."""

import os
import sys
from collections.abc import Iterable
from itertools import islice

from headrace import warehouse
from headrace.console import Problem, console
from headrace.query.answers import csv_lines, json_lines, shown
from headrace.query.checks import SHOWN_BY, checked
from headrace.warehouse import Place, Warehouse

TABLE_ROWS = 100


def query(
    stack: str,
    sql: str,
    target: str | None = None,
    *,
    as_json: bool = False,
    as_csv: bool = False,
    limit: int | None = None,
) -> None:
    """Prints the answer to one SELECT; without one, the tables there are. limit: rows, 0 for all.

    Raises Problem where the statement is none that only reads, or the engine refuses it.
    """
    if as_json and as_csv:
        raise Problem("--json and --csv exclude each other", "give one of them")
    place = warehouse.find(stack, target)
    statement = checked(sys.stdin.read() if sql.strip() == "-" else sql, place.target)
    most = (None if as_json or as_csv else TABLE_ROWS) if limit is None else limit or None
    modelled = place.database is None or place.database.exists()
    cure = (
        "`make query` without SQL lists the tables"
        if modelled
        else "run `make transform` first: only RAW.LOGS is there yet"
    )
    with warehouse.connected(place) as connection, warehouse.refusals(place, "", cure):
        if place.database is not None:
            name_raw(connection, place)
        answer = connection.answer(statement or SHOWN_BY[place.target])
        rows = islice(answer.rows, most)
        if as_json or as_csv:
            lines = (json_lines if as_json else csv_lines)(answer.columns, rows)
            _write(lines)
            return
        found = list(rows)
        more = most is not None and next(answer.rows, None) is not None
        console.print(shown(answer.columns, found, console))
        console.print(
            f"the first {len(found):,} rows: --limit 0 shows all, --csv and --json are for programs"
            if more
            else f"{len(found):,} row{'' if len(found) == 1 else 's'}",
            style="dim",
        )


def name_raw(connection: Warehouse, place: Place) -> None:
    """Gives RAW's files the name that the table has on Snowflake, RAW.LOGS: a database whose only schema is implied."""
    connection.rows("attach ':memory:' as RAW")
    connection.rows(f"create view RAW.main.LOGS as select * from {place.raw}")  # noqa: S608 - the stack's own files


def _write(lines: Iterable[str]) -> None:
    """Until whoever reads has enough: `make query … | head`."""
    try:
        for line in lines:
            print(line)
        sys.stdout.flush()
    except BrokenPipeError:
        # What Python has not written yet it would try again at its end, and complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
