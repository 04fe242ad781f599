"""How moves are written: a player's row, the counts of levels and those of transitions, in one transaction.

So the counts say at every moment what the rows say, whatever is repeated or killed: there is no second step that could
be missing or done twice. What moves touch together is summed up: a batch writes each level and each transition once.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from live_counts.places import NOWHERE, Move, Place

MAX_ITEMS = 100  # of one TransactWriteItems (DynamoDB quota)

Transition = tuple[str | None, str | None]


@dataclass(frozen=True, kw_only=True)
class Tables:
    """The tables' names, and their keys: playerId, levelId, transitionLevels, shard."""

    players: str
    levels: str
    transitions: str
    sightings: str

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> "Tables":
        return cls(
            players=environment["STATE_TABLE"],
            levels=environment["LEVELS_TABLE"],
            transitions=environment["TRANSITIONS_TABLE"],
            sightings=environment["SIGHTINGS_TABLE"],
        )


@dataclass(slots=True)
class Changes:
    """What one transaction writes. players: their rows, before and after."""

    players: dict[str, tuple[Place, Place]] = field(default_factory=dict)
    levels: Counter[str] = field(default_factory=Counter)
    transitions: Counter[Transition] = field(default_factory=Counter)

    def takes(self, player: str, level: str | None, to: str | None) -> bool:
        """Whether one more step still fits."""
        more = player not in self.players
        if level != to:
            more += (level, to) not in self.transitions
            more += sum(one is not None and one not in self.levels for one in (level, to))
        return len(self.players) + len(self.levels) + len(self.transitions) + more <= MAX_ITEMS

    def add(self, player: str, at: Place, step: Place) -> None:
        before, _ = self.players.get(player, (at, at))
        self.players[player] = (before, step)
        if at.level == step.level:
            return
        self.transitions[at.level, step.level] += 1
        if at.level is not None:
            self.levels[at.level] -= 1
        if step.level is not None:
            self.levels[step.level] += 1

    def writes(self, tables: Tables) -> list[dict[str, Any]]:
        """TransactItems. It fails as a whole if a player's row is no longer as it was read."""
        return [
            *(row_write(tables.players, player, *places) for player, places in self.players.items()),
            *(level_write(tables.levels, level, number) for level, number in self.levels.items() if number),
            *(transition_write(tables.transitions, *one) for one in self.transitions.items()),
        ]


def transactions(moves: Iterable[Move]) -> Iterator[Changes]:
    """The moves in as few transactions as hold them, to be written in this order: a long way takes several."""
    changes = Changes()
    for player, before, steps in moves:
        at = before
        for step in steps:
            if not changes.takes(player, at.level, step.level):
                yield changes
                changes = Changes()
            changes.add(player, at, step)
            at = step
    if changes.players:
        yield changes


def row_write(table: str, player: str, before: Place, after: Place) -> dict[str, Any]:
    """A player's row: who is nowhere has none."""
    key = {"playerId": {"S": player}}
    if before == NOWHERE:
        condition: dict[str, Any] = {"ConditionExpression": "attribute_not_exists(playerId)"}
    else:
        condition = {
            "ConditionExpression": "lastUpdated = :at AND eventId = :id AND levelId = :level",
            "ExpressionAttributeValues": {f":{name}": value for name, value in _values(before).items()},
        }
    if after.level is None:
        return {"Delete": {"TableName": table, "Key": key, **condition}}
    values = _values(after)
    item = key | {"levelId": values["level"], "lastUpdated": values["at"], "eventId": values["id"]}
    return {"Put": {"TableName": table, "Item": item, **condition}}


def level_write(table: str, level: str, number: int) -> dict[str, Any]:
    return {
        "Update": {
            "TableName": table,
            "Key": {"levelId": {"S": level}},
            "UpdateExpression": "ADD playerCount :number",
            "ExpressionAttributeValues": {":number": {"N": str(number)}},
        }
    }


def transition_write(table: str, transition: Transition, number: int) -> dict[str, Any]:
    names = {name: {"S": level} for name, level in zip((":from", ":to"), transition, strict=True) if level is not None}
    sets = [
        f"{attribute} = {name}" for attribute, name in (("levelFrom", ":from"), ("levelTo", ":to")) if name in names
    ]
    return {
        "Update": {
            "TableName": table,
            "Key": {"transitionLevels": {"S": transition_key(*transition)}},
            "UpdateExpression": f"ADD #count :number SET {', '.join(sets)}",
            "ExpressionAttributeNames": {"#count": "count"},  # COUNT is a reserved word
            "ExpressionAttributeValues": {":number": {"N": str(number)}, **names},
        }
    }


def transition_key(level: str | None, to: str | None) -> str:
    """`from/to`, empty for none. A slash in a level's name is escaped, or two transitions could share a key."""
    return "/".join((name or "").replace("%", "%25").replace("/", "%2F") for name in (level, to))


def _values(place: Place) -> dict[str, Any]:
    return {"at": {"N": str(place.at)}, "id": {"S": place.event_id}, "level": {"S": place.level or ""}}
