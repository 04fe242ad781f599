"""After a failure no record is lost, none overtakes another, and only what always fails is given up."""

from collections import deque
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from embedded.runtime.mappings.answers import Outcome
from embedded.runtime.mappings.records import Record
from embedded.runtime.mappings.retrying import (
    LONGEST_PAUSE_SECONDS,
    RETRIES_EXHAUSTED,
    TOO_OLD,
    GivenUp,
    Part,
    after,
    pause,
    without_old,
)

FAILED = Outcome(0, error="it raised", function_error="Unhandled")
THROTTLED = Outcome(0, error="throttled", invoked=False)


@dataclass
class History:
    """What became of a batch of records that a function processed."""

    done: list[str] = field(default_factory=list)
    given_up: list[str] = field(default_factory=list)
    invocations: int = 0
    ended: list[str] = field(default_factory=list)  # done or given up, in the order of that


def play(records: tuple[Record, ...], poison: set[str], *, max_retries: int, bisects: bool, reports: bool) -> History:
    """Runs a batch to its end with a function that stops at the first poison record."""
    history, parts = History(), deque([Part(records)])
    while parts:
        part = parts.popleft()
        failed = next((i for i, each in enumerate(part.records) if each.sequence in poison), None)
        outcome = Outcome(None) if failed is None else Outcome(failed) if reports else FAILED
        history.invocations += 1
        following = after(part, outcome, max_retries=max_retries, bisects=bisects)
        history.done += [each.sequence for each in following.done]
        history.ended += [each.sequence for each in following.done]
        if following.given_up:
            history.given_up += [each.sequence for each in following.given_up.records]
            history.ended += [each.sequence for each in following.given_up.records]
        parts.extendleft(reversed(following.again))
    return history


@given(st.integers(1, 40), st.sets(st.integers(0, 39)), st.integers(0, 3), st.booleans(), st.booleans())
def test_every_record_ends_once_and_in_order(records, count, poison, max_retries, bisects, reports):
    wanted = {str(number) for number in poison}
    batch = records(count)
    history = play(batch, wanted, max_retries=max_retries, bisects=bisects, reports=reports)
    assert history.ended == [each.sequence for each in batch]
    assert wanted & {each.sequence for each in batch} <= set(history.given_up)
    if bisects:
        assert set(history.given_up) <= wanted


def test_one_poison_record_of_500_is_found_by_halving(records):
    history = play(records(500), {"123"}, max_retries=2, bisects=True, reports=False)
    assert history.given_up == ["123"]
    assert history.invocations <= 2 * 9 + 1 + 2


@pytest.mark.parametrize("max_retries", [0, 1, 5])
def test_a_record_is_tried_once_and_then_so_many_times(records, max_retries: int):
    part, invocations, given_up = Part(records(1)), 0, None
    while given_up is None:
        following = after(part, FAILED, max_retries=max_retries, bisects=True)
        invocations += 1
        given_up, (part, *_) = following.given_up, [*following.again, part]
    assert invocations == max_retries + 1
    assert given_up == GivenUp(records(1), RETRIES_EXHAUSTED, invocations, FAILED)


def test_without_a_limit_it_is_tried_for_ever(records):
    part = Part(records(2))
    for _ in range(1000):
        following = after(part, FAILED, max_retries=None, bisects=False)
        (part,) = following.again
        assert 0 < following.pause_seconds <= LONGEST_PAUSE_SECONDS
    assert part.records == records(2)


def test_a_function_that_could_not_run_uses_up_nothing_and_splits_nothing(records):
    part = Part(records(4))
    for _ in range(100):
        (part,) = after(part, THROTTLED, max_retries=0, bisects=True).again
    assert (part.records, part.failures, part.invocations) == (records(4), 0, 0)


def test_what_was_reported_good_before_the_failure_is_done_and_not_tried_again(records):
    following = after(Part(records(5)), Outcome(3), max_retries=5, bisects=True)
    assert following.done == records(5)[:3]
    assert [part.records for part in following.again] == [records(5)[3:]]


def test_records_that_are_too_old_are_given_up_before_they_are_tried(records):
    part, given_up = without_old(Part(records(5), invocations=2), now=62.5, max_age_seconds=60, last=FAILED)
    assert part.records == records(5)[3:]
    assert given_up == GivenUp(records(5)[:3], TOO_OLD, 2, FAILED)
    assert without_old(Part(records(5)), now=1e9, max_age_seconds=None, last=None) == (Part(records(5)), None)
    part, given_up = without_old(Part(records(5)), now=1e9, max_age_seconds=60, last=None)
    assert part.records == ()
    assert given_up is not None
    assert len(given_up.records) == 5


def test_pauses_grow_up_to_a_limit():
    pauses = [pause(failures) for failures in range(100)]
    assert pauses == sorted(pauses)
    assert pauses[0] < 1
    assert pauses[-1] == LONGEST_PAUSE_SECONDS
