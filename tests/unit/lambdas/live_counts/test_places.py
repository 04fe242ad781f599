"""Where players are, and what is written of it."""

from hypothesis import given
from hypothesis import strategies as st

from live_counts.places import CLOCKS_MS, MAX_REMEMBERED_BYTES, NOWHERE, Place, entry_bytes, plan, steps

CUTOFF = 1_000_000


def place(level: str, seconds: int, event_id: str = "event") -> Place:
    """A place so many seconds after the cutoff."""
    return Place(level, CUTOFF + seconds * 1000, event_id)


places = st.builds(place, st.sampled_from("abc"), st.integers(-20, 20), st.sampled_from(["1", "2", "3"]))
unique = st.lists(places, unique_by=lambda one: (one.at, one.event_id))


def test_the_newest_event_wins_and_ties_go_by_id():
    assert list(steps(NOWHERE, None, [place("b", 2), place("a", 1)], CUTOFF)) == [place("a", 1), place("b", 2)]
    assert not steps(place("b", 2), None, [place("a", 1)], CUTOFF)
    assert list(steps(place("a", 1, "1"), None, [place("b", 1, "2")], CUTOFF)) == [place("b", 1, "2")]
    assert not steps(place("a", 1, "2"), None, [place("b", 1, "1")], CUTOFF)


@given(unique, st.randoms(use_true_random=False), st.integers(1, 4))
def test_order_repetition_and_cuts_decide_nothing(events: list[Place], random, parts: int):
    """Each part of a shuffled history, brought twice over, leaves a player where the newest event says."""
    stored = NOWHERE
    shuffled = events * 2
    random.shuffle(shuffled)
    for part in range(parts):
        for step in steps(stored, None, shuffled[part::parts], CUTOFF):
            stored = step
    newest = max(events, key=lambda one: one.order, default=NOWHERE)
    assert stored == (newest if newest.at >= CUTOFF else NOWHERE)


def test_who_was_not_seen_since_the_cutoff_leaves_when_every_clock_says_so():
    last = place("a", -(CLOCKS_MS // 1000))
    assert not steps(last, None, [], CUTOFF)
    assert list(steps(last, None, [], CUTOFF + 1)) == [last._replace(level=None)]


def test_who_is_remembered_to_have_been_seen_stays():
    assert not steps(place("a", -60), place("a", 1), [], CUTOFF)
    assert list(steps(place("a", -60), place("a", -30), [], CUTOFF)) == [Place(None, CUTOFF - 30_000, "event")]


def test_a_place_that_others_wrote_too_early_is_mended():
    assert list(steps(place("b", 1), place("a", 2), [], CUTOFF)) == [place("a", 2)]


def test_who_is_where_they_were_is_remembered_with_others_like_them():
    brought = {f"player {number}": [place("a", 2)] for number in range(10)}
    stored = dict.fromkeys(brought, place("a", 1))
    found = plan(brought, stored, {}, {}, CUTOFF)
    assert not found.moves
    assert found.remembered is not None
    assert found.remembered == dict.fromkeys(brought, place("a", 2))
    assert plan(brought, stored, found.remembered, found.remembered, CUTOFF).empty


def test_one_row_is_written_where_a_large_item_would_be_written_for_it():
    own = {f"player {number}": place("a", 2) for number in range(150)}
    found = plan({"new": [place("a", 2)]}, {"new": place("a", 1)}, own, own, CUTOFF)
    assert found.remembered is None
    assert [(move.player, move.steps) for move in found.moves] == [("new", [place("a", 2)])]


def test_whom_there_is_no_room_for_is_written():
    brought = {f"player {number}": [place("a", 2)] for number in range(1000)}
    stored = dict.fromkeys(brought, place("a", 1))
    found = plan(brought, stored, {}, {}, CUTOFF)
    assert found.remembered is not None
    assert len(found.remembered) + len(found.moves) == 1000
    assert sum(entry_bytes(*entry) for entry in found.remembered.items()) <= MAX_REMEMBERED_BYTES


def test_what_is_no_longer_worth_remembering_makes_room():
    own = {"gone": place("a", -60), "moved": place("a", 1), "here": place("a", 1)}
    brought = {f"player {number}": [place("a", 3)] for number in range(10)} | {"moved": [place("b", 3)]}
    stored = dict.fromkeys(brought, place("a", 1)) | {"moved": place("b", 2)}
    found = plan(brought, stored, {}, own, CUTOFF)
    assert found.remembered is not None
    assert "gone" not in found.remembered
    assert found.remembered["here"] == place("a", 1)
    assert found.remembered["moved"] == place("b", 3)


def test_pruning_remembers_nothing():
    assert plan({"ann": ()}, {"ann": place("a", 1)}, {}, None, CUTOFF).empty
