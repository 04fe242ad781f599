import sqlglot
from sqlglot import exp

from infrastructure.components.raw_logs import COLUMNS, copy_statement

STATEMENT = copy_statement(table='"DB"."RAW"."LOGS"', stage='"DB"."RAW"."LOGS_STAGE"')


def test_the_columns_are_those_users_of_the_reference_know():
    assert [column.name for column in COLUMNS] == [
        "SERVICE_ID",
        "REQUEST_ID",
        "REQUEST_TIMESTAMP",
        "RESPONSE_ID",
        "RESPONSE_TIMESTAMP",
        "CLIENT_ID",
        "DATA",
        "LOG_ID",
        "LOG_FILENAME",
        "LOG_FILE_ROW_NUMBER",
        "LOG_TIMESTAMP",
    ]


def test_the_copy_statement_is_snowflake_sql_with_an_expression_a_column():
    copy = sqlglot.parse_one(STATEMENT, dialect="snowflake")
    assert isinstance(copy, exp.Copy)
    select = copy.find(exp.Select)
    assert select is not None
    assert len(select.expressions) == len(COLUMNS)


def test_ids_that_other_trackers_make_fit():
    assert {c.name: c.type for c in COLUMNS}["CLIENT_ID"] == "VARCHAR(254)"


def test_one_unreadable_line_does_not_cost_its_file():
    assert STATEMENT.endswith("ON_ERROR = CONTINUE")


def test_every_column_says_what_it_means():
    assert all(column.description.endswith(".") for column in COLUMNS)
