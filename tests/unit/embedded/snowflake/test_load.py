"""Loading: good lines become rows in file order, bad ones are counted and hold nothing up."""

import datetime
import json
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from embedded.snowflake.copy import parse
from embedded.snowflake.load import load
from embedded.snowflake.staged import StagedFile
from embedded.snowflake.tables import Table
from infrastructure.components.raw_logs import COLUMNS, copy_statement

SCAN = datetime.datetime(2026, 1, 2, 3, 4, 5)
ID = '"DB"."RAW"."LOGS"'
SMALL = (
    'COPY INTO "DB"."RAW"."LOGS" (ID, AT, ROW_NUMBER) '
    "FROM (SELECT $1:id::STRING, TO_TIMESTAMP_NTZ($1:at::INT, 3), METADATA$FILE_ROW_NUMBER "
    'FROM @"DB"."RAW"."S")'
)


@pytest.fixture
def small(make_table) -> Table:
    return make_table(
        ("ID", "VARCHAR(5)", False), ("AT", "TIMESTAMP_NTZ(9)", True), ("ROW_NUMBER", "NUMBER(20,0)", False)
    )


def run(table: Table, *contents: str | bytes, on_error: str = "CONTINUE", statement: str = SMALL):
    files = [
        StagedFile(f"raw/{number}.gz", content if isinstance(content, bytes) else content.encode())
        for number, content in enumerate(contents)
    ]
    into = table.folder / "1.parquet"
    return load(parse(f"{statement} ON_ERROR = {on_error}"), table, files, SCAN, into)


def rows(folder: Path, columns: str = "*") -> list[tuple]:
    return duckdb.connect().execute(f"SELECT {columns} FROM read_parquet('{folder}/*.parquet')").fetchall()


def test_rows_keep_the_order_of_their_files_and_lines(small):
    loaded = run(small, '{"id":"b"}\n{"id":"a"}\n', '{"id":"d"}\n{"id":"c"}')
    assert [(one.rows_parsed, one.rows_loaded, one.errors) for one in loaded] == [(2, 2, 0), (2, 2, 0)]
    assert rows(small.folder, "ID, ROW_NUMBER") == [("b", 1), ("a", 2), ("d", 1), ("c", 2)]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{broken", "Error parsing JSON: {broken"),
        ('{"at": 1}', "NULL result in a non-nullable column ID"),
        ('{"id": "toolong"}', r"User character length limit \(5\) exceeded in column ID"),
        ('{"id": "a", "at": "noon"}', "AT: .*noon"),
        ('{"id": "a", "at": 99999999999999999999}', "AT: .*"),
        (b"\xff\xfe", "Error parsing JSON"),
    ],
)
def test_a_bad_line_is_counted_with_its_reason_and_its_neighbours_are_loaded(small, line, reason):
    bad = line if isinstance(line, bytes) else line.encode()
    (one,) = run(small, b'{"id":"a"}\n\n' + bad + b'\n{"id":"b"}\n')
    assert (one.rows_parsed, one.rows_loaded, one.errors, one.first_error_line) == (3, 2, 1, 3)
    assert one.first_error is not None
    with pytest.raises(AssertionError, match=reason):
        raise AssertionError(one.first_error)
    assert rows(small.folder, "ID, ROW_NUMBER") == [("a", 1), ("b", 4)]


def test_a_file_without_a_good_line_makes_no_rows(small):
    (one,) = run(small, "nothing\n")
    assert (one.rows_parsed, one.rows_loaded, one.errors) == (1, 0, 1)
    assert not (small.folder / "1.parquet").exists()


def test_an_empty_file_is_no_error(small):
    (one,) = run(small, "")
    assert (one.rows_parsed, one.rows_loaded, one.errors) == (0, 0, 0)


def test_skip_file_leaves_out_the_whole_file_and_only_that(small):
    first, second = run(small, '{"id":"a"}\n{broken\n', '{"id":"b"}\n', on_error="SKIP_FILE")
    assert (first.rows_loaded, first.errors) == (0, 1)
    assert (second.rows_loaded, second.errors) == (1, 0)
    assert rows(small.folder, "ID") == [("b",)]


