"""What makes a row of the dataset an event, and what is said of one that is not."""

import contextlib
import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headrace.console import Problem
from pumper.rows import (
    BROWSING_FILE,
    COLUMNS,
    SEARCH_FILE,
    BadRow,
    BadRows,
    Row,
    browsing_row,
    check_header,
    fields_of,
    search_row,
)


def test_a_browsing_row_is_read():
    row = browsing_row(fields_of("s1,event_product,add,p1,1547528580651,u1", BROWSING_FILE))
    assert row == Row("s1", "add", "p1", 1547528580651, "u1")


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("s,pageview,,,1", "5 columns, expected 6 (session_id_hash, …)"),
        ("", "0 columns, expected 6"),
        (",pageview,,,1547528580651,u", "no session_id_hash"),
        ("s,event_product,add,,1547528580651,u", "a product's add without product_sku_hash"),
        ("s,event_product,stolen,p,1547528580651,u", "unknown event_type and product_action"),
        ("s,pageview,detail,p,1547528580651,u", "unknown event_type and product_action"),
        ("s,pageview,,,soon,u", "'soon' is not a time"),
        ("s,pageview,,,-1,u", "'-1' is not a time"),
        ("s,pageview,,,1_000,u", "'1_000' is not a time"),
        ("s,pageview,,,²²,u", "'²²' is not a time"),
        ('s,pageview,,,1,"u', "not CSV"),
    ],
)
def test_a_bad_row_says_why(line, reason):
    with pytest.raises(BadRow, match=reason.replace("(", r"\(").replace(")", r"\)")):
        browsing_row(fields_of(line, BROWSING_FILE))


@given(st.text(st.characters(codec="utf-8"), max_size=200))
def test_any_text_is_a_row_or_a_bad_row(line):
    for file, row_of in ((BROWSING_FILE, browsing_row), (SEARCH_FILE, search_row)):
        with contextlib.suppress(BadRow):
            assert row_of(fields_of(line, file)).session


@given(st.lists(st.text(max_size=20), min_size=5, max_size=5))
def test_any_five_values_are_a_search_or_a_bad_row(values):
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(values)
    with contextlib.suppress(BadRow):
        assert search_row(fields_of(line.getvalue(), SEARCH_FILE)).session == values[0]


def test_a_search_tells_results_and_the_rank_of_what_was_clicked():
    line = "s,\"[0.1, -0.2]\",\"['b', 'x']\",\"['a', 'b', 'c', 'b']\",1547528580651"
    search = search_row(fields_of(line, SEARCH_FILE)).search
    assert search is not None
    assert search.results == 4
    assert search.clicks == (("b", 2), ("x", 0))


def test_the_same_query_has_the_same_name():
    one, two, other = (
        search_row(fields_of(f's,"{vector}",,,1', SEARCH_FILE)).search for vector in ("[0.1]", "[0.1]", "[0.2]")
    )
    assert one == two != other


def test_wrong_columns_are_named(tmp_path):
    path = tmp_path / BROWSING_FILE
    path.write_text("a,b\n")
    with pytest.raises(Problem, match="line 1: expected columns session_id_hash,event_type"):
        check_header(path)


def test_a_header_with_a_byte_order_mark_and_windows_line_ends_is_taken(tmp_path):
    path = tmp_path / BROWSING_FILE
    path.write_bytes(b"\xef\xbb\xbf" + ",".join(COLUMNS[BROWSING_FILE]).encode() + b"\r\nrow")
    assert path.read_bytes()[check_header(path) :] == b"row"


def test_bad_rows_are_counted_and_the_first_few_shown():
    bad = BadRows()
    for line in range(10):
        bad.add(BROWSING_FILE, line, "reason")
    assert bad.count == 10
    assert bad.examples[0] == "browsing_train.csv, line 0: reason"
    assert len(bad.examples) == 3


def test_strict_ends_at_the_first_bad_row():
    with pytest.raises(Problem, match=r"browsing_train\.csv, line 7: reason"):
        BadRows(strict=True).add(BROWSING_FILE, 7, "reason")
