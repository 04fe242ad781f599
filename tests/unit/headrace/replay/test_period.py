"""The period of a replay: what it holds, and what makes none."""

import uuid
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from embedded.runtime.firehose.keys import object_key
from headrace.console import Problem
from headrace.replay.period import Period, delivered_at, moment, period

NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)
TIMES = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)).map(lambda time: time.replace(microsecond=0))


def name(delivered: datetime, stream: str = "headrace-dev-raw-delivery-1afea01") -> str:
    return object_key("raw/", stream, 1, delivered.replace(tzinfo=UTC), str(uuid.uuid4()), ".gz")


@given(TIMES)
def test_an_objects_name_tells_when_it_was_delivered(time):
    assert delivered_at(name(time)) == time
    assert delivered_at(name(time, stream="raw-1-2020-01-01-00-00-00-x")) == time


@given(TIMES, TIMES, TIMES)
def test_all_objects_of_a_period_lie_between_its_first_and_last_name(one, other, delivered):
    if one == other:
        return
    wanted = Period(min(one, other), max(one, other))
    assert wanted.holds(name(delivered)) == (wanted.begin <= delivered < wanted.end)
    if wanted.holds(name(delivered)):
        assert wanted.first_name <= name(delivered) < wanted.last_name


def test_an_object_delivered_a_day_after_its_first_record_is_found():
    wanted = Period(datetime(2026, 3, 2), datetime(2026, 3, 3))
    late = "raw/2026/03/01/01/stream-1-2026-03-02-00-59-59-id.gz"
    assert wanted.holds(late)
    assert wanted.first_name <= late < wanted.last_name


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ("raw/2026/03/01/05/by-hand.gz", datetime(2026, 3, 1, 5)),
        ("raw/2026/03/01/05/stream-1-2026-99-01-00-00-00-x.gz", datetime(2026, 3, 1, 5)),
        ("raw/2026/99/01/05/by-hand.gz", None),
        ("raw/by-hand.gz", None),
        ("", None),
    ],
)
def test_a_name_that_firehose_did_not_give_tells_the_hour_of_its_folder_or_nothing(found, expected):
    assert delivered_at(found) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-01-31", datetime(2026, 1, 31)),
        (" 2026-01-31T18:30 ", datetime(2026, 1, 31, 18, 30)),
        ("2026-01-31 18:30:05Z", datetime(2026, 1, 31, 18, 30, 5)),
        ("2026-01-31T18:30+02:00", datetime(2026, 1, 31, 16, 30)),
    ],
)
def test_times_are_utc_unless_they_say_otherwise(text, expected):
    assert moment(text, "FROM") == expected


def test_without_an_end_it_reaches_to_now():
    local = NOW.astimezone(timezone(timedelta(hours=9)))
    assert period("2026-06-01", None, local) == Period(datetime(2026, 6, 1), datetime(2026, 6, 15, 12))
    assert period("2026-06-01", "", NOW).end == datetime(2026, 6, 15, 12)


@pytest.mark.parametrize(
    ("begin", "end", "cause"),
    [
        ("", None, "FROM is not given. Give a date"),
        ("nonsense", None, "FROM is no date or time: 'nonsense'"),
        ("2026-02-30", None, "FROM is no date or time"),
        ("2026-01-01", "soon", "TO is no date or time: 'soon'"),
        ("2026-01-01T00:00+99:00", None, "FROM is no date or time"),
        ("0001-01-01T00:00+01:00", None, "FROM is no date or time"),
        ("2026-01-02", "2026-01-02", r"the period is empty.* give the day after as TO \(2026-01-03\)"),
        ("2026-01-02", "2026-01-01", "the period is empty"),
        ("9999-12-31", "0001-01-01", "the period is empty"),
        ("2026-06-16", None, r"FROM \(2026-06-16 00:00 UTC\) lies in the future"),
    ],
)
def test_nonsense_is_named_with_its_cure(begin, end, cause):
    with pytest.raises(Problem, match=cause):
        period(begin, end, NOW)
