"""Tables: their rows are Parquet files in a folder of their own."""

import shutil
from pathlib import Path
from typing import ClassVar

import duckdb
from sqlglot import exp
from sqlglot.errors import ParseError

from embedded.providers.contract import Known, Values
from embedded.providers.snowflake.account import SnowflakeError, literal, parts
from embedded.providers.snowflake.base import InSchema
from embedded.snowflake.catalogue import quoted

EMPTY_FILE = "0-empty.parquet"  # the first by name: readers take the columns' types from it
COLUMN_KEYS = {"name", "type", "nullable", "comment"}
AS_JSON = {"VARIANT", "OBJECT", "ARRAY"}


class Table(InSchema):
    kind = "TABLE"
    aside = ("columns", "clusterBies", "primaryKey")
    options: ClassVar = {
        "dataRetentionTimeInDays": "DATA_RETENTION_TIME_IN_DAYS",
        "changeTracking": "CHANGE_TRACKING",
        "comment": "COMMENT",
    }

    def check(self, inputs: Values) -> None:
        super().check(inputs)
        self.account.require_preview_feature("snowflake_table_resource")
        names = [column["name"] for column in inputs["columns"]]
        if twice := {name for name in names if names.count(name) > 1}:
            raise SnowflakeError(f"SQL compilation error: duplicate column name '{min(twice)}'")
        for column in inputs["columns"]:
            if rest := column.keys() - COLUMN_KEYS:
                raise ValueError(f"input '{min(rest)}' of column {column['name']} fits no parameter of a table here")
            duckdb_type(column["type"])

    def body(self, inputs: Values) -> str:
        columns = ", ".join(_column(column) for column in inputs["columns"])
        key = inputs.get("primaryKey")
        columns += f", PRIMARY KEY ({', '.join(quoted(name) for name in key['keys'])})" if key else ""
        cluster = inputs.get("clusterBies")
        return f" ({columns})" + (f" CLUSTER BY ({', '.join(cluster)})" if cluster else "") + self.option_text(inputs)

    def made(self, full_name: str, inputs: Values) -> Values:
        write_empty(self._folder(full_name), inputs["columns"])
        return {"owner": "ACCOUNTADMIN"}

    def changed(self, known: Known, stands: Values, inputs: Values) -> Values:
        if inputs["columns"] != stands["columns"]:
            reshape(self._folder(known.id), inputs["columns"])
        return {"owner": "ACCOUNTADMIN"}

    def unmade(self, known: Known) -> None:
        shutil.rmtree(self._folder(known.id), ignore_errors=True)

    def alterations(self, before: Values, after: Values) -> list[str]:
        old, new = ({column["name"]: column for column in each.get("columns", [])} for each in (before, after))
        clauses = [f"DROP COLUMN {quoted(name)}" for name in old if name not in new]
        clauses += [f"ADD COLUMN {_column(column)}" for name, column in new.items() if name not in old]
        clauses += [
            f"ALTER COLUMN {quoted(name)} SET DATA TYPE {column['type']}"
            for name, column in new.items()
            if name in old and old[name]["type"] != column["type"]
        ]
        if after.get("clusterBies") != before.get("clusterBies") and after.get("clusterBies"):
            clauses.append(f"CLUSTER BY ({', '.join(after['clusterBies'])})")
        return clauses + super().alterations(before, after)

    def _folder(self, full_name: str) -> Path:
        return self.account.folder.joinpath(*parts(full_name))


def duckdb_type(type: str) -> str:
    """The DuckDB type in which a Snowflake type's values are kept. Semi-structured ones are JSON; a time is to the
    microsecond, which is finer than any event's. Raises SnowflakeError for no type of Snowflake's."""
    try:
        parsed = exp.DataType.build(type, dialect="snowflake")
    except ParseError as problem:
        raise SnowflakeError(f"SQL compilation error: unsupported data type '{type}'") from problem
    name = parsed.sql("duckdb")
    if parsed.this.name in AS_JSON:
        return "JSON"
    return {"TIMESTAMP": "TIMESTAMP", "TIMESTAMPTZ": "TIMESTAMPTZ"}.get(name.partition("(")[0], name)


def write_empty(folder: Path, columns: list[Values]) -> None:
    """A file without rows that says what columns there are."""
    folder.mkdir(parents=True, exist_ok=True)
    selected = ", ".join(f"NULL::{duckdb_type(column['type'])} AS {quoted(column['name'])}" for column in columns)
    _write(f"SELECT {selected} WHERE false", folder / EMPTY_FILE)


def reshape(folder: Path, columns: list[Values]) -> None:
    """Gives the rows that are there the table's new columns: new ones are NULL, dropped ones are gone."""
    for path in sorted(folder.glob("*.parquet")):
        with duckdb.connect() as database:
            described = database.execute("DESCRIBE SELECT * FROM read_parquet(?)", [str(path)]).fetchall()
        there = {row[0] for row in described}
        selected = ", ".join(
            f"{quoted(c['name']) if c['name'] in there else 'NULL'}::{duckdb_type(c['type'])} AS {quoted(c['name'])}"
            for c in columns
        )
        _write(f"SELECT {selected} FROM read_parquet({literal(str(path))})", path)  # noqa: S608


def _write(query: str, path: Path) -> None:
    """The file appears as a whole or not at all."""
    new = path.with_suffix(".new")
    with duckdb.connect() as database:
        database.execute(f"COPY ({query}) TO {literal(str(new))} (FORMAT parquet)")
    new.replace(path)


def _column(column: Values) -> str:
    null = "" if column.get("nullable", True) else " NOT NULL"
    comment = f" COMMENT {literal(column['comment'])}" if column.get("comment") else ""
    return f"{quoted(column['name'])} {column['type']}{null}{comment}"
