"""Decisions on the event bus: PutEvents in calls of ten, of which the bus may take only a part."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from botocore.exceptions import BotoCoreError, ClientError

from shared.effects import Effect
from shared.envelope import encode_json
from shared.errors import error_code

SOURCE = "headrace.loyalty"
MAX_ENTRIES = 10  # of one PutEvents (EventBridge quota)


class Put(NamedTuple):
    """What the bus took; the customers of whom it did not take everything; the codes it gave."""

    taken: list[Effect]
    stuck: set[str]
    errors: set[str]


def put_in_order(effects: Sequence[Effect], client: Any, bus: str) -> Put:
    """Puts decisions, each customer's in their order: what follows a refused one under its customer is held back.

    Never raises: botocore has repeated each failed call already.
    """
    put = Put([], set(), set())
    for call in _calls(effects):
        wanted = [effect for effect in call if effect.key not in put.stuck]
        if not wanted:
            continue
        try:
            answer = client.put_events(Entries=[_entry(effect, bus) for effect in wanted])
            codes = [entry.get("ErrorCode") for entry in answer["Entries"]]
        except (BotoCoreError, ClientError) as error:
            codes = [error_code(error)] * len(wanted)
        for effect, code in zip(wanted, codes, strict=True):
            if code is None:
                put.taken.append(effect)
            else:
                put.stuck.add(effect.key)
                put.errors.add(code)
    return put


def detail_of(effect: Effect) -> dict[str, object]:
    """What stands on the bus. line: as the reference has it."""
    return {
        "decision_id": effect.effect_id,
        "customer": effect.key,
        **effect.detail,
        "occurred_at": effect.decided_at,
        "caused_by": list(effect.caused_by),
        "line": line_of(effect.key, effect.detail),
    }


def line_of(customer: str, detail: Mapping[str, Any]) -> str:
    """The reference's line; it writes booleans as Python does."""
    return f"Send additional promo code to: {customer}, {detail['send_promo']}"


def _calls(effects: Sequence[Effect]) -> Iterator[list[Effect]]:
    """In their order by customer, no customer twice in one call: the bus could take the second and not the first."""
    rounds: list[list[Effect]] = []
    depth: dict[str, int] = {}
    for effect in effects:
        place = depth.get(effect.key, 0)
        depth[effect.key] = place + 1
        if place == len(rounds):
            rounds.append([])
        rounds[place].append(effect)
    for one_each in rounds:
        for start in range(0, len(one_each), MAX_ENTRIES):
            yield one_each[start : start + MAX_ENTRIES]


def _entry(effect: Effect, bus: str) -> dict[str, Any]:
    return {
        "EventBusName": bus,
        "Source": SOURCE,
        "DetailType": effect.kind,
        "Time": effect.decided_at / 1000,
        "Detail": encode_json(detail_of(effect)).decode(),
    }
