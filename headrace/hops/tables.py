"""How many rows the warehouse holds: RAW as the pipe loaded it, and the tables that dbt made from it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from embedded.snowflake.history import History
from headrace.warehouse import Place, Warehouse, connected


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

    hits: its rows. expected: the distinct events that had been loaded when it was built.
    days: STATS.OVERVIEW_1D, a mapping of column to value a day, oldest first.
    """

    hits: int
    expected: int
    days: list[dict[str, Any]]


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


def read_modelled(place: Place) -> Modelled | None:
    """None where `make transform` has not run."""
    with connected(place) as warehouse:
        if not (_exists(warehouse, "EVENTS", "LOGS") and _exists(warehouse, "STATS", "OVERVIEW_1D")):
            return None
        ((hits, built_at),) = warehouse.rows("select count(*), min(created_at) from EVENTS.LOGS")
        before = f"where log_timestamp <= '{built_at}'" if built_at else "where 1 = 0"
        ((expected,),) = warehouse.rows(
            f"select count(distinct coalesce(request_id, log_id)) from {place.raw} {before}"  # noqa: S608
        )
        names = [name.lower() for (name,) in warehouse.rows(_columns("STATS", "OVERVIEW_1D"))]
        days = warehouse.rows(f"select {', '.join(names)} from STATS.OVERVIEW_1D order by timestamp")  # noqa: S608
        return Modelled(hits=hits, expected=expected, days=[dict(zip(names, day, strict=True)) for day in days])


def _refused_by_snowpipe(raw: str) -> str:
    """COPY_HISTORY looks back 14 days at most. Of an object that was replayed, the last load counts."""
    name = raw.replace('"', "")
    return (
        "select coalesce(sum(row_parsed - row_count), 0) from ("  # noqa: S608
        "select row_parsed, row_count from table(information_schema.copy_history("
        f"table_name => '{name}', start_time => dateadd(day, -14, current_timestamp()))) "
        "qualify row_number() over (partition by split_part(file_name, '/', -1) order by last_load_time desc) = 1)"
    )


def _exists(warehouse: Warehouse, schema: str, table: str) -> bool:
    return bool(warehouse.rows(_columns(schema, table)))


def _columns(schema: str, table: str) -> str:
    return (
        "select column_name from information_schema.columns "  # noqa: S608
        f"where upper(table_schema) = '{schema}' and upper(table_name) = '{table}' order by ordinal_position"
    )
