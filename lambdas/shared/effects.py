"""Effects: what an application decided, written with its state, and performed once by the function behind the table.

A table's stream may hand a change over twice, and a function may die between doing a thing and saying so. So each
effect has an id derived from what caused it, and a row in the effects table: it is claimed before it is performed, and
marked after. A claim that was never marked is taken over when its lease ends; the receiver then sees the same id again.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

import orjson
from botocore.exceptions import ClientError

from shared.envelope import derived_id, encode_json
from shared.records import Change

EFFECTS = "effects"

LEASE_SECONDS = 60  # longer than any function that performs effects may run
KEPT_SECONDS = 90 * 86_400

_NAMESPACE = UUID("5a4b1c0e-6a2f-4c0f-8f0a-4d1f3a5f7e21")


class Effect(NamedTuple):
    """One thing to do. kind: its name on the bus, `OfferSent`. caused_by: the ids of the events behind it.

    decided_at: epoch ms, when the event that decided it occurred. detail: JSON values.
    """

    effect_id: str
    kind: str
    key: str
    caused_by: tuple[str, ...]
    decided_at: int
    detail: Mapping[str, Any]


def effect_id(application: str, *causes: str) -> str:
    """The same for the same causes, so that a decision made twice is one effect."""
    return derived_id(_NAMESPACE, "\0".join((application, *causes)).encode())


def encode_effects(effects: Sequence[Effect]) -> str:
    return encode_json([effect._asdict() for effect in effects]).decode()


def decode_effects(text: str) -> list[Effect]:
    return [Effect(**{**one, "caused_by": tuple(one["caused_by"])}) for one in orjson.loads(text)]


def new_effects(change: Change) -> list[Effect]:
    """The effects that this very change brought: those that also stand in the image before it were there already."""
    text = change.new.get(EFFECTS, {}).get("S")
    if text is None or change.old.get(EFFECTS, {}).get("S") == text:
        return []
    return decode_effects(text)


def effect_item(effect: Effect, application: str, now: int) -> dict[str, Any]:
    """An effect's item in the table of effects, in DynamoDB's JSON. now: epoch seconds."""
    return {
        "effect_id": {"S": effect.effect_id},
        "application": {"S": application},
        "kind": {"S": effect.kind},
        "key": {"S": effect.key},
        "caused_by": {"L": [{"S": event_id} for event_id in effect.caused_by]},
        "decided_at": {"N": str(effect.decided_at)},
        "detail": {"S": encode_json(effect.detail).decode()},
        "expires_at": {"N": str(now + KEPT_SECONDS)},
    }


class Claimed(Exception):
    """Somebody else is performing it, or died doing so: come back when the lease is over."""


class EffectLog:
    """The table of effects, keyed by `effect_id`; `make trace` reads it. `now`: epoch seconds."""

    def __init__(self, client: Any, table: str, application: str, now: Callable[[], float] = time.time) -> None:
        self._client, self._table, self._application, self._now = client, table, application, now

    def once(self, effect: Effect, perform: Callable[[Effect], Mapping[str, Any]]) -> bool:
        """Performs an effect that was not performed yet; says whether it did so now.

        perform: returns what came of it, JSON values. Raises Claimed, what `perform` raises, and botocore's errors;
        after any of them the effect may be tried again.
        """
        if not self._claim(effect):
            return False
        try:
            result = perform(effect)
        except Exception:
            self._give_back(effect)
            raise
        self._mark(effect, result)
        return True

    def _claim(self, effect: Effect) -> bool:
        now = int(self._now())
        item = effect_item(effect, self._application, now) | {"claimed_until": {"N": str(now + LEASE_SECONDS)}}
        try:
            self._client.put_item(
                TableName=self._table,
                Item=item,
                ConditionExpression="attribute_not_exists(effect_id) OR claimed_until < :now",
                ExpressionAttributeValues={":now": {"N": str(now)}},
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except ClientError as error:
            if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
                raise
            if "performed_at" in error.response.get("Item", {}):
                return False
            raise Claimed(effect.effect_id) from None
        return True

    def _give_back(self, effect: Effect) -> None:
        """A failed attempt leaves no claim, so that the next one need not wait for the lease."""
        self._client.update_item(
            TableName=self._table,
            Key={"effect_id": {"S": effect.effect_id}},
            UpdateExpression="SET claimed_until = :past",
            ExpressionAttributeValues={":past": {"N": "0"}},
        )

    def _mark(self, effect: Effect, result: Mapping[str, Any]) -> None:
        # Without `claimed_until` the condition of a claim can not come true again.
        self._client.update_item(
            TableName=self._table,
            Key={"effect_id": {"S": effect.effect_id}},
            UpdateExpression="SET performed_at = :now, #result = :result REMOVE claimed_until",
            ExpressionAttributeNames={"#result": "result"},
            ExpressionAttributeValues={
                ":now": {"N": str(round(self._now() * 1000))},
                ":result": {"S": encode_json(result).decode()},
            },
        )
