"""Brings players' rows, counts and what shards remember up to date: reads, plans, writes, until nothing is left to do.

Two functions may hold events of one player at a time, and one may remember what the other has not read. Each looks
again after it wrote: whoever wrote last finds both, and mends what does not agree. For the same reason a function may
be killed between any two writes: what is done is done, and the next one to look finds the rest.
"""

import random
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from botocore.exceptions import ClientError

from live_counts.counts import Tables, transactions
from live_counts.places import NOWHERE, Place, Plan, plan
from live_counts.sightings import Remembered, Sightings, newest
from shared.states import NOTHING, StateTable, Stored

MAX_PASSES = 12
FIRST_PAUSE_SECONDS = 0.02
LONGEST_PAUSE_SECONDS = 0.5

# Somebody else wrote, or is writing, the same item: to be read again.
CONFLICTS = frozenset({"ConditionalCheckFailed", "TransactionConflict"})
CONFLICT_ERRORS = frozenset({"ConditionalCheckFailedException", "TransactionConflictException"})


class Settled(NamedTuple):
    """How it went. unsettled: players that others wrote at the same time, again and again. writes: items written."""

    unsettled: Sequence[str]
    writes: int
    moves: int


class Settler:
    """`shard`: whose events these are; None where there are none, as when players are pruned."""

    def __init__(
        self, client: Any, tables: Tables, shard: str | None = None, pause: Callable[[float], None] = time.sleep
    ) -> None:
        self._client, self._tables, self._shard, self._pause = client, tables, shard, pause
        self._players = StateTable(client, tables.players, "playerId")
        self._sightings = Sightings(client, tables.sightings)

    def settle(self, brought: Mapping[str, Sequence[Place]], cutoff: int) -> Settled:
        """brought: places by player, in any order. cutoff: epoch ms; who was last seen before it is gone.

        Raises botocore's errors and Unread; settling again is always right.
        """
        pending, writes, moves = dict(brought), 0, 0
        for attempt in range(MAX_PASSES):
            # What is remembered first: who moves a player removes nothing from there.
            remembered = self._sightings.load()
            stored = {player: place_of(one) for player, one in self._players.load(pending).items()}
            own = None if self._shard is None else remembered.get(self._shard, Remembered()).places
            wanted = plan(pending, stored, newest(remembered.values()), own, cutoff)
            if wanted.empty:
                return Settled([], writes, moves)
            done, conflicts = self._write(wanted, remembered)
            writes += done
            moves += sum(move.before.level != move.steps[-1].level for move in wanted.moves)
            if conflicts:
                longest = min(LONGEST_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2**attempt)
                self._pause(random.uniform(0, longest))  # noqa: S311 -- spreads load, keeps no secret
            touched = {move.player for move in wanted.moves} | set(wanted.remembered or ())
            pending = {player: places for player, places in pending.items() if player in touched}
        return Settled(list(pending), writes, moves)

    def _write(self, wanted: Plan, remembered: Mapping[str, Remembered]) -> tuple[int, bool]:
        """How many items were written, and whether somebody else stood in the way of others."""
        done, conflicts = 0, False
        for changes in transactions(wanted.moves):
            items = changes.writes(self._tables)
            if unopposed(lambda items=items: self._client.transact_write_items(TransactItems=items)):
                done += len(items)
            else:
                conflicts = True
        if wanted.remembered is not None and self._shard is not None:
            shard, places = self._shard, wanted.remembered
            revision = remembered.get(shard, Remembered()).revision
            if unopposed(lambda: self._sightings.save(shard, places, revision)):
                done += 1
            else:
                conflicts = True
        return done, conflicts


def unopposed(write: Callable[[], object]) -> bool:
    """Whether a write was made; not, where somebody else was there first. Raises botocore's other errors."""
    try:
        write()
    except ClientError as error:
        if opposed(error):
            return False
        raise
    return True


def opposed(error: ClientError) -> bool:
    code = error.response["Error"]["Code"]
    if code != "TransactionCanceledException":
        return code in CONFLICT_ERRORS
    reasons = {reason.get("Code", "None") for reason in error.response.get("CancellationReasons", ())} - {"None"}
    return bool(reasons) and reasons <= CONFLICTS


def place_of(stored: Stored) -> Place:
    if stored is NOTHING:
        return NOWHERE
    row = stored.attributes
    return Place(row["levelId"], int(row["lastUpdated"]), row["eventId"])
