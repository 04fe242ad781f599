"""The synthetic dataset has the format and the shape of the real one."""

import ast
import csv
import re
from collections import Counter
from itertools import pairwise
from statistics import median

import pytest

from pumper import shape
from pumper.products import rank_at
from pumper.rows import BROWSING_FILE, CATALOGUE_FILE, COLUMNS, SEARCH_FILE, BadRows
from pumper.searches import open_searches
from pumper.source import FileOrder
from pumper.synthetic import Size, generate, rows_at

EVENTS = 100_000


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("synthetic")
    generate(folder, Size(events=EVENTS), seed=3, show=lambda *_: None)
    return folder


def read(folder, name):
    with (folder / name).open(newline="") as file:
        header, *rows = csv.reader(file)
    assert header == COLUMNS[name]
    return rows


@pytest.fixture(scope="module")
def rows(folder):
    return read(folder, BROWSING_FILE)


@pytest.fixture(scope="module")
def sessions(rows):
    found: dict = {}
    for row in rows:
        found.setdefault(row[0], []).append(row)
    return list(found.values())


@pytest.fixture(scope="module")
def searches(folder):
    return read(folder, SEARCH_FILE)


@pytest.fixture(scope="module")
def catalogue(folder):
    return read(folder, CATALOGUE_FILE)


def action(row):
    return row[2] or row[1]


def time(row):
    return int(row[4])


def seconds_to(session, name, since):
    return (min(time(row) for row in session if action(row) == name) - since) / 1000


def test_event_shares(rows):
    counts = Counter(map(action, rows))
    for name, share in shape.ROW_SHARES.items():
        assert counts[name] / len(rows) == pytest.approx(share, rel=0.03 if share > 0.1 else 0.2), name


def test_rows_of_a_session():
    sizes = [rows_at((number + 0.5) / 100_000) for number in range(100_000)]
    assert sum(sizes) / len(sizes) == pytest.approx(shape.ROWS_A_SESSION, rel=0.01)
    for share, size in shape.ROWS_QUANTILES.items():
        assert sizes[int(share * len(sizes))] == size
    assert sizes[-1] == shape.MOST_ROWS


def test_how_many_sessions_reach_each_action(sessions):
    reach = Counter(name for session in sessions for name in set(map(action, session)))
    for name, share in shape.REACH.items():
        assert reach[name] / len(sessions) == pytest.approx(share, rel=0.03 if share > 0.1 else 0.2), name
    buying = [set(map(action, session)) for session in sessions if any(action(row) == "purchase" for row in session)]
    alone = sum("add" not in names for names in buying) / len(buying)
    four_standard_errors = 4 * (shape.PURCHASE_WITHOUT_ADD * (1 - shape.PURCHASE_WITHOUT_ADD) / len(buying)) ** 0.5
    assert alone == pytest.approx(shape.PURCHASE_WITHOUT_ADD, abs=four_standard_errors)


def test_details_have_a_twin_pageview_before_or_after(rows):
    pageviews = {(row[0], row[4], row[5]) for row in rows if action(row) == "pageview"}
    details = [row for row in rows if action(row) == "detail"]
    assert sum((row[0], row[4], row[5]) in pageviews for row in details) / len(details) > shape.TWIN_SHARE - 0.0005
    first = sum(
        one[:1] + one[4:] == two[:1] + two[4:] for one, two in pairwise(rows) if (action(one), action(two)) == PAIR
    )
    assert 0.45 < first / len(details) < 0.55


PAIR = ("pageview", "detail")


def test_times_to_add_and_to_purchase(sessions):
    starts = [(session, min(map(time, session)), set(map(action, session))) for session in sessions]
    to_add = median(seconds_to(session, "add", start) for session, start, names in starts if "add" in names)
    assert to_add == pytest.approx(shape.START_TO_ADD, rel=0.15)
    to_purchase = median(
        seconds_to(session, "purchase", start + 1000 * seconds_to(session, "add", start))
        for session, start, names in starts
        if {"add", "purchase"} <= names
    )
    assert to_purchase == pytest.approx(shape.ADD_TO_PURCHASE, rel=0.25)


def test_no_session_holds_a_gap_of_half_an_hour(sessions):
    for session in sessions:
        times = sorted(map(time, session))
        assert all(later - earlier < 1_800_000 for earlier, later in pairwise(times))


