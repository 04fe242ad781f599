"""The modelled tables, searched for rows that were made of the person's. They come from RAW: nothing is deleted here.

Not by their own columns: these have ids in lower case, and so can not tell jane from Jane. Every row says of which of
RAW's it was made, and RAW's rows are whose they are by the rule that holds everywhere.
"""

# ruff: noqa: S608  (statements are made of the engine's own names, and of quoted texts)

from collections.abc import Iterator, Mapping, Sequence

from headrace.forget.raw import lists, literal
from headrace.warehouse import Place, Warehouse, connected

SCHEMAS = ("EVENTS", "EVENTS_LIVE", "STATS")


def find(place: Place, log_ids: Sequence[str]) -> dict[str, int]:
    """By schema, how many rows are of these rows of RAW, or of rows that RAW has lost: what was removed there goes when
    the tables are built anew. Without the schemas that `make transform` has not made."""
    with connected(place) as warehouse:
        found: dict[str, int] = {}
        for (schema, table), columns in _tables(warehouse).items():
            rows = 0
            for condition in _conditions(schema, columns, place.raw, log_ids):
                ((count,),) = warehouse.rows(f"select count(*) from {schema}.{table} where {condition}")
                rows += int(count)
            found[schema.upper()] = found.get(schema.upper(), 0) + rows
        return found


def _tables(warehouse: Warehouse) -> Mapping[tuple[str, str], frozenset[str]]:
    """The columns, by table."""
    found: dict[tuple[str, str], set[str]] = {}
    for schema, table, column in warehouse.rows(
        "select table_schema, table_name, column_name from information_schema.columns "
        f"where upper(table_schema) in ({', '.join(map(literal, SCHEMAS))})"
    ):
        found.setdefault((schema, table), set()).add(column.lower())
    return {table: frozenset(columns) for table, columns in found.items()}


def _conditions(schema: str, columns: frozenset[str], raw: str, log_ids: Sequence[str]) -> Iterator[str]:
    """What rows fulfil, one condition after the other; none where a table's rows say nothing of RAW's."""
    hers = [f"log_id in ({ids})" for ids in lists(log_ids)]
    there = f"log_id in (select log_id from {raw})"
    if "log_id" in columns:
        yield f"not {there}"
        yield from hers
    elif "session_id" in columns:
        yield f"session_id not in (select session_id from {schema}.logs where {there})"
        for condition in hers:
            yield f"session_id in (select session_id from {schema}.logs where {condition})"
