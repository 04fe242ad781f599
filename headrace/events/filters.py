"""Which rows somebody wants to see."""

from dataclasses import dataclass
from urllib.parse import unquote_plus

from headrace.events.rows import Row, payload_of


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
            and (not self.text or self._found_in(row.line.decode("utf-8", "replace")) or self._sent(row))
        )

    def _sent(self, row: Row) -> bool:
        """Whether it is in what a bad row's sender sent, which stands in the line with each of its quotes escaped."""
        return not row.good and self._found_in(payload_of(row))

    def _found_in(self, line: str) -> bool:
        """As it was sent or as it was meant: a urlencoded payload writes a slash as %2F."""
        wanted = self.text.casefold()
        return wanted in line.casefold() or ("%" in line and wanted in unquote_plus(line).casefold())
