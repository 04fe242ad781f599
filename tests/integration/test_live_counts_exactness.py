"""Live counts stay exact, whatever is repeated, re-ordered, cut, killed or done at the same time."""

from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import NamedTuple

from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st

from live_counts.place import GONE_AFTER_MS
from tests.integration.account import Account
from tests.integration.live_counts_world import HITS, Happened, Killed, World

START = 1_763_000_000_000
TICK_MS = GONE_AFTER_MS // 10  # all happens at whole ticks, so that the margin for clocks' differences decides nothing


class Step(NamedTuple):
    """One call of a function. kind: `place`, `prune` or `flush`. events: what is placed. ticks: time that passes first.

    number: the write at which something happens, before or after it: the function is killed and called again, or
    `meanwhile` is done, a step in which nothing happens, by another function.
    """

    kind: str
    events: Sequence[Happened] = ()
    shard: int = 0
    ticks: int = 0
    number: int = 0
    after: bool = False
    meanwhile: "Step | None" = None


@st.composite
def histories(draw: st.DrawFn) -> list[Step]:
    """Steps with events of a few players at a few levels, of which many come late, twice, or in two shards."""
    count = draw(st.integers(1, 30))
    events = [
        Happened(
            f"player {draw(st.integers(1, 3))}",
            draw(st.sampled_from(list(HITS)[:3])),
            START + TICK_MS * draw(st.integers(0, 14)),
            f"event {number:02}",
        )
        for number in range(count)
    ]
    batches = st.lists(st.sampled_from(events), min_size=1, max_size=8)
    kinds = st.sampled_from(["place", "place", "place", "prune", "flush"])
    calm = st.builds(Step, kinds, batches, st.integers(0, 1), st.just(0), st.just(0), st.just(False), st.none())
    step = st.builds(
        Step, kinds, batches, st.integers(0, 1), st.integers(0, 3), st.integers(0, 4), st.booleans(), st.none() | calm
    )
    return draw(st.lists(step, min_size=1, max_size=10))


def moved_unseen() -> list[Step]:
    """Shard 1 brings an older place at the moment at which shard 0 remembers a newer one."""
    first, older, newer = (
        Happened("player 1", level, START + tick * TICK_MS, f"event {tick}")
        for level, tick in (("cart", 0), ("viewing", 1), ("cart", 2))
    )
    others = Step("place", [older], shard=1)
    return [Step("place", [first]), Step("place", [newer], number=1, meanwhile=others), Step("flush")]


def remembered_while_removed() -> list[Step]:
    """A shard remembers a player at the moment at which prune removes them, and prune is killed."""
    first, again = (Happened("player 1", "cart", START + tick * TICK_MS, f"event {tick}") for tick in (0, 13))
    seen = Step("place", [again])
    return [Step("place", [first]), Step("prune", ticks=13, number=1, meanwhile=seen), Step("prune", number=1)]


@settings(max_examples=20, phases=[Phase.explicit, Phase.generate])  # to find a shorter history takes minutes
@given(histories())
@example(moved_unseen())
@example(remembered_while_removed())
def test_counts_equal_a_plain_count_whatever_happens(emulator: Account, history: list[Step]):
    world = World(START)
    seen: set[Happened] = set()
    try:
        for step in history:
            seen |= perform(world, step)
            # At every moment, not only in the end.
            assert world.levels() == Counter(world.players().values())
        world.prune()
        assert world.players() == plain_count(seen, world.clock.now - GONE_AFTER_MS)
        for _ in range(2):  # the second has what a killed one left to be counted later
            world.clock.now += 60_000
            world.flush()
        assert not any(row["count"] for row in world.rows("transitions"))
        assert brought_by(world.transitions()) == world.levels() == Counter(world.players().values())
    finally:
        world.destroy()


def plain_count(seen: set[Happened], cutoff: int) -> dict[str, str]:
    newest: dict[str, Happened] = {}
    for event in sorted(seen, key=lambda event: (event.at, event.event_id)):
        newest[event.player] = event
    return {player: event.level for player, event in newest.items() if event.at >= cutoff}


def brought_by(transitions: Counter[tuple[str | None, str | None]]) -> dict[str, int]:
    """How many players each level has by these transitions."""
    net: Counter[str] = Counter()
    for (level, to), number in transitions.items():
        if level is not None:
            net[level] -= number
        if to is not None:
            net[to] += number
    return {level: number for level, number in net.items() if number}


def perform(world: World, step: Step) -> set[Happened]:
    """Does a step; returns the events that have come. As Lambda does, a killed batch is repeated, in halves."""
    world.clock.now += step.ticks * TICK_MS
    # A decoder lets no event be from the future.
    events = [event for event in step.events if event.at <= world.clock.now]
    seen = set(events) if step.kind == "place" else set()
    call = caller(world, step, events)

    def disturb(number: int, after: bool) -> None:
        if number == step.number and after == step.after:
            if step.meanwhile is None:
                raise Killed
            seen.update(perform(world, step.meanwhile))

    killed = True
    with suppress(Killed):
        call(disturb)
        killed = False
    if killed and step.kind == "place":
        half = len(events) // 2
        for part in (events[:half], events[half:]):
            if part:
                assert world.place(part, step.shard) == []
    return seen


def caller(world: World, step: Step, events: Sequence[Happened]) -> Callable[[Callable[[int, bool], None]], object]:
    if step.kind == "prune":
        return world.prune
    if step.kind == "flush":
        return world.flush
    return lambda disturb: world.place(events, step.shard, disturb) if events else None
