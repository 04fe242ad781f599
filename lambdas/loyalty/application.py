"""Loyalty promotions over the streams: an event to its conversion, a conversion to its decision."""

from collections.abc import Sequence
from typing import Any

from loyalty.conversions import KIND_OF, conversion_of
from loyalty.customers import Customer, convert, read, write
from loyalty.identity import customer_of
from shared.effects import Effect
from shared.events.event import Event
from shared.states import Stored


class Loyalty:
    """An `Application` of shared.processing. promotion: under whose name conversions count that name none."""

    def __init__(self, promotion: str) -> None:
        self._promotion = promotion

    def key(self, event: Event) -> str | None:
        return customer_of(event) if event.name in KIND_OF else None

    def step(self, state: Customer, event: Event) -> tuple[Customer, Sequence[Effect]]:
        conversion = conversion_of(event, state.key, self._promotion)
        return (state, ()) if conversion is None else convert(state, conversion)

    def read(self, key: str, stored: Stored) -> Customer:
        return read(key, stored.attributes)

    def write(self, state: Customer) -> dict[str, Any]:
        return write(state)
