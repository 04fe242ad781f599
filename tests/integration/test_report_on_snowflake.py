"""The report's queries as Snowflake's SQL, on fakesnow: they find there what they find in DuckDB."""

from typing import Any

import duckdb
import fakesnow
import snowflake.connector

from headrace.hops.tables import modelled_columns, read_modelled
from headrace.report.reading import read_figures
from headrace.warehouse import Place, connected
from tests.unit.headrace.modelled_tables import TABLES, Shop, create


class Snowflake:
    def __init__(self, cursor: Any) -> None:
        self.cursor = cursor

    def rows(self, statement: str) -> list[tuple]:
        return [tuple(row) for row in self.cursor.execute(statement).fetchall()]


def test_both_engines_tell_the_same(tmp_path):
    shop = Shop(days=3, sessions=300, products=30, currencies=("EUR", "USD"), wrong_types=2)
    database = create(tmp_path / "warehouse.duckdb", shop)
    with connected(Place(target="local", raw="", database=database, variables={})) as connection:
        local = read_figures(connection, modelled_columns(connection))
    with duckdb.connect(str(database), read_only=True) as connection:
        rows = {table: connection.execute(f"select * from {table}").fetchall() for table in TABLES}

    with fakesnow.patch():
        cursor = snowflake.connector.connect(database="HEADRACE", schema="RAW").cursor()
        cursor.execute("create schema EVENTS")
        cursor.execute("create schema STATS")
        for table, columns in TABLES.items():
            cursor.execute(f"create table {table} ({columns})")
            for begin in range(0, len(rows[table]), 100):
                some = rows[table][begin : begin + 100]
                values = ", ".join("(" + ", ".join(["%s"] * len(row)) + ")" for row in some)
                cursor.execute(f"insert into {table} values {values}", [value for row in some for value in row])
        found = Snowflake(cursor)
        columns = modelled_columns(found)
        raw = "(select request_id, request_id as log_id, loaded_at as log_timestamp from EVENTS.LOGS)"
        modelled = read_modelled(found, raw, columns)
        figures = read_figures(found, columns)

    assert modelled is not None
    assert (modelled.hits, modelled.expected) == (300, 300)
    assert figures == local
