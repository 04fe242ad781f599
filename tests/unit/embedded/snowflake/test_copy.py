"""A COPY statement is read as it is meant, or refused with the reason."""

import pytest

from embedded.snowflake.copy import CopyError, parse
from infrastructure.components.raw_logs import COLUMNS, copy_statement

STATEMENT = 'COPY INTO "DB"."RAW"."LOGS" ("A", b) FROM (SELECT $1:a, METADATA$FILENAME FROM @"DB"."RAW"."my stage")'


def test_the_platforms_own_statement_is_understood():
    copy = parse(copy_statement('"DB"."RAW"."LOGS"', '"DB"."RAW"."LOGS_STAGE"'))
    assert (copy.table, copy.stage) == ('"DB"."RAW"."LOGS"', '"DB"."RAW"."LOGS_STAGE"')
    assert copy.columns == tuple(column.name for column in COLUMNS)
    assert copy.on_error == "CONTINUE"


def test_unquoted_names_are_upper_case_and_quoted_ones_as_they_are():
    copy = parse(STATEMENT)
    assert copy.columns == ("A", "B")
    assert copy.stage == '"DB"."RAW"."my stage"'


def test_a_pipe_skips_a_bad_file_unless_told_otherwise():
    assert parse(STATEMENT).on_error == "SKIP_FILE"


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        ("SELECT 1", "not COPY INTO"),
        ("COPY INTO t FROM @s", "not COPY INTO"),
        ("COPY INTO t (a) FROM @s", "no SELECT"),
        ("COPY INTO t (a, b) FROM (SELECT $1 FROM @s)", "names 2 columns and selects 1"),
        ("COPY INTO t (a) FROM (SELECT $1 FROM s)", "not a stage"),
        ("COPY INTO t (a) FROM (SELECT $1 FROM @s WHERE $1:a = 1)", "no WHERE"),
        ("COPY INTO t (a) FROM (SELECT $1 FROM @s) ON_ERROR = ABORT_STATEMENT", "ON_ERROR"),
        ("COPY INTO t (a) FROM (SELECT $1 FROM @s) PURGE = TRUE", "PURGE"),
        ("COPY INTO t (", "can not be read"),
    ],
)
def test_what_can_not_be_run_is_refused_with_the_reason(statement, reason):
    with pytest.raises(CopyError, match=reason):
        parse(statement)
