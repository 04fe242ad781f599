"""Snowflake's expressions mean the same when the embedded pipe evaluates them."""

import datetime
import json
import uuid
from decimal import Decimal
from typing import Any

import duckdb
import pytest
import sqlglot
from hypothesis import given, settings
from hypothesis import strategies as st

from embedded.snowflake.expressions import NotTranslated, translated

RECORD = {
    "a": " Ab ",
    "n": 1700000000123,
    "t": "12.5",
    "deep": {"x y": [1, {"b": "c"}]},
    "null": None,
    "yes": True,
    "e": "",
}
SCAN = datetime.datetime(2026, 1, 2, 3, 4, 5)
DATABASE = duckdb.connect()


def evaluated(expression: str, record: Any = RECORD, filename: str = "raw/a b.gz", row: int = 7) -> Any:
    sql = translated(sqlglot.parse_one(expression, dialect="snowflake"))
    source = (
        'SELECT CAST(? AS JSON) AS "$record", ? AS "$filename", CAST(? AS BIGINT) AS "$row", '
        'CAST(? AS TIMESTAMP) AS "$scan_time"'
    )
    values = [json.dumps(record), filename, row, SCAN]
    (found,) = DATABASE.execute(f"SELECT {sql} FROM ({source})", values).fetchone()
    return found


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("LOWER(TRIM($1:a::STRING))", "ab"),
        ("UPPER($1:a)", " AB "),
        ("$1:A::STRING", None),  # keys are matched exactly
        ("$1:missing.deeper::STRING", None),
        ("$1:null::STRING", None),
        ("$1:null IS NULL", False),  # a JSON null is a value
        ("$1:missing IS NULL", True),
        ('$1:deep."x y"[1].b::STRING', "c"),
        ("$1:deep::STRING", '{"x y":[1,{"b":"c"}]}'),
        ("$1:a::VARCHAR(2)", " A"),
        ("$1:n::NUMBER", Decimal(1700000000123)),
        ("$1:t::INT", Decimal(13)),  # Snowflake rounds half away from zero
        ("$1:t::NUMBER(10,2)", Decimal("12.50")),
        ("$1:t::DOUBLE", 12.5),
        ("$1:yes::BOOLEAN", True),
        ("TRY_TO_NUMBER($1:a::STRING)", None),
        ("COALESCE(TRY_TO_NUMBER($1:a::STRING), 0)", Decimal(0)),
        ("TO_TIMESTAMP_NTZ($1:n::NUMBER, 3)", datetime.datetime(2023, 11, 14, 22, 13, 20, 123_000)),
        ("TO_TIMESTAMP_NTZ(1700000000::NUMBER, 0)", datetime.datetime(2023, 11, 14, 22, 13, 20)),
        ("CONVERT_TIMEZONE('UTC', METADATA$START_SCAN_TIME)::TIMESTAMP_NTZ", SCAN),
        ("METADATA$FILENAME || ':' || METADATA$FILE_ROW_NUMBER", "raw/a b.gz:7"),
        ("CONCAT($1:a, $1:missing)", None),
        ("NULLIF($1:e::STRING, '')", None),
        ("SUBSTR($1:a, 2, 2)", "Ab"),
        ("LEFT($1:a, 2)", " A"),
        ("RIGHT($1:t, 2)", ".5"),
        ("IFF($1:yes::BOOLEAN, 'y', 'n')", "y"),
        ("CASE WHEN $1:t = '12.5' THEN 'it' ELSE 'else' END", "it"),
        ("$1:t IN ('1', '12.5')", True),
        ("REPLACE($1:a, 'A', 'o''')", " o'b "),
        ("LENGTH($1:a)", 4),
        ("NOT $1:yes::BOOLEAN AND TRUE", False),
    ],
)
def test_an_expression_gives_what_snowflake_gives(expression, value):
    assert evaluated(expression) == value


def test_the_whole_record_stays_json():
    assert json.loads(evaluated("$1")) == RECORD


@settings(max_examples=40, deadline=None)
@given(name=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=60))
def test_uuids_are_those_of_the_standard(name):
    namespace = uuid.UUID("da69e958-fee3-428b-9dc3-e7586429fcfc")
    given = f"UUID_STRING('{namespace}', METADATA$FILENAME || ':' || METADATA$FILE_ROW_NUMBER)"
    assert evaluated(given, filename=name, row=3) == str(uuid.uuid5(namespace, f"{name}:3"))


@pytest.mark.parametrize(
    "expression",
    [
        "SOUNDEX($1:a)",
        "$2",
        "SOME_COLUMN",
        "METADATA$FILE_LAST_MODIFIED",
        "$1:a::GEOGRAPHY",
        "CONVERT_TIMEZONE('Europe/Zurich', METADATA$START_SCAN_TIME)",
        "TO_TIMESTAMP_NTZ($1:a::STRING)",
        "PARSE_JSON($1:a)",
        '$1:"*"::STRING',  # to DuckDB every key
    ],
)
def test_what_is_not_known_is_an_error_that_names_it(expression):
    with pytest.raises(NotTranslated, match="the embedded pipe does not know"):
        translated(sqlglot.parse_one(f"LOWER({expression})", dialect="snowflake"))
