"""A Snowflake account for tests: fakesnow, which runs Snowflake's SQL on a DuckDB in memory.

While it is there, whatever connects to Snowflake in this process gets it: dbt's adapter and `headrace` alike.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from string import Template
from typing import Any
from unittest import mock

import fakesnow
import snowflake.connector
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from fakesnow import macros, transforms
from fakesnow.cursor import FakeSnowflakeCursor
from sqlglot import exp

from headrace import user_agents
from tests.unit.headrace import raw_logs

# What fakesnow can not run as Snowflake would, and what the tests do instead. docs/warehouse.md says the same.
STOOD_IN = {
    "`create function`": "the statement is only parsed; DuckDB calls the function's Python file",
    "`create temporary table`": "an increment's rows wait in a transient table",
    "`sum`": "adds in floating point; the tests have it add decimals exactly, as Snowflake does",
    "`trim`": "forgets which characters to take away; the tests have it remember",
    "`array_agg`": "keeps NULLs, which Snowflake leaves out; they are taken out before comparing",
    "`flatten`": "numbers what it finds in any order; the tests number it in its own",
    "`filter`, `array_to_string`": "want a list, and an array is JSON there; the tests make a list of it",
    "`is_object`, `try_to_timestamp_ntz`": "are not there; the tests have DuckDB's words for them",
}

DATABASE = raw_logs.OUTPUTS["snowflake_database"]
CREATE_FUNCTION = r"create\s+(or\s+replace\s+)?function"
# fakesnow's own, but for the elements' numbers: it counts rows, which come in the array's order only of few arrays.
FLATTEN = Template("""
create or replace macro ${catalog}._fs_flatten(input) as table
select
    hash(to_json(input))::ubigint as seq, found.key as key, coalesce(found.key, '[' || (found.place - 1) || ']') as path
    , case when found.key is null then (found.place - 1)::bigint end as index, found.value as value
    , to_json(input) as this
from (
    select unnest(
        case
            when json_type(to_json(input)) = 'OBJECT' then list_transform(
                json_keys(to_json(input))
                , lambda name, place: {'key': name, 'value': cast(to_json(input) -> name as json), 'place': place}
            )
            else list_transform(
                cast(to_json(input) as json[])
                , lambda element, place: {'key': null::varchar, 'value': element, 'place': place}
            )
        end
        , recursive := true
    )
) as found(key, value, place)
""")
TEMPORARY = re.compile(r"\btemporary table\b", re.IGNORECASE)


class Account:
    """The account, with an empty table RAW.LOGS in the database of `raw_logs.OUTPUTS`."""

    def __init__(self, statements: list[str]) -> None:
        """statements: what is run, as it was sent."""
        self.statements = statements
        connection = snowflake.connector.connect(database=DATABASE, schema="RAW")
        columns = raw_logs.COLUMNS.replace("json", "variant")
        connection.cursor().execute(f"create table LOGS ({columns})")
        connection.cursor().execute("create schema EVENTS")
        self._database = connection._duck_conn
        user_agents.register(self._database)
        self._database.execute(
            f"create macro {DATABASE}.EVENTS.parse_user_agent(text) as system.main.parse_user_agent(text)"
        )

    def load(self, files: Path) -> None:
        """Makes RAW.LOGS hold the rows of the embedded pipe's files; straight in fakesnow's DuckDB, for speed."""
        self._database.execute(f"delete from {DATABASE}.RAW.LOGS")
        self._database.execute(f"insert into {DATABASE}.RAW.LOGS select * from '{files}/*.parquet'")


@contextmanager
def fake_account() -> Iterator[Account]:
    """The account, for as long as the context lasts."""
    statements: list[str] = []
    execute = FakeSnowflakeCursor.execute

    def remembered(cursor: FakeSnowflakeCursor, command: str, *arguments: Any, **named: Any) -> FakeSnowflakeCursor:
        statements.append(command)
        return execute(cursor, TEMPORARY.sub("transient table", command), *arguments, **named)

    with (
        fakesnow.patch(nop_regexes=[CREATE_FUNCTION]),
        mock.patch.object(FakeSnowflakeCursor, "execute", remembered),
        mock.patch.object(macros, "FS_FLATTEN", FLATTEN),
        mock.patch.object(transforms, "numeric_agg_implicit_cast", unchanged),
        mock.patch.object(transforms, "trim_cast_varchar", in_duckdbs_words),
    ):
        yield Account(statements)


def unchanged(expression: exp.Expression) -> exp.Expression:
    """Instead of a translation of fakesnow's: `sum` of FLOAT for text that is summed."""
    return expression


def in_duckdbs_words(expression: exp.Expression) -> exp.Expression:
    """What fakesnow passes on and DuckDB does not take. In the place of its own translation of `trim`, of what is no
    text yet."""
    match expression:
        case exp.ArrayFilter():
            expression.set("this", exp.cast(expression.this.unalias().this, "JSON[]", dialect="duckdb"))
        case exp.ArrayToString():
            array = exp.cast(expression.this.this, "VARCHAR[]", dialect="duckdb")
            return exp.Anonymous(this="array_to_string", expressions=[array, expression.expression])
        case exp.Anonymous() if expression.name.upper() == "IS_OBJECT":
            return exp.Anonymous(this="json_type", expressions=expression.expressions).eq("OBJECT")
        case exp.Anonymous() if expression.name.upper() == "TRY_TO_TIMESTAMP_NTZ":
            formats = exp.array("'%Y-%m-%dT%H:%M:%S.%f'", "'%Y-%m-%dT%H:%M:%S'")
            return exp.Anonymous(this="try_strptime", expressions=[*expression.expressions, formats])
    return expression


def variables(folder: Path) -> dict[str, str]:
    """What a user sets to reach an account, with a key that is put into the folder."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    file = folder / "key.p8"
    file.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return {"SNOWFLAKE_ACCOUNT": "ORGANISATION-ACCOUNT", "SNOWFLAKE_PRIVATE_KEY_PATH": str(file)}
