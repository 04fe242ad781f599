"""One row of the table in which each effect is performed once."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from boto3.dynamodb.types import TypeDeserializer

_deserialize = TypeDeserializer().deserialize


@dataclass(frozen=True, kw_only=True)
class Effect:
    """What an application decided. Times in epoch ms. performed_at: None as long as it was not done.

    error: why the last attempt failed. caused_by: the ids of the events.
    """

    effect_id: str
    application: str
    kind: str
    key: str
    decided_at: int
    performed_at: int | None
    detail: Mapping[str, Any]
    result: Mapping[str, Any]
    caused_by: tuple[str, ...] = ()
    error: str | None = None


def effects_of(items: Iterable[Mapping[str, Any]]) -> list[Effect]:
    """Effects from DynamoDB's JSON, without those of which `make forget` has left the bare id."""
    return [_effect(item) for item in items if "application" in item]


def _effect(item: Mapping[str, Any]) -> Effect:
    row = {name: _deserialize(value) for name, value in item.items()}
    performed_at = row.get("performed_at")
    return Effect(
        effect_id=row["effect_id"],
        application=row["application"],
        kind=row["kind"],
        key=row["key"],
        caused_by=tuple(row["caused_by"]),
        decided_at=int(row["decided_at"]),
        performed_at=None if performed_at is None else int(performed_at),
        error=row.get("error"),
        detail=json.loads(row["detail"]),
        result=json.loads(row.get("result", "{}")),
    )