def test_a_statement_that_names_an_unknown_column_is_refused(small):
    with pytest.raises(duckdb.Error, match="no column NOPE"):
        run(small, "{}", statement='COPY INTO "DB"."RAW"."LOGS" (NOPE) FROM (SELECT $1 FROM @"DB"."RAW"."S")')


def test_the_platforms_own_table_gets_an_envelope_as_documented(make_table):
    table = make_table(*((column.name, column.type, column.nullable) for column in COLUMNS))
    envelope = {
        "service": {"id": " API.collect "},
        "context": {"client_id": "Client-1"},
        "request": {"id": "AAAA", "timestamp": 1700000000123, "body": {"t": "pageview", "emoji": "\N{SNOWMAN}\\x41"}},
        "response": {"id": "R", "timestamp": 1700000000456},
    }
    run(table, json.dumps(envelope) + "\n", statement=copy_statement(ID, '"DB"."RAW"."S"').rpartition("ON_ERROR")[0])
    ((service, request, at, client, data, filename, row, loaded),) = rows(
        table.folder,
        "SERVICE_ID, REQUEST_ID, REQUEST_TIMESTAMP, CLIENT_ID, DATA, LOG_FILENAME, LOG_FILE_ROW_NUMBER, LOG_TIMESTAMP",
    )
    assert (service, request, client, filename, row) == ("api.collect", "aaaa", "client-1", "raw/0.gz", 1)
    assert at == datetime.datetime(2023, 11, 14, 22, 13, 20, 123_000)
    assert loaded == SCAN
    assert json.loads(data) == envelope


ODD = (
    'COPY INTO "DB"."RAW"."LOGS" (TEXT, NUMBER, DATA) FROM (SELECT $1:a::STRING, $1:n::NUMBER, $1 FROM @"DB"."RAW"."S")'
)
TOO_LONG = "User character length limit (5) exceeded in column TEXT"
NO_NUMBER = 'NUMBER: Conversion Error: Could not convert string "{}" to DECIMAL(38,0)'
TOO_BIG = 'NUMBER: Conversion Error: Casting value "{}" to type DECIMAL(20,0) failed: value is out of range!'


@pytest.fixture
def odd(make_table) -> Table:
    return make_table(("TEXT", "VARCHAR(5)", True), ("NUMBER", "NUMBER(20,0)", True), ("DATA", "VARIANT", True))


@pytest.mark.parametrize(
    ("line", "text", "number"),
    [
        (b"{}", None, None),
        (b'{"a": null}', None, None),
        (b'{"a": "null"}', "null", None),
        (b'{"a": ""}', "", None),
        (b'{"A": 1}', None, None),
        (b'{"A": 1, "a": 2}', "2", None),
        (b'{"a": 1, "a": 2}', "1", None),
        (b'{"a": true}', "true", None),
        (b'{"a": 1.50}', "1.5", None),
        (b'{"a": 1E400}', "1E400", None),
        (b'{"a": NaN}', "NaN", None),
        (b'{"a": [1, 2]}', "[1,2]", None),
        (b'{"a": "\\u00e4\\ud83d\\ude00"}', "\u00e4\U0001f600", None),
        (b'{"a": "x\\u0000"}', "x\0", None),
        ('{"a": "\u00e4\u00e4\u00e4\u00e4\u00e4"}'.encode(), "\u00e4" * 5, None),
        (b'{"n": 1e3}', None, 1000),
        (b'{"n": 2.5}', None, 3),
        (b'{"n": " 7 "}', None, 7),
        (b'{"n": 12345678901234567890}', None, 12345678901234567890),
        (b'[{"a": 1}]', None, None),
        (b"null", None, None),
        (b'"a"', None, None),
        (b"7", None, None),
        (b'{"a": 1,}', "1", None),
        (b' {"a": 1}\r', "1", None),
        (b"[" * 2000 + b"]" * 2000, None, None),
    ],
)
def test_an_odd_line_is_a_row_as_it_stands_there(odd, line, text, number):
    (one,) = run(odd, line, statement=ODD)
    assert one.first_error is None
    assert rows(odd.folder) == [(text, number if number is None else Decimal(number), line.decode())]


