"""A world for the ledger: requests, what was told of them, and where each of their events has got to."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from headrace.ledger.book import HOUR_MS, Book, opened
from headrace.ledger.counting import figures
from headrace.ledger.figure import Figure, merged
from headrace.ledger.logs import sequence_key
from headrace.ledger.tables import Tables

STREAM, SHARD = "events", "shard-0"
NOON = 490_000 * HOUR_MS
LATER = NOON + 100 * HOUR_MS


class World:
    """One stream of one shard, and one object an hour."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self._sequence = 0
        self._rows: dict[str, list[tuple[object, ...]]] = {}

    def add(self, table: str, *rows: tuple[object, ...]) -> None:
        """Kept until figures are asked for: a thousand rows cost the book what one does."""
        self._rows.setdefault(table, []).extend(rows)

    def told(self, request: str, events: int, *, hour: int = 0, repeated: int = 0, **bad: int) -> None:
        """A request's account."""
        at = NOON + hour * HOUR_MS
        self.add("requests", (request, at, at, events, repeated, 0, 0, 0, 0))
        self.add("bad_told", *((request, reason, count) for reason, count in bad.items()))

    def put(self, request: str, event: str, *, hour: int = 0) -> str:
        """A record; returns its sequence number."""
        self._sequence += 1
        sequence, at = sequence_key(str(self._sequence)), NOON + hour * HOUR_MS
        self.add("records", (STREAM, SHARD, sequence, at, at, request, event))
        return sequence

    def deliver(self, request: str, event: str, *, hour: int = 0, name: str = "raw/2025/11/24/16/a") -> None:
        """A line of an object."""
        at = NOON + hour * HOUR_MS
        self.add("objects", (name, "etag", at, 0))
        self.add("lines", (name, at, request, event))

    def load(self, rows: int, *, hour: int = 0, name: str = "raw/2025/11/24/16/a") -> None:
        self.add("loaded", (name, NOON + hour * HOUR_MS, rows))

    def reads(self, application: str) -> None:
        self.add("read_by", (application, STREAM))

    def done(self, application: str, first: str, last: str, records: int) -> None:
        self.add("batches", (application, STREAM, SHARD, first, last, records))

    def gave_up(self, application: str, first: str, last: str) -> None:
        self.add("given_up", (application, STREAM, SHARD, first, last))

    def figures(self, *, asked_at: int = LATER, stream: str | None = STREAM) -> list[Figure]:
        for table, rows in self._rows.items():
            self.book.add(table, rows)
        self._rows.clear()
        return merged(figures(self.book, stream, asked_at, NOON, Tables(hours={}, transformed=False)))

    def missing(self, **asked: Any) -> dict[tuple[int, str, str], int]:
        """By hour from noon on, hop and item."""
        found = self.figures(**asked)
        return {(one.hour - NOON // HOUR_MS, one.hop, one.item): one.missing for one in found if one.missing}

    def count(self, hop: str) -> int:
        return sum(one.count for one in self.figures() if one.hop == hop)


@contextmanager
def world(path: Path) -> Iterator[World]:
    """In a file, so that it is the book as users have it; ":memory:" where only the figures matter."""
    with opened(path) as book:
        yield World(book)


def account_line(request: str, **fields: object) -> str:
    """A line of the collector's log."""
    line = {"message": "request", "request_id": request, "received_at": NOON, "accepted": 1, "bad": {}, **fields}
    return json.dumps(line, separators=(",", ":"))
