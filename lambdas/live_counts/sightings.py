"""What shards remember: players who were seen again where they were, one item a shard instead of a row a player.

Each consumer of a shard writes its own item and reads all of them: a player's events may come through several shards.
The item's `revision` keeps two writers apart, should there ever be two.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from live_counts.places import Place


@dataclass(frozen=True, slots=True)
class Remembered:
    """One shard's item; nothing, before it was first written."""

    places: Mapping[str, Place] = field(default_factory=dict)
    revision: int = 0


class Sightings:
    """The table of what shards remember, keyed by `shard`."""

    def __init__(self, client: Any, table: str) -> None:
        self._client, self._table = client, table

    def load(self) -> dict[str, Remembered]:
        """Every shard's, by strongly consistent reads. A shard's item has 16 KB at most, so this is a call or two."""
        found: dict[str, Remembered] = {}
        for page in self._client.get_paginator("scan").paginate(TableName=self._table, ConsistentRead=True):
            for item in page["Items"]:
                places = {player: Place(*one) for player, one in orjson.loads(item["players"]["S"]).items()}
                found[item["shard"]["S"]] = Remembered(places, int(item["revision"]["N"]))
        return found

    def save(self, shard: str, places: Mapping[str, Place], revision: int) -> None:
        """Replaces the shard's item that had `revision`. Raises botocore's errors, where it has another now too."""
        item = {
            "shard": {"S": shard},
            "players": {"S": orjson.dumps({player: tuple(place) for player, place in places.items()}).decode()},
            "revision": {"N": str(revision + 1)},
        }
        self._client.put_item(
            TableName=self._table,
            Item=item,
            ConditionExpression="attribute_not_exists(#shard) OR revision = :revision",
            ExpressionAttributeNames={"#shard": "shard"},  # a reserved word
            ExpressionAttributeValues={":revision": {"N": str(revision)}},
        )


def newest(remembered: Iterable[Remembered]) -> dict[str, Place]:
    """By player, the newest of what any shard remembers."""
    found: dict[str, Place] = {}
    for one in remembered:
        for player, place in one.places.items():
            if player not in found or place.order > found[player].order:
                found[player] = place
    return found