@pytest.mark.parametrize(
    ("line", "error"),
    [
        (b'{"a": "123456"}', TOO_LONG),
        (b'{"a": 1e3}', TOO_LONG),  # 1000.0
        (b'{"a": {"b": null}}', TOO_LONG),
        (b'{"n": ""}', NO_NUMBER.format("")),
        (b'{"n": true}', NO_NUMBER.format("true")),
        (b'{"n": NaN}', NO_NUMBER.format("NaN")),
        (b'{"n": [1]}', NO_NUMBER.format("[1]")),
        (b'{"n": 123456789012345678901}', TOO_BIG.format("123456789012345678901")),
        (b'{"a": "\\ud800"}', 'Error parsing JSON: {"a": "\\ud800"}'),
        (b'{"a": 1}{}', 'Error parsing JSON: {"a": 1}{}'),
        (b"{" * 200, "Error parsing JSON: " + "{" * 100),
        (b'\xef\xbb\xbf{"a": 1}', 'Error parsing JSON: \ufeff{"a": 1}'),
        (b'{"a": "\xff"}', 'Error parsing JSON: {"a": "\ufffd"}'),
        (b'{"a": "\xed\xa0\x80"}', 'Error parsing JSON: {"a": "\ufffd\ufffd\ufffd"}'),
        (b"\xc2\xa0", "Error parsing JSON: \xa0"),
        (b"\x00", "Error parsing JSON: \0"),
    ],
)
def test_an_odd_line_that_is_no_row_says_why(odd, line, error):
    (one,) = run(odd, line, statement=ODD)
    assert (one.rows_parsed, one.rows_loaded, one.errors, one.first_error) == (1, 0, 1, error)


def test_blank_lines_count_in_line_numbers_only(small):
    (one,) = run(small, b'\n \t\x0b\x0c\r\n{"id":"a"}\r\n\r\n{"id":"b"}\n\n')
    assert (one.rows_parsed, one.rows_loaded) == (2, 2)
    assert rows(small.folder, "ID, ROW_NUMBER") == [("a", 3), ("b", 5)]


def test_rows_of_a_large_load_keep_their_order_and_leave_out_what_is_bad(small):
    ids = [str(number) for number in range(6000)]
    lines = [f'{{"id":"{one}"}}' for one in ids]
    first, second = run(small, "\n".join([*lines[:4000], "{"]), "\n".join([*lines[4000:], '{"at":"noon"}']))
    assert (first.rows_loaded, first.errors, first.first_error_line) == (4000, 1, 4001)
    assert (second.rows_loaded, second.errors, second.first_error_line) == (2000, 1, 2001)
    assert [one for (one,) in rows(small.folder, "ID")] == ids


LINES = st.lists(
    st.one_of(
        st.builds(lambda i: json.dumps({"id": i}), st.text(max_size=7)),
        st.sampled_from(["", "  ", "{", "[]", "null", '"x"', '{"id":"a","at":"x"}', '{"id":"a","at":1}']),
        st.text(st.characters(exclude_characters="\n\r"), max_size=10),
    ),
    max_size=20,
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(contents=st.lists(LINES, min_size=1, max_size=3))
def test_every_line_is_either_a_row_or_an_error_whatever_it_is(small, contents):
    written = small.folder / "1.parquet"
    written.unlink(missing_ok=True)
    loaded = run(small, *("\n".join(lines).encode("utf-8", "surrogatepass") for lines in contents))
    assert sum(one.rows_loaded for one in loaded) == len(rows(small.folder))
    for one, lines in zip(loaded, contents, strict=True):
        assert one.rows_parsed == sum(bool(line.encode("utf-8", "surrogatepass").strip()) for line in lines)
        assert one.rows_loaded + one.errors == one.rows_parsed
        assert (one.first_error is None) == (one.errors == 0)


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(lines=LINES)
def test_a_line_comes_to_the_same_whatever_stands_beside_it(small, lines):
    written = small.folder / "1.parquet"
    content = [line.encode("utf-8", "surrogatepass") for line in lines]
    written.unlink(missing_ok=True)
    (together,) = run(small, b"\n".join(content))
    found = rows(small.folder, 'ID, "AT"')
    alone, errors = [], 0
    for line in content:
        written.unlink(missing_ok=True)
        (one,) = run(small, line)
        alone += rows(small.folder, 'ID, "AT"')
        errors += one.errors
    assert (found, together.errors) == (alone, errors)
