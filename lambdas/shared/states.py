"""An application's state: one DynamoDB item a key, read in batches, written under a condition on its version.

Two functions may hold the same customer at a time: the second to write finds another version, reads again and steps
again. Effects are written with the state that decided them, so neither exists without the other: the table's stream
hands them to the function that performs them.
"""

import random
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, NamedTuple

from boto3.dynamodb.types import TypeSerializer
from botocore.config import Config
from botocore.exceptions import ClientError

from shared.effects import EFFECTS, Effect, encode_effects
from shared.records import plain

VERSION = "version"

MAX_KEYS = 100  # of one BatchGetItem (DynamoDB quota)
MAX_ROUNDS = 8
FIRST_PAUSE_SECONDS = 0.05  # before what DynamoDB left out is asked for again; doubled each time

# Another write came first, or was just being made.
OVERTAKEN = frozenset({"ConditionalCheckFailedException", "TransactionConflictException"})
OVERTAKEN_IN_TRANSACTION = frozenset({"ConditionalCheckFailed", "TransactionConflict"})

# Throttled calls are repeated by botocore, with back-off; what is still refused then fails its records alone.
# What the SDK says of itself, and its check of parameters that we made ourselves, would take a quarter of a call.
CLIENT = Config(
    retries={"mode": "standard", "total_max_attempts": 6},
    connect_timeout=1,
    read_timeout=5,
    parameter_validation=False,
    user_agent="headrace",
)

_serialize = TypeSerializer().serialize


class Conflict(Exception):
    """Somebody else wrote the item since it was read."""


class Unread(Exception):
    """DynamoDB did not hand out all the items that were asked for."""


class Stored(NamedTuple):
    """An item's own attributes, and its version; 0 where there is no item yet."""

    attributes: Mapping[str, Any]
    version: int


NOTHING = Stored({}, 0)


class Changed(NamedTuple):
    """An item as it is to be, the version it had, and the effects decided with it."""

    key: str
    attributes: Mapping[str, Any]
    version: int
    effects: Sequence[Effect] = ()


class StateTable:
    """A table with one string key."""

    def __init__(self, client: Any, name: str, key_name: str, pause: Callable[[float], None] = time.sleep) -> None:
        self._client, self._name, self._key_name, self._pause = client, name, key_name, pause

    def load(self, keys: Collection[str]) -> dict[str, Stored]:
        """Every key's item, by strongly consistent reads. Raises Unread, and botocore's errors."""
        found = dict.fromkeys(keys, NOTHING)
        wanted = [{self._key_name: {"S": key}} for key in found]
        refusals = 0
        while wanted:
            request: dict[str, Any] = {self._name: {"Keys": wanted[:MAX_KEYS], "ConsistentRead": True}}
            answer = self._client.batch_get_item(RequestItems=request)
            for item in answer["Responses"].get(self._name, []):
                attributes = plain(item)
                version = int(attributes.pop(VERSION, 0))
                found[attributes.pop(self._key_name)] = Stored(attributes, version)
            left = answer.get("UnprocessedKeys", {}).get(self._name, {}).get("Keys", [])
            wanted = left + wanted[MAX_KEYS:]
            if left and len(left) == len(request[self._name]["Keys"]):
                refusals += 1
                if refusals == MAX_ROUNDS:
                    raise Unread(f"{len(wanted)} items of {self._name}")
                self._pause(random.uniform(0, FIRST_PAUSE_SECONDS * 2**refusals))  # noqa: S311 -- spreads load
        return found

    def save(self, key: str, attributes: Mapping[str, Any], version: int, effects: Sequence[Effect] = ()) -> None:
        """Replaces the item that had `version`. Raises Conflict where it has another now, and botocore's errors.

        attributes: None and empty sets are left out, which DynamoDB does not take.
        """
        try:
            self._client.put_item(**self._put(key, attributes, version, effects))
        except ClientError as error:
            if error.response["Error"]["Code"] in OVERTAKEN:
                raise Conflict(key) from None
            raise

    def save_all(self, changed: Sequence[Changed]) -> None:
        """Replaces up to 100 items, all or none. Raises Conflict where one has another version now, and botocore's
        errors."""
        try:
            self._client.transact_write_items(TransactItems=[{"Put": self._put(*one)} for one in changed])
        except ClientError as error:
            reasons = {reason.get("Code") for reason in error.response.get("CancellationReasons", ())}
            if not reasons.isdisjoint(OVERTAKEN_IN_TRANSACTION):
                raise Conflict(f"one of {len(changed)} items") from None
            raise

    def _put(
        self, key: str, attributes: Mapping[str, Any], version: int, effects: Sequence[Effect] = ()
    ) -> dict[str, Any]:
        item = {name: value for name, value in attributes.items() if value is not None and value != set()}
        item |= {self._key_name: key, VERSION: version + 1}
        if effects:
            item[EFFECTS] = encode_effects(effects)
        condition = "attribute_not_exists(#version)" if version == 0 else "#version = :version"
        values = {} if version == 0 else {"ExpressionAttributeValues": {":version": {"N": str(version)}}}
        return {
            "TableName": self._name,
            "Item": {name: _serialize(value) for name, value in item.items()},
            "ConditionExpression": condition,
            "ExpressionAttributeNames": {"#version": VERSION},
            **values,
        }
