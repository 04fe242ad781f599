"""Moves as transactions: of at most a hundred items, each of which once."""

from collections import Counter
from itertools import pairwise
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from live_counts.counts import MAX_ITEMS, Tables, transactions, transition_key
from live_counts.places import NOWHERE, Move, Place

TABLES = Tables(players="players", levels="levels", transitions="transitions", sightings="sightings")


@st.composite
def moves(draw: st.DrawFn) -> list[Move]:
    """Ways of many players through many levels; short ones and very long ones."""
    found = []
    random = draw(st.randoms(use_true_random=False))
    for player in range(draw(st.integers(1, 20))):
        longest = draw(st.sampled_from([1, 4, 200]))
        way = [Place(str(random.randrange(60)), at, "event") for at in range(random.randint(1, longest))]
        found.append(Move(f"player {player}", NOWHERE, way))
    return found


@settings(max_examples=30)
@given(moves())
def test_every_step_is_in_one_transaction_and_none_has_too_many_items(found: list[Move]):
    stored: dict[str, Place] = {}
    levels: Counter[str] = Counter()
    transitions: Counter[tuple[str | None, str | None]] = Counter()
    for changes in transactions(found):
        items = changes.writes(TABLES)
        assert len(items) <= MAX_ITEMS
        assert len({key(item) for item in items}) == len(items)
        for player, (before, after) in changes.players.items():
            assert stored.get(player, NOWHERE) == before
            stored[player] = after
        levels.update(changes.levels)
        transitions.update(changes.transitions)
    assert stored == {move.player: move.steps[-1] for move in found}
    assert +levels == Counter(move.steps[-1].level for move in found)
    assert min(levels.values()) >= 0
    ways = [[None, *(step.level for step in move.steps)] for move in found]
    assert transitions == Counter(pair for way in ways for pair in pairwise(way) if pair[0] != pair[1])


names = st.none() | st.text(st.sampled_from("a/%2F"), min_size=1, max_size=6)


@given(names, names, names, names)
def test_no_two_transitions_share_a_key(a: str | None, b: str | None, c: str | None, d: str | None):
    assert (transition_key(a, b) == transition_key(c, d)) == ((a, b) == (c, d))


def key(item: dict[str, Any]) -> tuple[str, str]:
    (one,) = item.values()
    keys = one.get("Key") or {"playerId": one["Item"]["playerId"]}
    return one["TableName"], next(iter(keys.values()))["S"]
