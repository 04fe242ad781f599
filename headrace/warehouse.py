"""Where a stack's RAW and its modelled tables are, on either engine, and how to ask them.

On this machine RAW is a folder of Parquet files that the embedded pipe writes, and the modelled tables are a DuckDB
database that only dbt writes. In the cloud both are in Snowflake.
"""

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from headrace.console import Problem
from headrace.home import environment, outputs, stack_folder

AT_ONCE = 1000  # rows in memory while an answer is read


@dataclass(frozen=True)
class Answer:
    """What a statement gave: the columns' names as the engine writes them, and the rows, read as they are asked for."""

    columns: list[str]
    rows: Iterator[tuple[Any, ...]]


class Warehouse(Protocol):
    """A connection to either engine: a statement in, rows out."""

    def rows(self, statement: str) -> list[tuple[Any, ...]]: ...

    def answer(self, statement: str) -> Answer:
        """For results that may be large. One at a time: the next statement ends it."""
        ...


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where one stack's warehouse is.

    target: dbt's target, `local` or `snowflake`. raw: what the engine's SQL selects RAW.LOGS from.
    database: the DuckDB file of the modelled tables; None on Snowflake.
    variables: what dbt's profile reads from the environment.
    """

    target: str
    raw: str
    database: Path | None
    variables: Mapping[str, str]


def find(stack: str, target: str | None = None) -> Place:
    """The warehouse of a deployed stack. Raises Problem where nothing is deployed, or it has no warehouse."""
    published = outputs(stack)
    if "snowflake_database" not in published:
        raise Problem(
            f"stack '{stack}' has no warehouse, because it was deployed without Snowflake",
            "switch Snowflake on in its configuration and run `make up`",
        )
    match target or ("local" if environment(stack) else "snowflake"):
        case "local":
            return _local(stack, published)
        case "snowflake":
            return _snowflake(stack, published)
        case other:
            raise Problem(f"there is no target '{other}'", "choose local or snowflake")


@contextmanager
def connected(place: Place, *, raw_only: bool = False) -> Iterator[Warehouse]:
    """A connection. Raises Problem where the warehouse can not be opened, or refuses a statement.

    raw_only: leave the modelled tables' file alone, so that it does not matter whether another process has it open.
    """
    if place.database is None:
        role, name = place.variables["SNOWFLAKE_ROLE"], place.variables["SNOWFLAKE_WAREHOUSE"]
        cure = f"see in the account to role {role} and warehouse {name}; `make up` grants what the role needs"
        opened, refused = _snowflake_connection(place.variables), refusals(place, "Snowflake refused a statement", cure)
    else:
        cure = "move a damaged file of RAW away and load its hours with `make replay`; `make transform` makes the rest"
        opened = _duckdb_connection(None if raw_only else place.database)
        refused = refusals(place, "the warehouse on this machine can not be read", cure)
    with opened as connection, refused:
        yield connection


@contextmanager
def refusals(place: Place, cause: str, cure: str) -> Iterator[None]:
    """Turns what an engine refuses into one line: the cause, and behind it in brackets what the engine says."""
    try:
        yield
    except _engine_error(place) as error:
        said = explanation(str(error))
        raise Problem(f"{cause} ({said})" if cause else said, cure) from error


def explanation(message: str) -> str:
    """An engine's words in one line, without the copy of the statement that DuckDB shows below them."""
    lines = [line.strip() for line in message.partition("\nLINE ")[0].splitlines()]
    return " ".join(line for line in lines if line).rstrip(".?!")


def check_writable(database: Path) -> None:
    """Raises Problem while another process has the DuckDB file open: one process at a time may."""
    import duckdb

    if not database.exists():
        return  # dbt makes it, in the format that its profile asks for
    try:
        duckdb.connect(str(database)).close()
    except duckdb.Error as error:
        raise _unusable(database, error) from error


def _local(stack: str, published: Mapping[str, Any]) -> Place:
    database, schema, table = (published[f"snowflake_{part}"] for part in ("database", "schema", "table"))
    files = stack_folder(stack) / "snowflake" / database / schema / table
    if not any(files.glob("*.parquet")):
        raise Problem(
            f"stack '{stack}' has no RAW table on this machine (no Parquet file in {files})",
            "run `make up` to deploy it here, or give `--target snowflake` if it is in an account",
        )
    warehouse = stack_folder(stack) / "warehouse.duckdb"
    return Place(
        target="local",
        raw=f"read_parquet({_literal(files / '*.parquet')}, union_by_name = true)",
        database=warehouse,
        variables={
            "HEADRACE_RAW_LOGS": str(files / "*.parquet"),
            "HEADRACE_RAW_ACCOUNTS": str(files.parent / "ACCOUNTS" / "accounts.parquet"),
            "HEADRACE_WAREHOUSE": str(warehouse),
        },
    )


