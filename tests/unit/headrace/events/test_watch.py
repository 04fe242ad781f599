"""What the page keeps: the newest rows, and counts of all."""

from headrace.events.filters import Filter
from headrace.events.page.watch import KEPT
from tests.unit.headrace.events.watched import MadeUp, now


def test_the_newest_rows_are_kept_and_all_are_counted():
    feed = MadeUp()
    watch = feed.watch()
    for number in range(KEPT + 5):
        feed.good(f"event {number}")
    watch.refresh()
    feed.bad()
    watch.refresh()
    assert (watch.counts.good, watch.counts.bad) == (KEPT, 1)  # no more than are kept are looked up at first
    assert len(watch.since(0)) == KEPT
    assert watch.since(watch.last - 1)[0].row.reason == "missing_client_id"
    assert [row.name for row in watch.matching(Filter(good=True), 2)] == [f"event {KEPT + 4}", f"event {KEPT + 3}"]


def test_reset_forgets_also_what_was_sent_before_and_arrives_after():
    feed = MadeUp()
    watch = feed.watch()
    feed.good()
    feed.bad()
    before, epoch = now() - 1, watch.epoch
    watch.reset()
    assert watch.counts.as_json()["total"] == 0
    assert watch.epoch != epoch
    feed.bad(at=before)
    feed.good("after")
    watch.refresh()
    assert [one.row.name for one in watch.since(0)] == ["after"]


def test_a_stack_that_is_deployed_anew_is_another_one():
    feed = MadeUp()
    watch = feed.watch()
    feed.good("old")
    watch.refresh()
    epoch, feed.identity = watch.epoch, "two"
    feed.good("new")
    watch.refresh()
    assert watch.epoch != epoch
    assert [one.row.name for one in watch.since(0)] == ["new"]
