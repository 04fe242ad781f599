"""The modelled tables, searched for the person column by column. They are made from RAW: nothing is deleted here."""

# ruff: noqa: S608  (statements are made of the engine's own names, and of quoted texts)

from collections.abc import Mapping, Sequence

from headrace.forget.person import Person
from headrace.forget.raw import literal
from headrace.warehouse import Place, Warehouse, connected

SCHEMAS = ("EVENTS", "EVENTS_LIVE", "STATS")

# Columns that say who somebody is, also of tables that are yet to come.
ENDINGS = ("user_id", "client_id", "anonymous_id", "userid", "previous_id")
LIST_ENDING = "user_ids"
CONTAINS = {
    "local": "list_contains({column}, {value})",
    "snowflake": "array_contains(({value})::variant, {column})",
}


def find(place: Place, person: Person) -> dict[str, int]:
    """By schema, how many rows tell of the person; without the schemas that `make transform` has not made."""
    with connected(place) as warehouse:
        found: dict[str, int] = {}
        for (schema, table), columns in _tables(warehouse).items():
            condition = _condition(columns, person, place.target)
            rows = 0
            if condition:
                ((rows,),) = warehouse.rows(f"select count(*) from {schema}.{table} where {condition}")
            found[schema.upper()] = found.get(schema.upper(), 0) + int(rows)
        return found


def _tables(warehouse: Warehouse) -> Mapping[tuple[str, str], Mapping[str, str]]:
    """The columns' types, by table."""
    found: dict[tuple[str, str], dict[str, str]] = {}
    for schema, table, column, kind in warehouse.rows(
        "select table_schema, table_name, column_name, data_type from information_schema.columns "
        f"where upper(table_schema) in ({', '.join(map(literal, SCHEMAS))})"
    ):
        found.setdefault((schema, table), {})[column] = str(kind).upper()
    return found


def _condition(columns: Mapping[str, str], person: Person, target: str) -> str:
    """What a row fulfils that tells of the person; empty where the table's columns can not.

    A client's rows are the person's unless they name another user.
    """
    users, clients = _list(person.user_ids), _list(person.client_ids)
    names = {column.lower(): column for column in columns}
    parts: list[str] = []
    for name, column in names.items():
        if name.endswith(LIST_ENDING):
            parts += [CONTAINS[target].format(column=column, value=literal(one)) for one in sorted(person.user_ids)]
        elif name.endswith(ENDINGS) and columns[column] in ("VARCHAR", "TEXT"):
            if users:
                parts.append(f"{column} in ({users})")
            if clients and not name.endswith(("user_id", "userid")):
                others = "user_id" in names and not person.whole_clients
                own = f" and (user_id is null or user_id in ({users or 'null'}))" if others else ""
                parts.append(f"({column} in ({clients}){own})")
    for column, kind in columns.items():
        if kind in ("VARCHAR", "TEXT"):
            parts += [f"contains(lower({column}), {literal(one)})" for one in sorted(person.emails)]
    return " or ".join(parts)


def _list(ids: Sequence[str] | frozenset[str]) -> str:
    """RAW keeps a client's id in lower case."""
    return ", ".join(literal(one) for one in sorted({*ids, *(one.lower() for one in ids)}))
