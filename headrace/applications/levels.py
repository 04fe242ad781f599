"""Who is where now, from the two files that the live counts put into the bucket every minute."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

LEVELS = "live_counts/level_information.json"
TRANSITIONS = "live_counts/transition_information.json"


@dataclass(frozen=True, kw_only=True)
class Transition:
    """origin, to: a level; None is nowhere, before a player came or after they left."""

    origin: str | None
    to: str | None
    count: int


@dataclass(frozen=True, kw_only=True)
class Levels:
    """updated_at: ISO 8601, as the file has it. interval_seconds: what the transitions happened in."""

    updated_at: str
    interval_seconds: int
    players: Mapping[str, int]
    transitions: tuple[Transition, ...]


def read_levels(s3: Any, bucket: str) -> Levels | None:
    """None until the files are there. Raises botocore's errors."""
    levels, transitions = _document(s3, bucket, LEVELS), _document(s3, bucket, TRANSITIONS)
    if levels is None or transitions is None:
        return None
    return Levels(
        updated_at=levels["update_time"],
        interval_seconds=levels["update_interval_secs"],
        players=levels["level_player_counts"],
        transitions=tuple(
            Transition(origin=one["from"], to=one["to"], count=one["count"]) for one in transitions["transitions"]
        ),
    )


def _document(s3: Any, bucket: str, key: str) -> Any:
    try:
        return json.loads(s3.get_object(Bucket=bucket, Key=key)["Body"].read())
    except s3.exceptions.NoSuchKey:
        return None
