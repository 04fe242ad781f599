"""Rows by session or by time: all of them, once, from any place on."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from headrace.console import Problem
from pumper import order
from pumper.order import open_ordered
from pumper.rows import BadRows
from pumper.searches import open_searches
from pumper.source import FileOrder, TimeOrder

START = 1_547_528_580_000
SEARCH = "s1,\"[0.1]\",\"['p2']\",\"['p1', 'p2']\",1547528581000"


def browsing(session, at, action="", sku="", url="u"):
    kind = "event_product" if action else "pageview"
    return f"{session},{kind},{action},{sku},{START + at},{url}"


@pytest.fixture
def by_file(tmp_path, silent):
    def read(folder, start=None, bad=None):
        bad = bad or BadRows()
        searches = open_searches(folder, tmp_path / "kept", bad, silent)
        try:
            return list(FileOrder(folder, searches, bad).runs(start))
        finally:
            searches.close()

    return read


@pytest.fixture
def by_time(tmp_path, silent):
    def read(folder, start=None, bad=None):
        bad = bad or BadRows()
        ordered = open_ordered(folder, tmp_path / "kept", bad, silent)
        return list(TimeOrder(ordered, bad).runs(start))

    return read


def test_a_session_comes_with_its_searches_in_the_order_of_time(write_dataset, by_file):
    folder = write_dataset([browsing("s2", 5), browsing("s1", 2000), browsing("s1", 0)], [SEARCH])
    first, second = by_file(folder)
    assert [row.action for row in first.rows] == ["pageview"]
    assert [(row.action, row.timestamp - START) for row in second.rows] == [
        ("pageview", 0),
        ("search", 1000),
        ("pageview", 2000),
    ]


def test_by_time_sessions_interleave(write_dataset, by_time):
    folder = write_dataset([browsing("s1", 2000), browsing("s1", 0), browsing("s2", 500)], [SEARCH])
    runs = by_time(folder)
    assert [(run.session, run.rows[0].timestamp - START) for run in runs] == [
        ("s1", 0),
        ("s2", 500),
        ("s1", 1000),
    ]
    assert runs[2].rows[0].search == by_time(folder)[2].rows[0].search
    assert runs[2].rows[0].search.clicks == (("p2", 2),)


def test_bad_rows_are_skipped_and_told_with_their_line(write_dataset, by_file):
    bad = BadRows()
    folder = write_dataset([browsing("s1", 0), "rubbish", browsing("s1", 1), ""], ["rubbish"])
    (run,) = by_file(folder, bad=bad)
    assert len(run.rows) == 2
    assert bad.count == 3
    assert any("browsing_train.csv, line 3" in example for example in bad.examples)
    assert any("search_train.csv, line 2" in example for example in bad.examples)


def test_bad_rows_are_told_again_by_a_second_run_that_finds_everything_prepared(write_dataset, by_file, by_time):
    folder = write_dataset([browsing("s1", 0), "rubbish"], ["rubbish"])
    for read in (by_file, by_time):
        first, second = BadRows(), BadRows()
        read(folder, bad=first)
        read(folder, bad=second)
        assert first.count == second.count == 2
        assert sorted(first.examples) == sorted(second.examples)


def test_quoted_columns_windows_line_ends_and_other_letters_are_read(write_dataset, by_file, by_time):
    folder = write_dataset([f'"s,1",pageview,,,{START},"ü ""x"""\r'])
    for read in (by_file, by_time):
        (run,) = read(folder)
        assert (run.session, run.rows[0].url) == ("s,1", 'ü "x"')


def test_a_missing_file_is_one_line(write_dataset, by_file):
    folder = write_dataset()
    (folder / "browsing_train.csv").unlink()
    with pytest.raises(Problem, match=r"browsing_train\.csv can not be read"):
        by_file(folder)


rows = st.lists(
    st.tuples(st.sampled_from("abc"), st.integers(0, 50), st.sampled_from(["", "add", "purchase"])), max_size=40
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows, st.integers(2, 10))
def test_every_row_comes_once_in_either_order_and_from_any_run_on(tmp_path_factory, silent, rows, in_memory):
    folder = tmp_path_factory.mktemp("dataset")
    header = "session_id_hash,event_type,product_action,product_sku_hash,server_timestamp_epoch_ms,hashed_url\n"
    lines = [
        browsing(session, at, action, "p" if action else "", f"u{i}") for i, (session, at, action) in enumerate(rows)
    ]
    (folder / "browsing_train.csv").write_text(header + "".join(f"{line}\n" for line in lines))
    (folder / "search_train.csv").write_text(
        "session_id_hash,query_vector,clicked_skus_hash,product_skus_hash,server_timestamp_epoch_ms\n"
    )
    urls = sorted(f"u{i}" for i in range(len(rows)))
    searches = open_searches(folder, folder, BadRows(), silent)
    before = order.ROWS_IN_MEMORY, order.FILES_AT_ONCE
    order.ROWS_IN_MEMORY, order.FILES_AT_ONCE = in_memory, 2
    try:
        ordered = open_ordered(folder, folder, BadRows(), silent)
    finally:
        order.ROWS_IN_MEMORY, order.FILES_AT_ONCE = before
    for source in (FileOrder(folder, searches, BadRows()), TimeOrder(ordered, BadRows())):
        runs = list(source.runs(None))
        assert sorted(row.url for run in runs for row in run.rows) == urls
        for at, run in enumerate(runs):
            assert list(source.runs(run.position)) == runs[at:]
    times = [row.timestamp for run in TimeOrder(ordered, BadRows()).runs(None) for row in run.rows]
    assert times == sorted(times)
    assert (ordered.rows, ordered.first, ordered.last) == (len(times), *((times[0], times[-1]) if times else (0, 0)))
    searches.close()
