"""What Amazon Personalize was told of the person. In the embedded cloud that is lines of a file that only grows.

Its endpoint adds to it at any time, so a line is blanked where it stands: nothing that comes meanwhile is lost. AWS's
own takes a list of users.
"""

import csv
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from headrace.forget.person import Person

USERS = "forget-personalize.csv"
OWNER_ONLY = 0o600


class Line(NamedTuple):
    """Where a line stands. size: bytes without its end."""

    start: int
    size: int


def find(record: Path, person: Person) -> list[Line]:
    """The person's: those that name them, and of sessions that were theirs what names nobody.

    Segment's sessions are clients. Of other trackers' those are theirs in which they were named.
    """
    calls = list(_calls(record))
    sessions = person.client_ids | {call["sessionId"] for _, call in calls if _names(call, person)}
    return [
        line
        for line, call in calls
        if _names(call, person)
        or (call["sessionId"] in sessions and (person.whole_clients or call.get("userId") is None))
    ]


def remove(record: Path, lines: Sequence[Line]) -> None:
    if not lines:
        return
    with record.open("r+b") as file:
        for line in lines:
            file.seek(line.start)
            file.write(b" " * line.size)


def list_users(folder: Path, person: Person) -> Path:
    """Writes all ids under which Personalize may know the person into a file for its owner's eyes only, as a data
    deletion job takes them.
    https://docs.aws.amazon.com/personalize/latest/dg/delete-records.html"""
    path = folder / USERS
    with os.fdopen(os.open(path, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, OWNER_ONLY), "w", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([one] for one in ("USER_ID", *sorted(person.ids)))
    return path


def _names(call: dict[str, Any], person: Person) -> bool:
    return call.get("userId") is not None and person.is_called(call["userId"])


def _calls(record: Path) -> Iterator[tuple[Line, dict[str, Any]]]:
    if not record.exists():
        return
    start = 0
    with record.open("rb") as file:
        for line in file:
            if line.endswith(b"\n") and line.strip():  # else it is blank, or being written
                yield Line(start, len(line) - 1), orjson.loads(line)
            start += len(line)
