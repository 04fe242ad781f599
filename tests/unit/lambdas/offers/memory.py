"""Tables in memory, with the promises of the real ones, for histories by the hundred."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from shared.effects import Effect
from shared.states import NOTHING, Conflict, StateTable, Stored


class MemoryTable(StateTable):
    """effects: all that was written, in order."""

    def __init__(self) -> None:
        self.items: dict[str, Stored] = {}
        self.effects: list[Effect] = []

    def load(self, keys: Collection[str]) -> dict[str, Stored]:
        return {key: self.items.get(key, NOTHING) for key in keys}

    def save(self, key: str, attributes: Mapping[str, Any], version: int, effects: Sequence[Effect] = ()) -> None:
        if self.items.get(key, NOTHING).version != version:
            raise Conflict(key)
        self.items[key] = Stored(attributes, version + 1)
        self.effects += effects
