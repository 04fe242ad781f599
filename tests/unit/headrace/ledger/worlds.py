"""A world for the ledger: requests, what was told of them, and where each of their events has got to."""

import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from headrace.ledger.book import HOUR_MS, Book, opened
from headrace.ledger.counting import figures
from headrace.ledger.figure import Figure, merged
from headrace.ledger.forgetting import Taken, kind_of, notes_of
from headrace.ledger.logs import sequence_key

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

    def reads(self, application: str, *, since: int = 0) -> None:
        """since: epoch ms."""
        self.add("read_by", (application, STREAM, since))

    def done(self, application: str, first: str, last: str, records: int) -> None:
        self.add("batches", (application, STREAM, SHARD, first, last, records))

    def gave_up(self, application: str, first: str, last: str) -> None:
        self.add("given_up", (application, STREAM, SHARD, first, last))

    def figures(self, *, asked_at: int = LATER, stream: str | None = STREAM) -> list[Figure]:
        for table, rows in self._rows.items():
            self.book.add(table, rows)
        self._rows.clear()
        return merged(figures(self.book, stream, asked_at, NOON, warehouse=True))

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


class CloudWatch:
    """Events of a log group, given as many at a time as the service or the emulator would; times are their numbers."""

    def __init__(self, *messages: str, at_once: int, tokens: bool) -> None:
        self.events = [{"timestamp": number, "message": message} for number, message in enumerate(messages, start=1)]
        self.at_once, self.tokens = at_once, tokens

    def filter_log_events(self, *, startTime: int, limit: int, nextToken: str = "0", **_: Any) -> dict[str, Any]:
        found = [one for one in self.events if one["timestamp"] >= startTime][int(nextToken) :]
        answer: dict[str, Any] = {"events": found[: min(self.at_once, limit)]}
        if self.tokens and len(found) > self.at_once:
            answer["nextToken"] = str(int(nextToken) + self.at_once)
        return answer


class S3:
    """As much of S3 as the book reads. NAME: of an object of the hour."""

    NAME = f"raw/{datetime.fromtimestamp(NOON / 1000, UTC):%Y/%m/%d/%H}/a"

    class exceptions:
        class NoSuchKey(Exception):
            pass

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}

    def get_paginator(self, _: str) -> "S3":
        return self

    def paginate(self, *, Prefix: str, StartAfter: str = "", **_: str) -> list[dict[str, Any]]:
        names = [name for name in sorted(self.objects) if name.startswith(Prefix) and name > StartAfter]
        written = datetime.fromtimestamp(NOON / 1000, UTC)
        about = {"LastModified": written, "Size": 1}
        return [{"Contents": [{"Key": name, "ETag": str(hash(self.objects[name])), **about}]} for name in names]

    def get_object(self, Key: str, **_: str) -> dict[str, Any]:
        return {"Body": io.BytesIO(self.objects[Key])}

    def forget(self, version: str, lines: list[bytes], *, name: str = NAME) -> None:
        """Notes lines as taken out of a version of an object."""
        kinds = [kind for line in lines if (kind := kind_of(line))]
        self.objects |= dict(notes_of(name, version, Taken(kinds)))


def envelope(request: str, event: str) -> bytes:
    document = {"request": {"id": event, "timestamp": NOON}, "response": {"id": request}}
    return json.dumps(document).encode()