def _snowflake(stack: str, published: Mapping[str, Any]) -> Place:
    """What the stack publishes, unless the environment says otherwise; account and key are the user's to give."""
    variables = {
        "SNOWFLAKE_DATABASE": published["snowflake_database"],
        "SNOWFLAKE_WAREHOUSE": published["snowflake_warehouse"],
        "SNOWFLAKE_ROLE": published["snowflake_role_rw"],
        "SNOWFLAKE_USER": published["snowflake_user"],
        "SNOWFLAKE_ACCOUNT": "",
        "SNOWFLAKE_PRIVATE_KEY_PATH": "",
        "SNOWFLAKE_PRIVATE_KEY_PASSPHRASE": "",
    }
    variables = {name: os.environ.get(name) or value for name, value in variables.items()}
    if not variables["SNOWFLAKE_ACCOUNT"]:
        raise Problem(
            f"SNOWFLAKE_ACCOUNT is not set, so the warehouse of stack '{stack}' can not be reached",
            "set it to the account's identifier (ORGANISATION-ACCOUNT)",
        )
    key = variables["SNOWFLAKE_PRIVATE_KEY_PATH"]
    if not key or not Path(key).is_file():
        raise Problem(
            f"there is no private key for {variables['SNOWFLAKE_USER']}"
            + (f" at {key}" if key else ", SNOWFLAKE_PRIVATE_KEY_PATH is not set"),
            "set SNOWFLAKE_PRIVATE_KEY_PATH to the key's file",
        )
    raw = ".".join(f'"{published[f"snowflake_{part}"]}"' for part in ("database", "schema", "table"))
    return Place(target="snowflake", raw=raw, database=None, variables=variables)


def _engine_error(place: Place) -> type[Exception]:
    if place.database is None:
        from snowflake.connector import Error
    else:
        from duckdb import Error
    return Error


class _DuckDB:
    def __init__(self, connection: Any) -> None:
        self.connection = connection

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        return self.connection.execute(statement).fetchall()

    def answer(self, statement: str) -> Answer:
        cursor = self.connection.execute(statement)
        return Answer([column[0] for column in cursor.description], _fetched(cursor))


class _Snowflake:
    def __init__(self, connection: Any) -> None:
        self.connection = connection

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        with self.connection.cursor() as cursor:
            return [tuple(row) for row in cursor.execute(statement).fetchall()]

    def answer(self, statement: str) -> Answer:
        cursor = self.connection.cursor()
        cursor.execute(statement)
        return Answer([column[0] for column in cursor.description], _fetched(cursor))


def _fetched(cursor: Any) -> Iterator[tuple[Any, ...]]:
    while rows := cursor.fetchmany(AT_ONCE):
        yield from (tuple(row) for row in rows)


@contextmanager
def _duckdb_connection(database: Path | None) -> Iterator[_DuckDB]:
    """In memory, with the modelled tables attached where dbt has built them."""
    import duckdb

    from headrace import user_agents

    with duckdb.connect() as connection:
        user_agents.register(connection)
        if database is not None and database.exists():
            try:
                connection.execute(f"attach {_literal(database)} as modelled (read_only)")
            except duckdb.Error as error:
                raise _unusable(database, error) from error
            connection.execute("use modelled")
        yield _DuckDB(connection)


@contextmanager
def _snowflake_connection(variables: Mapping[str, str]) -> Iterator[_Snowflake]:
    from snowflake import connector

    passphrase = variables["SNOWFLAKE_PRIVATE_KEY_PASSPHRASE"]
    try:
        connection = connector.connect(
            account=variables["SNOWFLAKE_ACCOUNT"],
            user=variables["SNOWFLAKE_USER"],
            private_key_file=variables["SNOWFLAKE_PRIVATE_KEY_PATH"],
            private_key_file_pwd=passphrase or None,
            role=variables["SNOWFLAKE_ROLE"],
            warehouse=variables["SNOWFLAKE_WAREHOUSE"],
            database=variables["SNOWFLAKE_DATABASE"],
            login_timeout=30,
        )
    except (connector.Error, ValueError, TypeError) as error:
        raise Problem(
            f"Snowflake account {variables['SNOWFLAKE_ACCOUNT']} refused the connection ({first_line(error)})",
            "check SNOWFLAKE_ACCOUNT, SNOWFLAKE_USER and SNOWFLAKE_PRIVATE_KEY_PATH",
        ) from error
    with connection:
        yield _Snowflake(connection)


def first_line(error: BaseException | str) -> str:
    """What an error says, in one line without its closing full stop."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return (lines[0] if lines else type(error).__name__).rstrip(".")


def _unusable(database: Path, error: Exception) -> Problem:
    holder = re.search(r"Conflicting lock is held in (\S+) \(PID (\d+)\)", str(error))
    if holder:
        return Problem(
            f"{database} is open in another process ({holder[1]}, pid {holder[2]})",
            "wait for it to finish or close it: DuckDB lets in one process at a time",
        )
    return Problem(
        f"{database} can not be opened ({first_line(error)})",
        "remove it and run `make transform`: everything in it is made from RAW",
    )


def _literal(path: Path) -> str:
    """A path as a text of SQL."""
    return "'" + str(path).replace("'", "''") + "'"
