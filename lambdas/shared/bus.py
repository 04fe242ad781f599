"""Effects on the EventBridge bus, for whoever wants to act on them.

Source `headrace.<application>`, detail-type the effect's kind, detail the effect's own plus `effect_id`, `key`,
`decided_at` (epoch ms) and `caused_by`, the ids of the events behind it. EventBridge hands each entry over at least
once: `effect_id` tells a repetition.
"""

import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from botocore.exceptions import ClientError

from shared.clients import client
from shared.effects import Effect, EffectLog
from shared.envelope import encode_json
from shared.performing import perform_all
from shared.records import Failures

MAX_ENTRIES = 10  # of one PutEvents (EventBridge quota)


class Bus:
    """The bus as one application writes it."""

    def __init__(self, events: Any, name: str, application: str) -> None:
        self._client, self._name, self._source = events, name, f"headrace.{application}"

    def put(self, effect: Effect) -> Mapping[str, str]:
        """Puts one effect; returns the bus's id of it. Raises ClientError, also where the bus refuses the entry."""
        (answer,) = self.put_entries([effect])
        if "ErrorCode" in answer:  # PutEvents answers 200 to entries that it does not take
            error = {"Code": answer["ErrorCode"], "Message": answer.get("ErrorMessage", "")}
            raise ClientError({"Error": error}, "PutEvents")
        return {"bus_event_id": answer["EventId"]}

    def put_entries(self, effects: Sequence[Effect]) -> Sequence[Mapping[str, str]]:
        """Puts up to MAX_ENTRIES effects in one call; returns the bus's answer to each: it may take some and refuse
        others. Raises botocore's errors; then it is not known which of them it took."""
        return self._client.put_events(Entries=[self._entry(effect) for effect in effects])["Entries"]

    def _entry(self, effect: Effect) -> dict[str, str]:
        return {
            "EventBusName": self._name,
            "Source": self._source,
            "DetailType": effect.kind,
            "Detail": encode_json(detail_of(effect)).decode(),
        }


def detail_of(effect: Effect) -> dict[str, Any]:
    """What stands on the bus of an effect, whichever application decided it."""
    return {
        **effect.detail,
        "effect_id": effect.effect_id,
        "key": effect.key,
        "decided_at": effect.decided_at,
        "caused_by": effect.caused_by,
    }


def announcer(application: str) -> Callable[[Mapping[str, Any], Any], Failures]:
    """A Lambda handler for a state table's stream that puts each effect on the bus, once."""
    effect_log = EffectLog(client("dynamodb"), os.environ["EFFECTS_TABLE"], application)
    bus = Bus(client("events"), os.environ["EFFECTS_BUS"], application)

    def handler(batch: Mapping[str, Any], _context: Any) -> Failures:
        return perform_all(batch, effect_log, bus.put)

    return handler
