"""Live counts on an emulated account, against a plain count of the same events."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import pairwise

import pytest

from live_counts import flush
from live_counts.place import GONE_AFTER_MS
from tests.integration.account import Account
from tests.integration.live_counts.world import HITS, Happened, Killed, World

NOW = 1_763_000_000_000
STAGES = tuple(HITS)


@pytest.fixture
def world(emulator: Account) -> Iterator[World]:
    made = World(NOW)
    yield made
    made.destroy()


def happened(player: str, level: str, seconds: int, event_id: str | None = None) -> Happened:
    return Happened(player, level, NOW + seconds * 1000, event_id or f"{player}-{seconds}")


def test_both_files_say_who_is_where_and_who_moved(world: World):
    world.place([happened("ann", "browsing", -9), happened("ann", "cart", -8), happened("bob", "cart", -8)])
    world.flush()
    levels, transitions = world.read(flush.LEVELS_FILE), world.read(flush.TRANSITIONS_FILE)
    assert levels["level_player_counts"] == {"cart": 2}
    assert sorted(transitions["transitions"], key=str) == sorted(
        [
            {"from": None, "to": "browsing", "count": 1},
            {"from": None, "to": "cart", "count": 1},
            {"from": "browsing", "to": "cart", "count": 1},
        ],
        key=str,
    )
    for file in (levels, transitions):
        assert file["update_interval_secs"] == 60
        assert file["update_time"].endswith("Z")
        assert len(file["update_id"]) == 36
    world.clock.now += 60_000
    world.flush()
    assert world.read(flush.TRANSITIONS_FILE)["transitions"] == []
    assert world.read(flush.LEVELS_FILE)["level_player_counts"] == {"cart": 2}


def test_who_is_not_seen_for_long_leaves_and_may_come_back(world: World):
    world.place([happened("ann", "cart", 0), happened("bob", "cart", 0)])
    world.clock.now += GONE_AFTER_MS - 60_000
    world.place([happened("bob", "cart", 240, "later")])
    world.clock.now += 120_000
    world.prune()
    assert world.players() == {"bob": "cart"}
    assert world.levels() == {"cart": 1}
    world.place([happened("ann", "browsing", 300)])
    assert world.levels() == {"cart": 1, "browsing": 1}
    assert world.transitions() == {(None, "cart"): 2, ("cart", None): 1, (None, "browsing"): 1}


def test_events_of_long_ago_say_nothing_of_now(world: World):
    year = 365 * 86_400
    world.place([happened("ann", "cart", 0), happened("ann", "browsing", -year), happened("bob", "cart", -year)])
    assert world.players() == {"ann": "cart"}


def test_each_move_of_a_batch_counts_and_a_repeated_batch_does_not(world: World):
    way = [happened("ann", STAGES[number % 4], number - 50) for number in range(50)]
    world.place(way)
    world.place(way)
    world.place(way[20:30])
    assert world.transitions() == Counter(pairwise([None, *(event.level for event in way)]))
    assert world.levels() == {way[-1].level: 1}


def test_what_no_one_can_read_does_not_stop_its_neighbours(world: World):
    assert world.place([b"\xff", b"{}", happened("ann", "cart", 0).data(), b"", b'{"request": 1, "context": 2}']) == []
    assert world.players() == {"ann": "cart"}


def test_levels_of_other_names_keep_their_transitions_apart(world: World, monkeypatch: pytest.MonkeyPatch):
    def levels(event):
        return event.client_id, event.properties["level"]

    monkeypatch.setattr("live_counts.place.LEVEL_OF", levels)
    for number, level in enumerate(("a", "b/c", "a/b", "c", "a%2Fb", "ü\n/")):
        monkeypatch.setitem(HITS, level, {"t": "pageview", "level": level})
        world.place([happened("ann", level, number - 20)])
    assert set(world.transitions()) == set(pairwise([None, "a", "b/c", "a/b", "c", "a%2Fb", "ü\n/"]))
    assert world.levels() == {"ü\n/": 1}


def test_a_bot_that_moves_hundreds_of_times_in_a_batch_is_counted(world: World, monkeypatch: pytest.MonkeyPatch):
    def levels(event):
        return event.client_id, event.properties["level"]

    monkeypatch.setattr("live_counts.place.LEVEL_OF", levels)
    for number in range(300):
        monkeypatch.setitem(HITS, str(number), {"t": "pageview", "level": str(number)})
    way = [happened("ann", str(number), 0, f"{number:03}") for number in range(300)]
    world.place(way)
    assert world.levels() == {"299": 1}
    assert world.transitions() == Counter(pairwise([None, *map(str, range(300))]))
    world.flush()
    assert len(world.read(flush.TRANSITIONS_FILE)["transitions"]) == 300
    assert world.transitions().total() == 300


def test_what_a_killed_flush_took_is_in_the_next_file_and_in_no_other(world: World):
    for kill_at in range(1, 6):
        for after in (False, True):
            world.place([happened("ann", STAGES[kill_at % 2], 2 * kill_at + after, f"{kill_at}{after}")])
            world.clock.now += 60_000
            with suppress(Killed):
                world.flush(killer(kill_at, after=after))
            expected = world.transitions()
            world.clock.now += 60_000
            world.flush()
            world.clock.now += 60_000
            world.flush()
            assert world.transitions() == expected
            assert {row["count"] for row in world.rows("transitions")} <= {0}


def test_a_second_flush_leaves_the_first_its_transitions(world: World):
    world.place([happened("ann", "cart", 0)])
    second = []

    def meanwhile(number: int, after: bool) -> None:
        if number == 3 and not after:  # the first file, the part, and now the second file
            second.append(world.flush()["busy"])

    world.flush(meanwhile)
    assert second == [True]
    assert world.transitions() == {(None, "cart"): 1}
    assert [files for files in world.published.values() if files] == [[{"from": None, "to": "cart", "count": 1}]]


def killer(at: int, *, after: bool) -> Callable[[int, bool], None]:
    """Kills the function before or after its nth write."""

    def disturb(number: int, afterwards: bool) -> None:
        if number == at and afterwards == after:
            raise Killed

    return disturb


def test_a_thousand_events_of_fifty_players_cost_at_most_sixty_writes(world: World):
    """Batches of 500, of each player ten events; in each but the first, one player in ten moves halfway."""
    batches = [
        [
            happened(f"player {player}", STAGES[(player + moves) % 4], 10 * batch + turn)
            for turn in range(10)
            for player in range(50)
            for moves in [max(0, batch - (turn < 5)) if player % 10 == 0 else 0]
        ]
        for batch in range(3)
    ]
    assert world.place(batches[0]) == []
    written = world.items_written
    assert written == {world.tables.players: 50, world.tables.levels: 4, world.tables.transitions: 4}
    written.clear()
    for batch in batches[1:]:
        assert world.place(batch) == []
    assert written[world.tables.players] == 10
    assert written[world.tables.sightings] == 2
    assert written.total() <= 60
    assert world.levels() == Counter(event.level for event in batches[-1][-50:])


def test_a_thousand_players_who_enter_cost_a_handful_of_writes_a_level(world: World):
    entering = [happened(f"player {number}", STAGES[number % 4], 0) for number in range(1000)]
    assert world.place(entering) == []
    assert world.levels() == dict.fromkeys(STAGES, 250)
    assert world.items_written[world.tables.levels] <= 11 * len(STAGES)
    assert world.items_written[world.tables.transitions] <= 11 * len(STAGES)