def test_popularity_of_skus(rows):
    for top, share in shape.TOP_VIEWS.items():
        assert rank_at(share) == pytest.approx(top)
    views = sorted(Counter(row[3] for row in rows if action(row) == "detail").values(), reverse=True)
    for top, share in shape.TOP_VIEWS.items():
        assert sum(views[: round(top * len(views))]) / sum(views) == pytest.approx(share, abs=0.05), top


def test_what_the_catalogue_knows(rows, catalogue):
    known = {row[0] for row in catalogue}
    assert len(known) == len(catalogue)
    assert sum(bool(row[4]) for row in catalogue) / len(catalogue) == pytest.approx(shape.PRICED_SHARE, abs=0.01)
    assert {row[4] for row in catalogue} == {"", *(f"{bucket}.0" for bucket in range(1, 11))}
    unknown = Counter(action(row) for row in rows if row[3] and row[3] not in known)
    assert unknown.keys() == {"remove", "purchase"}
    paths = [row[2].split("/") for row in catalogue]
    assert len({path[0] for path in paths}) == shape.ROOT_CATEGORIES
    assert median(map(len, paths)) == shape.CATEGORY_LEVELS


def test_searches(rows, sessions, searches):
    assert len(searches) / len(rows) == pytest.approx(shape.SEARCHES_A_ROW, rel=0.1)
    assert len({row[0] for row in searches}) / len(sessions) == pytest.approx(shape.SEARCHING_SHARE, rel=0.1)
    results = [len(ast.literal_eval(row[3])) if row[3] else 0 for row in searches]
    assert results.count(0) / len(results) == pytest.approx(shape.ZERO_RESULTS, abs=0.03)
    assert median(results) == shape.MEDIAN_RESULTS
    ranks = [ast.literal_eval(row[3]).index(sku) + 1 for row in searches if row[2] for sku in ast.literal_eval(row[2])]
    assert ranks.count(1) / len(ranks) == pytest.approx(shape.RANK_ONE_CLICKS, abs=0.05)


def test_the_day_has_its_peak_and_its_trough(rows):
    hours = Counter(time(row) // 3_600_000 % 24 for row in rows)
    assert max(hours, key=hours.__getitem__) == shape.PEAK_HOUR
    ratio = hours[shape.PEAK_HOUR] / hours[shape.TROUGH_HOUR]
    assert ratio == pytest.approx(shape.PEAK_TO_TROUGH, rel=0.4)
    first, last = min(map(time, rows)), max(map(time, rows))
    assert shape.FIRST_DAY_MS <= first < shape.FIRST_DAY_MS + 86_400_000
    assert last < shape.FIRST_DAY_MS + (shape.DAYS + 1) * 86_400_000


def test_flaws_of_the_real_one(rows, sessions):
    repeated = len(rows) - len({tuple(row) for row in rows})
    assert repeated == pytest.approx(len(rows) * shape.REPEATED_ROW_SHARE, abs=2)
    disordered = sum(list(map(time, session)) != sorted(map(time, session)) for session in sessions)
    assert 1 <= disordered < 12


def test_encodings(rows, searches, catalogue):
    identifier = re.compile(r"[0-9a-f]{64}")
    for row in rows[:1000]:
        assert identifier.fullmatch(row[0])
        assert identifier.fullmatch(row[5])
        assert not row[3] or identifier.fullmatch(row[3])
        assert len(row[4]) == 13
    vectors = [row[1] for row in searches[:200]] + [row[1] for row in catalogue[:200] if row[1]]
    for vector in vectors:
        floats = ast.literal_eval(vector)
        assert repr(floats) == vector
        assert len(floats) == shape.VECTOR_LENGTH


def test_the_same_seed_makes_the_same_files(tmp_path):
    for name, seed in (("one", 5), ("two", 5), ("three", 6)):
        generate(tmp_path / name, Size(sessions=200), seed=seed, show=lambda *_: None)
    for file in (BROWSING_FILE, SEARCH_FILE, CATALOGUE_FILE):
        one, two, three = ((tmp_path / name / file).read_bytes() for name in ("one", "two", "three"))
        assert one == two != three


def test_the_reader_finds_no_bad_row_and_every_search(folder, tmp_path, rows, searches):
    bad = BadRows()
    opened = open_searches(folder, tmp_path, bad, lambda *_: None)
    found = [row for run in FileOrder(folder, opened, bad).runs(None) for row in run.rows]
    opened.close()
    assert bad.count == 0
    assert len(found) == len(rows) + len(searches)
