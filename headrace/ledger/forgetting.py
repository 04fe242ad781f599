"""Lines that `make forget` took out of objects: nobody is to miss them.

Before it writes an object anew it notes in the bucket how many lines of which hour it takes out, and of nobody. So it
does not matter whether the ledger still reads an object of that age, or has ever read it.

    forgotten/events/OBJECT/VERSION    {"490000": 2}     lines by hour, of the version that had them
    forgotten/bad/OBJECT/VERSION
"""

import json
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import orjson

from headrace.hops.cloud import CONNECTIONS
from headrace.ledger.book import HOUR_MS, Book
from headrace.ledger.objects import bad_row_of, event_of

PREFIX = "forgotten/"

Taken = Counter[tuple[str, int]]
"""Lines by what they are, `events` or `bad`, and hour."""


def kind_of(line: bytes) -> tuple[str, int] | None:
    """What a line of `raw/`, `bad/` or `spill/` is, and of which hour; None of what is none of the collector's."""
    try:
        value = orjson.loads(line)
        item = "bad" if "reason" in value else value.get("target", "events")
        plain = value["data"].encode() if "target" in value else line
        row = bad_row_of(plain) if item == "bad" else event_of(plain)
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    return row and (item, row[0] // HOUR_MS)


def notes_of(name: str, version: str, taken: Taken) -> Iterator[tuple[str, bytes]]:
    """The notes on an object, each with its own name. The same lines of the same version have the same notes."""
    for item in sorted({item for item, _ in taken}):
        hours = {str(hour): lines for (one, hour), lines in sorted(taken.items()) if one == item}
        yield f"{PREFIX}{item}/{name}/{version}", json.dumps(hours).encode()


def read_notes(s3: Any, bucket: str, book: Book) -> None:
    """Puts what is new into the book. Read after the objects themselves, so that what these lack is noted already.
    Raises botocore's errors."""
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=PREFIX)
    listed = [(one["Key"], one["ETag"]) for page in pages for one in page.get("Contents", [])]
    known = dict(book.rows("select name, etag from objects where starts_with(name, ?)", [PREFIX]))
    new = [(name, etag) for name, etag in listed if known.get(name) != etag]

    def read(note: tuple[str, str]) -> dict[str, int]:
        return json.loads(s3.get_object(Bucket=bucket, Key=note[0])["Body"].read())

    with ThreadPoolExecutor(CONNECTIONS) as readers:
        hours = list(readers.map(read, new))
    with book.at_once():
        for name, _ in new:
            book.rows("delete from objects where name = ?", [name])
            book.rows("delete from forgotten where object = ?", [name.removeprefix(PREFIX)])
        book.add("objects", [(name, etag, 0, 0) for name, etag in new])
        book.add(
            "forgotten",
            [
                (name.removeprefix(PREFIX), int(hour) * HOUR_MS, lines)
                for (name, _), found in zip(new, hours, strict=True)
                for hour, lines in found.items()
            ],
        )
