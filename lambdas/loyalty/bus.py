"""Decisions on the event bus: PutEvents in calls of ten, of which the bus may take only a part."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from botocore.exceptions import BotoCoreError, ClientError

from shared.bus import MAX_ENTRIES, Bus
from shared.effects import Effect
from shared.errors import error_code


class Put(NamedTuple):
    """What the bus took; the customers of whom it did not take everything; the codes it gave."""

    taken: list[Effect]
    stuck: set[str]
    errors: set[str]


def put_in_order(effects: Sequence[Effect], bus: Bus) -> Put:
    """Puts decisions, each customer's in their order: what follows a refused one under its customer is held back.

    Never raises: botocore has repeated each failed call already.
    """
    put = Put([], set(), set())
    for call in _calls(effects):
        wanted = [effect for effect in call if effect.key not in put.stuck]
        if not wanted:
            continue
        try:
            codes = [answer.get("ErrorCode") for answer in bus.put_entries([spoken(effect) for effect in wanted])]
        except (BotoCoreError, ClientError) as error:
            codes = [error_code(error)] * len(wanted)
        for effect, code in zip(wanted, codes, strict=True):
            if code is None:
                put.taken.append(effect)
            else:
                put.stuck.add(effect.key)
                put.errors.add(code)
    return put


def spoken(effect: Effect) -> Effect:
    """A decision as it stands on the bus: with what would only take room in the customer's item."""
    more = {"customer": effect.key, "line": line_of(effect.key, effect.detail)}
    return effect._replace(detail={**effect.detail, **more})


def line_of(customer: str, detail: Mapping[str, Any]) -> str:
    """The line that the reference answers with; it writes booleans as Python does."""
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
