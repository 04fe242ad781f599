"""Python functions for fakesnow, which keeps of `create function … language python` only a macro with its text."""

from snowflake.connector import SnowflakeConnection

from headrace import user_agents


def give(connection: SnowflakeConnection) -> None:
    """Puts the function that dbt's models call where dbt's own was made or would be, for all of fakesnow's connections.

    Not for longer than `connection` is open: DuckDB keeps the function with the connection that brought it.
    """
    database = getattr(connection, "_duck_conn")  # noqa: B009 - fakesnow's, in no type
    user_agents.register(database)
    # By way of another schema, or the macro would call itself.
    database.execute("create schema if not exists HEADRACE.PYTHON")
    database.execute("create or replace macro HEADRACE.PYTHON.parse(user_agent) as parse_user_agent(user_agent)")
    database.execute("create schema if not exists HEADRACE.EVENTS")
    database.execute(
        "create or replace macro HEADRACE.EVENTS.parse_user_agent(user_agent) as HEADRACE.PYTHON.parse(user_agent)"
    )
