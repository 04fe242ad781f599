"""How many rows the warehouse holds: RAW as the pipe loaded it, and the tables that dbt made from it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from embedded.snowflake.history import History
from headrace.warehouse import Place, Warehouse, connected

Columns = Mapping[str, frozenset[str]]
"""The columns of each modelled table or view, in lower case, by its name: `SCHEMA.TABLE`."""


@dataclass(frozen=True, kw_only=True)
class Loaded:
    """rows: of RAW.LOGS. distinct: events among them, each once however often it came.

    refused: delivered lines that the pipe could not load.
    """

    rows: int
    distinct: int
    refused: int = 0

    @property
    def duplicates(self) -> int:
        return self.rows - self.distinct


@dataclass(frozen=True, kw_only=True)
class Modelled:
    """EVENTS.LOGS as the last transformation left it.

    hits: its rows. expected: the distinct events that RAW had up to the newest load among them.
    """

    hits: int
    expected: int


def count_loaded(place: Place, folder: Path) -> Loaded:
    """folder: the stack's, where the embedded pipe keeps its load history."""
    with connected(place, raw_only=True) as warehouse:
        ((rows, distinct),) = warehouse.rows(
            f"select count(*), count(distinct coalesce(request_id, log_id)) from {place.raw}"  # noqa: S608
        )
        if place.database is None:
            ((refused,),) = warehouse.rows(_refused_by_snowpipe(place.raw))
        else:
            refused = History.of_stack(folder).totals()["errors"]
        return Loaded(rows=rows, distinct=distinct, refused=refused)


def modelled_columns(warehouse: Warehouse) -> Columns:
    """What `make transform` has made so far; empty where it has not run."""
    found: dict[str, set[str]] = {}
    for schema, table, column in warehouse.rows(
        "select table_schema, table_name, column_name from information_schema.columns "
        "where upper(table_schema) in ('EVENTS', 'STATS')"
    ):
        found.setdefault(f"{schema}.{table}".upper(), set()).add(column.lower())
    return {table: frozenset(columns) for table, columns in found.items()}


def lacks(columns: Columns, table: str, needed: Iterable[str]) -> bool:
    """Whether a table is not there, or is one of an earlier version without some of the columns."""
    return not frozenset(needed) <= columns.get(table, frozenset())


def read_modelled(warehouse: Warehouse, raw: str, columns: Columns) -> Modelled | None:
    """None where `make transform` has not made EVENTS.LOGS, or has not since an upgrade. raw: see Place."""
    if lacks(columns, "EVENTS.LOGS", ["loaded_at"]):
        return None
    ((hits,),) = warehouse.rows("select count(*) from EVENTS.LOGS")
    # Compared by the engine: Snowflake's times have nanoseconds, which a Python datetime would cut off.
    ((expected,),) = warehouse.rows(
        f"select count(distinct coalesce(request_id, log_id)) from {raw} "  # noqa: S608
        "where log_timestamp <= (select max(loaded_at) from EVENTS.LOGS)"
    )
    return Modelled(hits=hits, expected=expected)


def _refused_by_snowpipe(raw: str) -> str:
    """COPY_HISTORY looks back 14 days at most. Of an object that was replayed, the last load counts."""
    name = raw.replace('"', "")
    return (
        "select coalesce(sum(row_parsed - row_count), 0) from ("  # noqa: S608
        "select row_parsed, row_count from table(information_schema.copy_history("
        f"table_name => '{name}', start_time => dateadd(day, -14, current_timestamp()))) "
        "qualify row_number() over (partition by split_part(file_name, '/', -1) order by last_load_time desc) = 1)"
    )
