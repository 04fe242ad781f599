"""What the warehouse holds, on either engine: RAW.LOGS object by object, and each event's way into EVENTS.LOGS."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml

from embedded.snowflake.history import History
from headrace.home import PROJECT_FOLDER
from headrace.hops.tables import lacks, modelled_columns
from headrace.ledger.book import HOUR_MS, Book
from headrace.ledger.objects import EVENTS, first_folder
from headrace.ledger.verdicts import hour_of
from headrace.warehouse import Place, Warehouse, connected

RECEIVED = "date_trunc('hour', coalesce(request_timestamp, log_timestamp))"
PROJECT = PROJECT_FOLDER / "dbt" / "dbt_project.yml"


@dataclass(frozen=True)
class Events:
    """distinct: events that were first received in an hour. modelled: those of them in EVENTS.LOGS. unmodelled: those
    that the last transformation should have taken."""

    distinct: int = 0
    modelled: int = 0
    unmodelled: int = 0


@dataclass(frozen=True, kw_only=True)
class Tables:
    """By hours' numbers (epoch ms // HOUR_MS). rows: of RAW.LOGS. events: of the hours that were asked for.
    transformed: whether there is an EVENTS.LOGS."""

    rows: Mapping[int, int]
    events: Mapping[int, Events]
    transformed: bool


def read_objects(warehouse: Warehouse, place: Place, folder: Path, book: Book, since: int) -> None:
    """Puts what RAW.LOGS has of each object into the book. folder: the stack's. since: epoch ms; of objects that are
    not in the book and are of earlier hours nothing is asked."""
    first = first_object(book, since)
    rows = warehouse.rows(
        f"select log_filename, {RECEIVED}, count(distinct log_file_row_number) from {place.raw} "  # noqa: S608
        f"where log_filename >= '{first}' group by 1, 2"
    )
    refused = _refused(warehouse, place, folder)
    with book.at_once():
        book.rows("delete from loaded where object >= ?", [first])
        book.add("loaded", [(name, _number(received) * HOUR_MS, int(count)) for name, received, count in rows])
        book.clear("refused")
        book.add("refused", [(name, int(count)) for name, count in refused if count])


def read_tables(place: Place, since: int | None) -> Tables:
    """Counts rows of all hours, and events of those from an hour on; None: of none. Raises Problem where the warehouse
    can not be opened."""
    with connected(place, raw_only=place.database is not None and not place.database.exists()) as warehouse:
        rows = {_number(hour): int(count) for hour, count in warehouse.rows(_rows_by_hour(place.raw))}
        transformed = not lacks(modelled_columns(warehouse), "EVENTS.LOGS", ["loaded_at"])
        found = [] if since is None else warehouse.rows(events_by_hour(place.raw, transformed, since))
    asked = [hour for hour in rows if since is not None and hour >= since]
    events = dict.fromkeys(asked, Events())  # of an hour it may have copies of older events alone
    events |= {_number(hour): Events(*map(int, counts)) for hour, *counts in found}
    return Tables(rows=rows, events=events, transformed=transformed)


def first_object(book: Book, since: int) -> str:
    """What the names of all objects begin with or come after whose lines are in the book, or may be read now."""
    ((known,),) = book.rows("select min(object) from lines")
    first = first_folder(EVENTS, since)
    return min(first, known or first)


def _rows_by_hour(raw: str) -> str:
    return f"select {RECEIVED}, count(*) from {raw} where service_id = 'api.collect' group by 1"  # noqa: S608


def events_by_hour(raw: str, transformed: bool, since: int) -> str:
    """An event that came several times belongs to the hour in which it came first, and stands in EVENTS.LOGS once.

    since: the number of the first hour. The engine leaves out what is older, by the column that RAW.LOGS is clustered
    by; so of an event that came before, and again since, it is EVENTS.LOGS that knows.
    """
    first = f"cast('{hour_of(since):%Y-%m-%d %H:%M:%S}' as timestamp)"
    events = (
        f"select coalesce(request_id, log_id) as id, min({RECEIVED}) as received, min(log_timestamp) as loaded "  # noqa: S608
        f"from {raw} where service_id = 'api.collect' "
        f"and (request_timestamp >= {first} or request_timestamp is null and log_timestamp >= {first}) group by 1"
    )
    if not transformed:
        return f"select received, count(*), 0, 0 from ({events}) as events group by 1"  # noqa: S608
    taken = f"(select max(loaded_at) - interval '{lookback_minutes()} minutes' from EVENTS.LOGS)"  # noqa: S608
    return (
        "select received, count(*), count(logs.request_id), "  # noqa: S608
        f"count(case when logs.request_id is null and loaded < {taken} then 1 end) "
        f"from ({events}) as events left join EVENTS.LOGS as logs on events.id = logs.request_id "
        f"where logs.request_id is null or logs.request_timestamp >= {first} group by 1"
    )


def lookback_minutes() -> int:
    """How much older than the newest load of EVENTS.LOGS a load is that no transformation looks at any more. A younger
    one may have become visible only after the last one had read."""
    return int(yaml.safe_load(PROJECT.read_text())["vars"]["load_lookback_minutes"])


def _refused(warehouse: Warehouse, place: Place, folder: Path) -> list[tuple[str, Any]]:
    """Lines that the pipe could not load, by the last part of their object's name: COPY_HISTORY may leave out the
    rest. It looks back 14 days at most. Of an object that was replayed, the last load counts."""
    if place.database is not None:
        return [(load.path.rpartition("/")[2], load.errors) for load in History.of_stack(folder).loads()]
    name = place.raw.replace('"', "")
    return [
        (str(file), count)
        for file, count in warehouse.rows(
            "select split_part(file_name, '/', -1), row_parsed - row_count from "  # noqa: S608
            f"table(information_schema.copy_history(table_name => '{name}', "
            "start_time => dateadd(day, -14, current_timestamp()))) "
            "qualify row_number() over (partition by split_part(file_name, '/', -1) order by last_load_time desc) = 1"
        )
    ]


def _number(received: datetime) -> int:
    return round(received.replace(tzinfo=UTC).timestamp() * 1000) // HOUR_MS
