"""Effects by whatever a person knows of them."""

from typing import Any

from headrace.effects import Effect, effects_of

MAX_FOUND = 20


def caused(dynamodb: Any, table: str, wanted: str) -> list[Effect]:
    """The effects that an id leads to, the newest first, MAX_FOUND at most. Raises botocore's errors.

    An effect's own id is looked up; for everything else the table is read through: it is indexed by nothing else,
    since nobody but a person asks it anything else.
    """
    item = dynamodb.get_item(TableName=table, Key={"effect_id": {"S": wanted}}).get("Item")
    if item is not None:
        return effects_of([item])
    pages = dynamodb.get_paginator("scan").paginate(
        TableName=table,
        FilterExpression="begins_with(effect_id, :id) OR contains(caused_by, :id) OR #key = :id OR code = :code",
        ExpressionAttributeNames={"#key": "key"},
        ExpressionAttributeValues={":id": {"S": wanted}, ":code": {"S": wanted.upper()}},
    )
    found = [effect for page in pages for effect in effects_of(page["Items"])]
    return sorted(found, key=lambda effect: (effect.decided_at, effect.effect_id), reverse=True)[:MAX_FOUND]


def user_of(dynamodb: Any, clients_table: str | None, client_id: str) -> str | None:
    """The user that a client turned out to be; None where nobody knows. Raises botocore's errors."""
    if clients_table is None:
        return None
    item = dynamodb.get_item(TableName=clients_table, Key={"client_id": {"S": client_id}}).get("Item", {})
    return item.get("user_id", {}).get("S")
