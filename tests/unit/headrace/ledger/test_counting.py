"""What is missing where: every event that was accepted is held against every store."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headrace.ledger.book import HOUR_MS
from tests.unit.headrace.ledger.worlds import NOON, World, world

MEMORY = Path(":memory:")


def arrived(here: World, request: str, events: int, *, hour: int = 0) -> None:
    """A request all of whose events went the whole way."""
    here.told(request, events, hour=hour)
    for number in range(events):
        here.put(request, f"{request}-{number}", hour=hour)
        here.deliver(request, f"{request}-{number}", hour=hour)


def test_nothing_is_missing_where_everything_arrived():
    with world(MEMORY) as here:
        arrived(here, "a", 3)
        arrived(here, "b", 2, hour=1)
        here.load(3)
        here.load(2, hour=1)
        assert here.missing() == {}
        assert (here.count("accepted"), here.count("put"), here.count("delivered")) == (5, 5, 5)


def test_a_duplicate_of_one_event_does_not_hide_the_loss_of_another():
    with world(MEMORY) as here:
        here.told("a", 2)
        for _ in range(2):
            here.put("a", "first")
            here.deliver("a", "first")
        here.load(2)
        assert here.missing() == {(0, "put", ""): 1}


def test_an_event_that_the_stream_has_and_the_bucket_lacks_is_missing_there():
    with world(MEMORY) as here:
        arrived(here, "a", 1)
        here.told("b", 1, hour=3)
        here.put("b", "late", hour=3)
        here.load(1)
        assert here.missing() == {(3, "delivered", ""): 1}


def test_rows_that_the_warehouse_lacks_are_missing_by_object():
    with world(MEMORY) as here:
        here.told("a", 4)
        for number, name in enumerate(("raw/2025/11/24/16/a", "raw/2025/11/24/16/b") * 2):
            here.put("a", str(number))
            here.deliver("a", str(number), name=name)
        here.load(1)
        here.load(3, name="raw/2025/11/24/16/b")  # what one object has too many does not make up for the other
        assert here.missing() == {(0, "loaded", ""): 1}


def test_lines_that_the_pipe_refused_are_told_apart_from_those_it_lost():
    with world(MEMORY) as here:
        arrived(here, "a", 4)
        here.load(1)
        here.add("refused", ("a", 2))
        assert here.missing() == {(0, "refused", ""): 2, (0, "loaded", ""): 1}


def test_lines_that_no_collector_wrote_are_told_in_the_hour_of_their_folder():
    with world(MEMORY) as here:
        here.add("objects", ("raw/1970/01/01/01/stranger", "etag", NOON, 3))
        assert list(here.missing()) == [(1 - NOON // 3_600_000, "refused", "not an envelope")]


def test_what_waits_in_spill_is_missing_once_it_should_have_been_put_again():
    with world(MEMORY) as here:
        here.told("a", 1, invalid_utf8=1)
        here.add("spilled", ("events", NOON, "a", "event", NOON), ("bad", NOON, "a", "invalid_utf8", NOON + HOUR_MS))
        assert here.missing(asked_at=NOON + HOUR_MS - 1) == {}
        assert here.missing(asked_at=NOON + HOUR_MS) == {(0, "waiting", "events"): 1}
        assert here.missing() == {(0, "waiting", "events"): 1, (0, "waiting", "bad"): 1}
        assert here.count("waiting") == 2


def test_bad_rows_are_compared_by_reason():
    with world(MEMORY) as here:
        here.told("a", 0, invalid_utf8=2, missing_client_id=1)
        here.add("bad_lines", *[("bad/a", NOON, "a", "invalid_utf8")] * 3)
        assert here.missing() == {(0, "bad", "missing_client_id"): 1}


def test_what_was_received_is_all_that_was_told_of():
    with world(MEMORY) as here:
        here.told("a", 3, invalid_utf8=2)
        here.add("requests", ("b", NOON, NOON, 1, 0, 4, 7, 7, 5))  # four declined, five lost; tried again, spilled
        assert here.count("received") == 15


def test_an_event_twice_in_one_request_is_expected_once():
    with world(MEMORY) as here:
        here.told("a", 2, repeated=1)
        for _ in range(2):
            here.put("a", "same")
            here.deliver("a", "same")
        here.load(2)
        assert here.missing() == {}


def test_what_a_killed_function_had_stored_is_told_and_is_no_fault():
    with world(MEMORY) as here:
        here.put("killed", "event")
        here.deliver("killed", "event")
        here.load(1)
        assert here.missing() == {}
        assert here.count("unanswered") == 1


def test_of_what_has_just_come_an_account_is_not_asked_yet():
    with world(MEMORY) as here:
        here.put("a", "behind its log", hour=2)
        here.add("records", ("events", "shard-0", "9" * 60, NOON + 2 * HOUR_MS, NOON, "b", "by a clock that is late"))
        here.deliver("b", "by a clock that is late")
        found = {at: here.figures(asked_at=NOON + 2 * HOUR_MS + at) for at in (0, 59_999, 60_000)}
        assert {at: sum(one.count for one in some if one.hop == "unanswered") for at, some in found.items()} == {
            0: 0,
            59_999: 0,
            60_000: 2,
        }


def test_what_came_after_the_question_is_not_missing_yet():
    with world(MEMORY) as here:
        here.told("a", 1, hour=2)
        assert here.missing(asked_at=NOON) == {}
        assert here.missing() == {(2, "put", ""): 1}


def test_without_a_stream_the_bucket_is_the_first_store():
    with world(MEMORY) as here:
        here.told("a", 2)
        here.deliver("a", "one")
        here.load(1)
        assert here.missing(stream=None) == {(0, "delivered", ""): 1}


@pytest.mark.parametrize(
    ("ranges", "missing"),
    [
        ([(0, 4, 5)], 0),
        ([(0, 2, 3), (2, 4, 3)], 0),  # repeated in part
        ([(0, 1, 2), (3, 4, 2)], 1),
        ([(0, 1, 2)], 3),
        ([(0, 4, 3)], 5),  # three of the five: which ones is not known
        ([], 5),
    ],
)
def test_a_record_is_done_with_where_a_batch_that_was_whole_held_it(ranges, missing):
    with world(MEMORY) as here:
        here.reads("offers")
        sequences = [here.put("a", str(number)) for number in range(5)]
        for first, last, records in ranges:
            here.done("offers", sequences[first], sequences[last], records)
        assert here.missing().get((0, "processed", "offers"), 0) == missing


def test_a_record_that_was_given_up_is_accounted_for():
    with world(MEMORY) as here:
        here.reads("offers")
        sequences = [here.put("a", str(number)) for number in range(4)]
        here.done("offers", sequences[0], sequences[1], 2)
        here.gave_up("offers", sequences[1], sequences[2])  # one of them was done with by a later try
        assert here.missing() == {(0, "delivered", ""): 4, (0, "processed", "offers"): 1}
        assert {one.hop: one.count for one in here.figures() if one.item == "offers"} == {"processed": 2, "failed": 1}


def test_a_batch_that_began_before_the_stream_was_read_counts_for_what_is_known():
    with world(MEMORY) as here:
        here.reads("offers")
        last = [here.put("a", str(number)) for number in range(2)][-1]
        here.done("offers", "0" * 60, last, 7)
        assert ("processed", "offers") not in {(hop, item) for _, hop, item in here.missing()}


def test_of_an_application_nothing_is_asked_that_was_gone_before_it_came():
    with world(MEMORY) as here:
        here.reads("offers", since=NOON + 3_600_000)
        for hour in (0, 1):
            here.put("a", str(hour), hour=hour)
        assert {place: count for place, count in here.missing().items() if place[1] == "processed"} == {
            (1, "processed", "offers"): 1
        }


fates = st.lists(
    st.tuples(st.integers(0, 3), st.integers(0, 2), st.lists(st.integers(0, 3), min_size=1, max_size=4)), max_size=6
)


@settings(max_examples=10, deadline=None)
@given(fates)
def test_what_is_missing_is_what_was_lost_however_often_the_rest_came(requests):
    """Of each event: 0 lost, 1 in the stream only, 2 in the bucket too, 3 the same and twice."""
    lost: dict[tuple[int, str, str], int] = {}
    with world(MEMORY) as here:
        for number, (hour, _, events) in enumerate(requests):
            request = f"request-{number}"
            here.told(request, len(events), hour=hour)
            for position, fate in enumerate(events):
                for _ in range(2 if fate == 3 else min(fate, 1)):
                    here.put(request, str(position), hour=hour)
                    if fate >= 2:
                        here.deliver(request, str(position), hour=hour, name=f"raw/2025/11/24/16/{number}")
                hop = {0: "put", 1: "delivered"}.get(fate)
                if hop:
                    lost[hour, hop, ""] = lost.get((hour, hop, ""), 0) + 1
            rows = sum({2: 1, 3: 2}.get(fate, 0) for fate in events)
            here.load(rows, hour=hour, name=f"raw/2025/11/24/16/{number}")
        assert here.missing() == lost
