"""Effects by whatever a person knows of them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from boto3.dynamodb.types import TypeDeserializer

MAX_FOUND = 20

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
    caused_by: tuple[str, ...]
    decided_at: int
    performed_at: int | None
    error: str | None
    detail: Mapping[str, Any]
    result: Mapping[str, Any]


def caused(dynamodb: Any, table: str, wanted: str) -> list[Effect]:
    """The effects that an id leads to, the newest first, MAX_FOUND at most. Raises botocore's errors.

    An effect's own id is looked up; for everything else the table is read through: it is indexed by nothing else,
    since nobody but a person asks it anything else.
    """
    item = dynamodb.get_item(TableName=table, Key={"effect_id": {"S": wanted}}).get("Item")
    if item is not None:
        return [effect_of(item)]
    pages = dynamodb.get_paginator("scan").paginate(
        TableName=table,
        FilterExpression="begins_with(effect_id, :id) OR contains(caused_by, :id) OR #key = :id OR code = :code",
        ExpressionAttributeNames={"#key": "key"},
        ExpressionAttributeValues={":id": {"S": wanted}, ":code": {"S": wanted.upper()}},
    )
    found = [effect_of(item) for page in pages for item in page["Items"]]
    return sorted(found, key=lambda effect: (effect.decided_at, effect.effect_id), reverse=True)[:MAX_FOUND]


def user_of(dynamodb: Any, clients_table: str | None, client_id: str) -> str | None:
    """The user that a client turned out to be; None where nobody knows. Raises botocore's errors."""
    if clients_table is None:
        return None
    item = dynamodb.get_item(TableName=clients_table, Key={"client_id": {"S": client_id}}).get("Item", {})
    return item.get("user_id", {}).get("S")


def effect_of(item: Mapping[str, Any]) -> Effect:
    """An effect from DynamoDB's JSON."""
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
