"""The newest rows in memory, bounded, and how many there were: what the page and its API show."""

import threading
import time
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import takewhile

from headrace.events.feed import Feed
from headrace.events.filters import Filter
from headrace.events.rows import Row

KEPT = 1_000  # rows: more than anybody scrolls through, and a few megabytes


@dataclass(frozen=True, slots=True)
class Numbered:
    """A row and its place in the order of arrival here."""

    number: int
    row: Row


@dataclass
class Counts:
    """Rows since the beginning or the last reset, also those that are not kept any more."""

    good: int = 0
    bad: int = 0
    protocols: Counter[tuple[str, bool]] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)

    def add(self, row: Row) -> None:
        self.good += row.good
        self.bad += not row.good
        self.protocols[row.protocol, row.good] += 1
        if row.reason:
            self.reasons[row.reason] += 1

    def as_json(self) -> dict[str, object]:
        protocols = sorted({protocol for protocol, _ in self.protocols})
        return {
            "total": self.good + self.bad,
            "good": self.good,
            "bad": self.bad,
            "protocols": {
                name: {"good": self.protocols[name, True], "bad": self.protocols[name, False]} for name in protocols
            },
            "reasons": dict(self.reasons.most_common()),
        }


class Watch:
    """Rows as they come. connect: makes the feed of the stack as it is now, and says which one that is, so that a
    deployment that replaces a stream is noticed. For several threads."""

    def __init__(self, connect: Callable[[], tuple[str, Callable[[], Feed]]]) -> None:
        self._connect, self._feed, self._identity = connect, None, ""
        self._reading = threading.Lock()
        self._begin = 0
        self._forget()

    def refresh(self) -> None:
        """Reads what has come. Raises Problem where nothing is deployed, and botocore's errors."""
        with self._reading:
            identity, make_feed = self._connect()
            if self._feed is None or identity != self._identity:
                feed = make_feed()
                rows = feed.newest(KEPT, lambda _: True)
                self._forget()
                self._feed, self._identity = feed, identity
            else:
                rows = self._feed.new()
            self._take(rows)

    def reset(self) -> None:
        """Forgets all rows, also those that were received before now and are still on their way here."""
        self.refresh()
        with self._reading:
            self._begin = time.time_ns() // 1_000_000
            self._forget()

    def since(self, number: int) -> list[Numbered]:
        """The rows after the one of this number, as far as they are kept, in their order."""
        return list(takewhile(lambda one: one.number > number, reversed(self._rows)))[::-1]

    def row(self, number: int) -> Row | None:
        """The row of this number, None once it is not kept any more."""
        return next((one.row for one in self._rows if one.number == number), None)

    def matching(self, wanted: Filter, limit: int) -> list[Row]:
        """The newest rows that a filter holds, the newest first."""
        found = [one.row for one in list(self._rows) if wanted.holds(one.row)]
        return found[::-1][:limit]

    def _take(self, rows: list[Row]) -> None:
        for row in rows:
            if row.received_at < self._begin:
                continue
            self.last += 1
            self.counts.add(row)
            self._rows.append(Numbered(self.last, row))

    def _forget(self) -> None:
        # Another epoch tells those who look that what they have seen is no more.
        self.epoch = str(time.time_ns())
        self.last = 0
        self.counts = Counts()
        self._rows: deque[Numbered] = deque(maxlen=KEPT)
