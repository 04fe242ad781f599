"""Effects: what an application decided, written with its state, and performed once by the function behind the table.

A table's stream may hand a change over twice, and a function may die between doing a thing and saying so. So each
effect has an id derived from what caused it, and a row in the effects table: it is claimed before it is performed, and
marked after. A claim that was never marked is taken over when its lease ends; the receiver then sees the same id again.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any, NamedTuple
from uuid import UUID

import orjson
from botocore.exceptions import BotoCoreError, ClientError

from shared.envelope import derived_id, encode_json
from shared.errors import error_code
from shared.records import Change, plain

EFFECTS = "effects"

LEASE_SECONDS = 40  # longer than any function that performs effects may run
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
    """Somebody else is performing it, or died doing so: come back when the lease is over. seconds: until then."""

    def __init__(self, effect_id: str, seconds: float) -> None:
        super().__init__(effect_id)
        self.seconds = seconds


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
        except Exception as error:
            self._give_back(effect, error)
            raise
        self._mark(effect, result)
        return True

    def keep(self, effect: Effect, name: str, value: str) -> dict[str, Any]:
        """Keeps a value with a claimed effect, for this attempt and all later ones: the first to be kept stays.

        Returns all that is kept with the effect. name: none that the table's rows have already (see `_claim`).
        """
        answer = self._client.update_item(
            TableName=self._table,
            Key={"effect_id": {"S": effect.effect_id}},
            UpdateExpression="SET #name = if_not_exists(#name, :value)",
            ExpressionAttributeNames={"#name": name},
            ExpressionAttributeValues={":value": {"S": value}},
            ReturnValues="ALL_NEW",
        )
        return plain(answer["Attributes"])

    def _claim(self, effect: Effect) -> bool:
        """Whether it is ours to perform. What an earlier attempt kept with the effect stays there."""
        now = self._now()
        row = effect_item(effect, self._application, int(now))
        row["claimed_until"] = _number(int(now) + LEASE_SECONDS)
        key = {"effect_id": row.pop("effect_id")}
        try:
            self._client.update_item(
                TableName=self._table,
                Key=key,
                UpdateExpression="SET " + ", ".join(f"#{name} = :{name}" for name in row),
                ConditionExpression="attribute_not_exists(effect_id) OR claimed_until < :now",
                ExpressionAttributeNames={f"#{name}": name for name in row},
                ExpressionAttributeValues={**{f":{name}": value for name, value in row.items()}, ":now": _number(now)},
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except ClientError as error:
            if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
                raise
            found = plain(error.response.get("Item", {}))
            if "performed_at" in found:
                return False
            raise Claimed(effect.effect_id, max(0.0, float(found.get("claimed_until", now)) - now)) from None
        return True

    def _give_back(self, effect: Effect, error: Exception) -> None:
        """A failed attempt leaves no claim, so that the next one need not wait for the lease, and says what was wrong.

        Where even that fails, the lease ends by itself: what `perform` raised is what matters.
        """
        with suppress(BotoCoreError, ClientError):
            self._client.update_item(
                TableName=self._table,
                Key={"effect_id": {"S": effect.effect_id}},
                UpdateExpression="SET claimed_until = :past, #error = :error",
                ExpressionAttributeNames={"#error": "error"},
                ExpressionAttributeValues={":past": {"N": "0"}, ":error": {"S": error_code(error)}},
            )

    def _mark(self, effect: Effect, result: Mapping[str, Any]) -> None:
        # Without `claimed_until` the condition of a claim can not come true again.
        self._client.update_item(
            TableName=self._table,
            Key={"effect_id": {"S": effect.effect_id}},
            UpdateExpression="SET performed_at = :now, #result = :result REMOVE claimed_until, #error",
            ExpressionAttributeNames={"#result": "result", "#error": "error"},
            ExpressionAttributeValues={
                ":now": {"N": str(round(self._now() * 1000))},
                ":result": {"S": encode_json(result).decode()},
            },
        )


def _number(value: float) -> dict[str, str]:
    return {"N": str(int(value))}
