"""Where players are: what is stored, what batches bring, and what is to be written of it. All of it pure.

A player is where their newest event says, and is gone when that is too long ago. So it does not matter in which order,
in which batches or how many times events come.

Most events say that a player is where they were. Only the time is new then; it is remembered beside the player's row,
in one item for all of a shard's players (see `sightings`), unless that would cost more than writing the rows.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

# Functions' clocks may differ: a player leaves only when every clock says that they are gone. Otherwise an event that
# one function takes for old, as it is, could bring back for another who left a moment ago.
CLOCKS_MS = 5_000

MAX_REMEMBERED_BYTES = 16_384  # of a shard: 16 write units a batch
ROW_WRITE_UNITS = 2  # of a row up to 1 KB, in a transaction


class Place(NamedTuple):
    """Where a player was at an event. level: None is nowhere. at: epoch ms, when it occurred."""

    level: str | None
    at: int
    event_id: str

    @property
    def order(self) -> tuple[int, str, str]:
        """The newest is the last. The level decides only where a tracker gave one id to several events of a time."""
        return self.at, self.event_id, self.level or ""


NOWHERE = Place(None, -1, "")


class Move(NamedTuple):
    """What is to be written of a player. before: what is stored. steps: from there on, at least one."""

    player: str
    before: Place
    steps: Sequence[Place]


class Plan(NamedTuple):
    """What a pass is to write. remembered: what the shard's item is to hold then, None where that changes nothing."""

    moves: Sequence[Move]
    remembered: Mapping[str, Place] | None

    @property
    def empty(self) -> bool:
        return not self.moves and self.remembered is None


def steps(stored: Place, seen: Place | None, brought: Sequence[Place], cutoff: int) -> Sequence[Place]:
    """What is new of a player, in the order in which it occurred.

    seen: remembered elsewhere. brought: by a batch, in any order. cutoff: before it, ms, a player is gone.
    """
    newest = stored
    path: list[Place] = []
    if seen is not None and seen.order > stored.order:
        newest = seen
        if seen.level != stored.level and seen.at >= cutoff:  # an older place was written, by who could not know
            path.append(seen)
    if brought:
        fresh = {place.order: place for place in brought if place.order > newest.order and place.at >= cutoff}
        path += [fresh[order] for order in sorted(fresh)]
    if not path and stored.level is not None and newest.at < cutoff - CLOCKS_MS:
        path.append(newest._replace(level=None))
    return path


def plan(
    brought: Mapping[str, Sequence[Place]],
    stored: Mapping[str, Place],
    seen: Mapping[str, Place],
    own: Mapping[str, Place] | None,
    cutoff: int,
) -> Plan:
    """What is to be written for these players. own: what the shard remembers; None where there is no shard."""
    moves: list[Move] = []
    stays: dict[str, Place] = {}
    for player, places in brought.items():
        before = stored[player]
        path = steps(before, seen.get(player), places, cutoff)
        if all(step.level == before.level for step in path):
            if path:
                stays[player] = path[-1]
        else:
            moves.append(Move(player, before, path))
    kept = None
    if own is not None and stays:
        useful = {
            player: place
            for player, place in own.items()
            if place.at >= cutoff - CLOCKS_MS and (player not in stored or place.order > stored[player].order)
        }
        kept, stays = remember(stays, useful)
    return Plan([*moves, *(Move(player, stored[player], [place]) for player, place in stays.items())], kept)


def remember(stays: Mapping[str, Place], kept: Mapping[str, Place]) -> tuple[dict[str, Place] | None, dict[str, Place]]:
    """Who is to be remembered, with `kept`, and whose rows are to be written: whatever costs fewer write units."""
    # Who is remembered already takes no more room.
    remembered = dict(kept)
    size = sum(entry_bytes(player, place) for player, place in kept.items())
    rows: dict[str, Place] = {}
    for player, place in stays.items():
        more = entry_bytes(player, place) - (entry_bytes(player, kept[player]) if player in kept else 0)
        if size + more > MAX_REMEMBERED_BYTES:
            rows[player] = place
        else:
            remembered[player] = place
            size += more
    if (len(stays) - len(rows)) * ROW_WRITE_UNITS < write_units(size):
        return None, dict(stays)
    return remembered, rows


def entry_bytes(player: str, place: Place) -> int:
    """What one player takes in the item: the time and punctuation are 24 bytes, a character up to 4."""
    return 24 + sum(len(text.encode()) for text in (player, place.level or "", place.event_id))


def write_units(size: int) -> int:
    return -(-size // 1_024)
