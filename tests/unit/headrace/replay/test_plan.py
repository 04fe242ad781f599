"""What a replay says it did: added, repaired, lost."""

from datetime import datetime

from headrace.replay.objects import Object
from headrace.replay.period import Period
from headrace.replay.plan import Plan, Result
from headrace.replay.raw import Outcome, Rows

PERIOD = Period(datetime(2026, 1, 1), datetime(2026, 1, 2))


def result(before: dict[str, Rows], after: dict[str, Rows], objects: str = "abc", gone: str = "") -> Result:
    listed = [Object(name, "", 1) for name in objects]
    plan = Plan(period=PERIOD, objects=listed, before=before, gone=list(gone), expired=[])
    return Result(plan=plan, after=after, outcome=Outcome())


def test_unchanged_objects_are_neither_added_nor_repaired_nor_lost():
    same = {"a": Rows(5, 5, 1), "b": Rows(5, 5, 2)}
    done = result(same, same, "ab")
    assert (done.added, done.repaired, done.lost) == ([], [], [])


def test_rows_that_lacked_or_came_twice_are_repaired_and_lose_nothing():
    before = {"a": Rows(10, 5, 1), "b": Rows(3, 3, 9)}
    after = {"a": Rows(5, 5, 1), "b": Rows(5, 5, 2), "c": Rows(5, 5, 3)}
    done = result(before, after)
    assert (done.added, done.repaired, done.lost) == (["c"], ["a", "b"], [])


def test_rows_that_are_no_longer_there_are_lost():
    before = {"a": Rows(5, 5, 1), "b": Rows(5, 5, 2), "c": Rows(5, 5, 3), "d": Rows(1, 1, 4)}
    after = {"a": Rows(4, 4, 8), "b": Rows(5, 5, 9)}
    assert result(before, after, gone="d").lost == ["d", "a", "b", "c"]


def test_what_will_be_done_is_said_beforehand():
    before = {"a": Rows(5, 5, 1), "gone": Rows(1, 1, 1), "old": Rows(1234, 1234, 1)}
    listed = [Object("a", "", 1024 * 1024), Object("b", "", 1024 * 1024)]
    plan = Plan(period=PERIOD, objects=listed, before=before, gone=["gone"], expired=["old"], waiting=2)
    assert plan.lines() == [
        "replaying 2026-01-01 00:00 to 2026-01-02 00:00 UTC: 2 objects in S3, 2.0 MiB",
        "RAW has 1,240 rows of this period now, of 1 of these objects",
        "1 object RAW has no row of will be loaded too",
        "1 object of RAW are gone from S3: 1 row leave",
        "1 object of RAW are older than S3 keeps events: 1,234 rows stay as they are",
        "2 objects delivered just now are left to the pipe",
    ]
