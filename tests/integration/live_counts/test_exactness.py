"""Live counts stay exact, whatever is repeated, re-ordered, cut, killed or done at the same time."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Literal, NamedTuple

from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st

from live_counts.place import GONE_AFTER_MS
from tests.integration.account import Account
from tests.integration.live_counts.world import HITS, Happened, Killed, World

START = 1_763_000_000_000
TICK_MS = GONE_AFTER_MS // 10  # all happens at whole ticks, so that the margin for clocks' differences decides nothing
FIRST, LAST = -11, 0  # ticks of the events: the oldest of them are too old from the beginning


class Step(NamedTuple):
    """One call of a function. ticks: time that passes first. events, shard: what is placed.

    number: the write before which `meanwhile` is done, a step by another function; and before or after which the
    function is killed. A killed batch comes again, in halves.
    """

    kind: Literal["place", "prune", "flush"]
    events: Sequence[Happened] = ()
    shard: int = 0
    ticks: int = 0
    number: int = 1
    killed: Literal["before", "after"] | None = None
    meanwhile: "Step | None" = None


@st.composite
def histories(draw: st.DrawFn) -> list[Step]:
    """Steps with events of two players at three levels, of which many come late, twice, or in two shards."""
    random = draw(st.randoms(use_true_random=False))
    events = [
        event(random.choice("ab"), random.choice(list(HITS)[:3]), random.randint(FIRST, LAST), str(number))
        for number in range(40)
    ]

    def step(*, alone: bool) -> Step:
        return Step(
            kind=random.choice(["place", "place", "place", "prune", "flush"]),
            events=random.choices(events, k=random.randint(1, 6)),
            shard=random.randint(0, 1),
            ticks=0 if alone else random.choice([0, 0, 1]),
            number=random.randint(1, 3),
            killed=random.choice(["before", "after", None, None]),
            meanwhile=None if alone or random.random() < 0.4 else step(alone=True),
        )

    return [step(alone=False) for _ in range(random.randint(4, 10))]


def event(player: str, level: str, tick: int, event_id: str = "") -> Happened:
    return Happened(player, level, START + tick * TICK_MS, event_id or f"{player} {tick}")


def moved_unseen() -> list[Step]:
    """A shard brings an older place at the moment at which another remembers a newer one."""
    first, older, newer = event("a", "cart", -3), event("a", "viewing", -2), event("a", "cart", -1)
    return [Step("place", [first]), Step("place", [newer], meanwhile=Step("place", [older], shard=1))]


def moved_as_read() -> list[Step]:
    """A player is moved by another shard between reading and writing."""
    first, older, newer = event("a", "cart", -3), event("a", "browsing", -2), event("a", "viewing", -1)
    return [Step("place", [first]), Step("place", [older], meanwhile=Step("place", [newer], shard=1))]


def remembered_while_removed() -> list[Step]:
    """A shard remembers a player at the moment at which they are removed, by a function that is killed then."""
    first, again = event("a", "cart", -9), event("a", "cart", 0)
    seen = Step("place", [again])
    return [Step("place", [first]), Step("prune", ticks=2, killed="after", meanwhile=seen), Step("prune")]


@settings(max_examples=8, phases=[Phase.explicit, Phase.generate])  # to find a shorter history takes minutes
@given(histories())
@example(moved_unseen())
@example(moved_as_read())
@example(remembered_while_removed())
def test_counts_equal_a_plain_count_whatever_happens(emulator: Account, history: list[Step]):
    world = World(START)
    seen: set[Happened] = set()
    try:
        for step in history:
            seen |= perform(world, step)
            # At every moment, not only in the end.
            assert world.levels() == Counter(world.players().values())
        expected = plain_count(seen, world.clock.now - GONE_AFTER_MS)
        if not any(step.kind == "prune" and step.killed for step in history):  # else the next one mends it
            assert {player: level for player, level in world.players().items() if player in expected} == expected
        world.prune()
        assert world.players() == expected
        for _ in range(2):  # the second has what a killed one left to be counted later
            world.clock.now += 60_000
            world.flush()
        assert not any(row["count"] for row in world.rows("transitions"))
        assert brought_by(world.transitions()) == world.levels() == Counter(world.players().values())
    finally:
        world.destroy()


def plain_count(seen: set[Happened], cutoff: int) -> dict[str, str]:
    newest = {one.player: one for one in sorted(seen, key=lambda one: (one.at, one.event_id))}
    return {player: one.level for player, one in newest.items() if one.at >= cutoff}


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
    """Does a step; returns the events that have come."""
    world.clock.now += step.ticks * TICK_MS
    seen = set(step.events) if step.kind == "place" else set()
    meanwhile = [] if step.meanwhile is None else [step.meanwhile]

    def disturb(number: int, after: bool) -> None:
        if number == step.number and not after and meanwhile:
            seen.update(perform(world, meanwhile.pop()))
        if number == step.number and step.killed == ("after" if after else "before"):
            raise Killed

    try:
        call(world, step, disturb)
    except Killed:
        half = len(step.events) // 2
        for part in (step.events[:half], step.events[half:]):
            if part and step.kind == "place":
                assert world.place(part, step.shard) == []
    return seen


def call(world: World, step: Step, disturb: Callable[[int, bool], None]) -> None:
    match step.kind:
        case "place":
            assert world.place(step.events, step.shard, disturb) == []
        case "prune":
            world.prune(disturb)
        case "flush":
            world.flush(disturb)
