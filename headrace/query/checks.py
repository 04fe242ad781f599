"""Which statements are questions: one that only reads, whatever the role may do."""

from headrace.console import Problem
from headrace.warehouse import explanation

CURE = "give one SELECT (or SHOW, DESCRIBE)"
# What lists the tables, by target.
SHOWN_BY = {
    "local": """
        select table_schema as "schema", table_name as "table", lower(table_type) as kind
        from (
            select upper(table_schema) as table_schema, table_name, table_type from information_schema.tables
            where table_catalog = current_database() and upper(table_schema) <> 'MAIN'
            union all select 'RAW', 'LOGS', 'parquet files'
        ) as tables
        order by all
    """,
    "snowflake": """
        select table_schema as "schema", table_name as "table", lower(table_type) as "kind"
        from information_schema.tables
        where table_schema not in ('INFORMATION_SCHEMA', 'PUBLIC')
        order by table_schema, table_name
    """,
}


def checked(sql: str, target: str) -> str:
    """The statement; empty where there is none. Raises Problem where it is no question, or more than one."""
    return _checked_by_duckdb(sql) if target == "local" else _checked_by_sqlglot(sql)


def _checked_by_duckdb(sql: str) -> str:
    import duckdb

    with duckdb.connect() as connection:
        try:
            statements = connection.extract_statements(sql)
        except duckdb.Error as error:
            raise Problem(explanation(str(error)), "see to the SQL") from None
    if len(statements) > 1:
        raise Problem(f"{len(statements)} statements were given", CURE)
    for statement in statements:
        if statement.type != duckdb.StatementType.SELECT:
            raise Problem(f"a query only reads, and this is a statement of kind {statement.type.name}", CURE)
        return statement.query
    return ""


def _checked_by_sqlglot(sql: str) -> str:
    import sqlglot
    from sqlglot import exp
    from sqlglot.errors import TokenError

    try:
        statements = [one for one in sqlglot.parse(sql, dialect="snowflake") if one is not None]
    except sqlglot.ParseError as error:
        (first, *_) = error.errors
        place = f"line {first['line']}, column {first['col']}"
        raise Problem(f"{first['description'].rstrip('.')} ({place})", "see to the SQL") from None
    except TokenError as error:
        raise Problem(explanation(str(error)), "see to the SQL") from None
    if len(statements) > 1:
        raise Problem(f"{len(statements)} statements were given", CURE)
    for statement in statements:
        if not isinstance(statement, exp.Query | exp.Describe | exp.Show):
            raise Problem(f"a query only reads, and this is a statement of kind {statement.key.upper()}", CURE)
        return sql
    return ""
