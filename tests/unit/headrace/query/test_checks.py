"""A query only reads, on either engine."""

import pytest

from headrace.console import Problem
from headrace.query.checks import checked

QUESTIONS = [
    "select 1",
    " select 1 ; ",
    "with a as (select 1 as b) select * from a",
    "select 1 union all select 2",
    "describe table EVENTS.LOGS",
]
OTHERS = [
    ("drop table EVENTS.LOGS", "DROP"),
    ("insert into a select 1", "INSERT"),
    ("update a set b = 1", "UPDATE"),
    ("delete from a", "DELETE"),
    ("create table a as select 1", "CREATE"),
    ("truncate table a", ""),
    ("copy into a from @b", ""),
    ("copy (select 1) to '/tmp/a.csv'", ""),
    ("attach 'a.duckdb'", ""),
    ("explain analyze insert into a select 1", ""),
    ("call something()", ""),
    ("set threads = 1", "SET"),
    ("select 1; drop table a", "2 statements"),
    ("selec 1", ""),
    ("select 'unfinished", ""),
]


@pytest.mark.parametrize("target", ["local", "snowflake"])
@pytest.mark.parametrize("sql", QUESTIONS)
def test_what_reads_is_let_through(target, sql):
    assert checked(sql, target).strip().rstrip(";").strip() == sql.strip().rstrip(";").strip()


@pytest.mark.parametrize("target", ["local", "snowflake"])
@pytest.mark.parametrize(("sql", "named"), OTHERS)
def test_what_may_write_is_not(target, sql, named):
    with pytest.raises(Problem, match=named or None):
        checked(sql, target)


@pytest.mark.parametrize("target", ["local", "snowflake"])
@pytest.mark.parametrize("sql", ["", "  ", "-- nothing\n", ";"])
def test_no_statement_is_no_error(target, sql):
    assert checked(sql, target) == ""


def test_each_engine_has_its_own_words():
    assert checked("from EVENTS.logs", "local") == "from EVENTS.logs"
    assert checked("select a:b::varchar from c", "snowflake") == "select a:b::varchar from c"
    assert checked("show tables in database d", "snowflake") == "show tables in database d"
