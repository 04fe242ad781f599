"""Which decisions were announced, and how many there are of each kind: kept in one transaction, so that both agree.

A decision's item in the table of effects is written with the count it adds to, under the condition that there is no
such item yet. Whatever is repeated, a decision is entered once, and counted once.
"""

import random
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any

from botocore.exceptions import ClientError

from loyalty.customers import APPLICATION
from shared.effects import Effect, effect_item
from shared.envelope import encode_json
from shared.states import MAX_KEYS, OVERTAKEN_IN_TRANSACTION, Unread

MAX_ACTIONS = 100  # of one transaction (DynamoDB quota)
MAX_ROUNDS = 10
LONGEST_PAUSE_SECONDS = 0.5


class Ledger:
    """The table of effects, and the table of counts, keyed by `counter`. now: epoch seconds."""

    def __init__(self, client: Any, effects: str, counts: str, now: Callable[[], float] = time.time) -> None:
        self._client, self._effects, self._counts, self._now = client, effects, counts, now

    def known(self, effect_ids: Collection[str]) -> set[str]:
        """Those that are entered, by strongly consistent reads. Raises Unread, and botocore's errors."""
        found: set[str] = set()
        wanted = [{"effect_id": {"S": one}} for one in dict.fromkeys(effect_ids)]
        for _ in range(len(wanted) // MAX_KEYS + MAX_ROUNDS):
            if not wanted:
                return found
            request = {
                "Keys": wanted[:MAX_KEYS],
                "ConsistentRead": True,
                "ProjectionExpression": "effect_id",
            }
            answer = self._client.batch_get_item(RequestItems={self._effects: request})
            found.update(item["effect_id"]["S"] for item in answer["Responses"].get(self._effects, ()))
            left = answer.get("UnprocessedKeys", {}).get(self._effects, {}).get("Keys", [])
            wanted = left + wanted[MAX_KEYS:]
        if wanted:
            raise Unread(f"{len(wanted)} items of {self._effects}")
        return found

    def enter(self, effects: Sequence[Effect]) -> None:
        """Enters decisions and counts them; those that are entered already change nothing.

        Raises Unread and botocore's errors; some decisions may be entered then, each with its count.
        """
        for chunk in _chunks(effects):
            self._enter(chunk)

    def _enter(self, effects: Sequence[Effect]) -> None:
        for attempt in range(MAX_ROUNDS):
            if attempt:
                known = self.known([effect.effect_id for effect in effects])
                effects = [effect for effect in effects if effect.effect_id not in known]
            if not effects:
                return
            try:
                self._client.transact_write_items(TransactItems=[*self._items(effects), *self._additions(effects)])
            except ClientError as error:
                reasons = {reason.get("Code") for reason in error.response.get("CancellationReasons", ())}
                if reasons.isdisjoint(OVERTAKEN_IN_TRANSACTION) or attempt == MAX_ROUNDS - 1:
                    raise
                # All customers' decisions add to the same few counts: others are at them too.
                time.sleep(random.uniform(0, min(LONGEST_PAUSE_SECONDS, 0.01 * 2**attempt)))  # noqa: S311 -- no secret
            else:
                return

    def _items(self, effects: Sequence[Effect]) -> Iterator[dict[str, Any]]:
        now = self._now()
        for effect in effects:
            item = effect_item(effect, APPLICATION, int(now)) | {
                "performed_at": {"N": str(round(now * 1000))},
                "result": {"S": "{}"},
            }
            yield {
                "Put": {
                    "TableName": self._effects,
                    "Item": item,
                    "ConditionExpression": "attribute_not_exists(effect_id)",
                }
            }

    def _additions(self, effects: Sequence[Effect]) -> Iterator[dict[str, Any]]:
        decisions = Counter(map(_counter, effects))
        promos = Counter(_counter(effect) for effect in effects if effect.detail["send_promo"])
        for counter, number in decisions.items():
            promotion, conversion, where = counter
            yield {
                "Update": {
                    "TableName": self._counts,
                    "Key": {"counter": {"S": encode_json([promotion, conversion, where]).decode()}},
                    "UpdateExpression": (
                        "SET promotion = :promotion, #conversion = :conversion, #where = :where "
                        "ADD conversions :conversions, promos :promos"
                    ),
                    "ExpressionAttributeNames": {"#conversion": "conversion", "#where": "where"},
                    "ExpressionAttributeValues": {
                        ":promotion": {"S": promotion},
                        ":conversion": {"S": conversion},
                        ":where": {"S": where} if where else {"NULL": True},
                        ":conversions": {"N": str(number)},
                        ":promos": {"N": str(promos[counter])},
                    },
                }
            }


def _counter(effect: Effect) -> tuple[str, str, str | None]:
    return effect.detail["promotion"], effect.detail["conversion"], effect.detail["where"]


def _chunks(effects: Sequence[Effect]) -> Iterator[list[Effect]]:
    """In their order, as many as fit a transaction with the counts they add to."""
    chunk: list[Effect] = []
    counters: set[tuple[str, str, str | None]] = set()
    for effect in effects:
        more = counters | {_counter(effect)}
        if len(chunk) + 1 + len(more) > MAX_ACTIONS:
            yield chunk
            chunk, more = [], {_counter(effect)}
        chunk.append(effect)
        counters = more
    if chunk:
        yield chunk
