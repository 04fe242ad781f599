"""Which rows somebody wants to see."""

from dataclasses import dataclass

from headrace.events.rows import Row


@dataclass(frozen=True, kw_only=True)
class Filter:
    """What is None or empty does not matter. good: True for good rows alone, False for bad ones.

    name: an event's, canonical or its own. text: anywhere in the row, capitals or not.
    """

    good: bool | None = None
    protocol: str = ""
    name: str = ""
    reason: str = ""
    text: str = ""

    def holds(self, row: Row) -> bool:
        return (
            (self.good is None or row.good is self.good)
            and (not self.protocol or row.protocol == self.protocol)
            and (not self.name or row.name == self.name)
            and (not self.reason or row.reason == self.reason)
            and (not self.text or self.text.casefold() in row.line.decode("utf-8", "replace").casefold())
        )
