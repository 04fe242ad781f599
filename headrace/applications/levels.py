"""Who is where now, from the tables of the live counts, and who moved, from them and the file of the last minute."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

TRANSITIONS_FILE = "live_counts/transition_information.json"


@dataclass(frozen=True, kw_only=True)
class Transition:
    """origin, to: a level; None is nowhere, before a player came or after they left."""

    origin: str | None
    to: str | None
    count: int


@dataclass(frozen=True, kw_only=True)
class Written:
    """The last file of transitions. at: ISO 8601, as it says. seconds: what they happened in."""

    at: str
    seconds: int
    transitions: tuple[Transition, ...]


@dataclass(frozen=True, kw_only=True)
class Levels:
    """players: by level, now. written: the last file, None until there is one. since: what the next file will have."""

    players: Mapping[str, int]
    written: Written | None
    since: tuple[Transition, ...]


def read_levels(dynamodb: Any, s3: Any, published: Mapping[str, Any]) -> Levels:
    """published: the stack's outputs. Raises botocore's errors."""
    players = {
        row["levelId"]["S"]: int(row["playerCount"]["N"])
        for row in _rows(dynamodb, published["live_counts_levels_table"])
    }
    since = [
        Transition(
            origin=row.get("levelFrom", {}).get("S"), to=row.get("levelTo", {}).get("S"), count=int(row["count"]["N"])
        )
        for row in _rows(dynamodb, published["live_counts_transitions_table"])
        if "count" in row  # what is being written to the file has none
    ]
    return Levels(
        players={level: number for level, number in players.items() if number},
        written=_written(s3, published["bucket"]),
        since=_most_first([transition for transition in since if transition.count]),
    )


def _written(s3: Any, bucket: str) -> Written | None:
    try:
        content = s3.get_object(Bucket=bucket, Key=TRANSITIONS_FILE)["Body"].read()
    except s3.exceptions.NoSuchKey:
        return None
    document = json.loads(content)
    found = [Transition(origin=one["from"], to=one["to"], count=one["count"]) for one in document["transitions"]]
    return Written(at=document["update_time"], seconds=document["update_interval_secs"], transitions=_most_first(found))


def _most_first(transitions: Sequence[Transition]) -> tuple[Transition, ...]:
    return tuple(sorted(transitions, key=lambda one: (-one.count, one.origin or "", one.to or "")))


def _rows(dynamodb: Any, table: str) -> list[dict[str, Any]]:
    """There is a row a level, and one a transition of the last minutes."""
    return [item for page in dynamodb.get_paginator("scan").paginate(TableName=table) for item in page["Items"]]
