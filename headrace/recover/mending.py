"""The transformation: a Python file with `def mend(hit, row)`, of whoever knows what went wrong.

    def mend(hit, row):
        if row.reason == "unknown_hit_type" and hit.get("t") == "page":
            hit["t"] = "pageview"
        return hit  # None leaves the row as it is

hit: what was sent, as an object that may be changed; a text where it could not be read as one, in whose place a text or
an object may be returned. row: the bad row (headrace.recover.rows.BadRow).
"""

import copy
import runpy
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

import orjson

from headrace.console import Problem
from headrace.recover.rows import BadRow
from headrace.recover.trackers.tracker import Tracker
from headrace.report.wording import printable

Mend = Callable[[Any, BadRow], Any]
NAMESPACE = UUID("d4d6a2b2-6d3e-4f0e-9a4c-2f5b0e9c7a11")


@dataclass(frozen=True, kw_only=True)
class Mended:
    """One hit on its way back. hit: settled, in JSON's types. headers: those of the request it came in."""

    row: str
    event_id: str
    protocol: str
    received_at: int
    hit: dict[str, Any]
    headers: dict[str, str]


@dataclass(frozen=True, kw_only=True)
class Left:
    """A hit that is not sent. reason: `left` (by the file), `unreadable`, `cut`, `hashed`, or the collector's."""

    reason: str
    message: str


def load(file: Path | None) -> Mend:
    """The function in a file; without one, hits stay as they are. Raises Problem."""
    if file is None:
        return lambda hit, _: hit
    if file.is_dir():
        raise Problem(f"{file} is a folder", "name a Python file with `def mend(hit, row)`")
    try:
        found = runpy.run_path(str(file)).get("mend")
    except OSError as error:
        raise Problem(
            f"{file} can not be read ({error.strerror})", "name a Python file with `def mend(hit, row)`"
        ) from error
    except (Exception, SystemExit) as error:  # whatever a person's program may raise
        raise Problem(f"{file} fails as it is loaded ({_said(error)})", "mend it first") from error
    if not callable(found):
        raise Problem(f"{file} has no function `mend`", "write `def mend(hit, row)`; see docs/recovering.md")
    return found


def mended(row: BadRow, tracker: Tracker, mend: Mend, name: str) -> list[tuple[Any, Mended | Left]]:
    """Each hit of a row as it was, and what becomes of it. name: of the file. Raises Problem where the file fails."""
    if row.cut:
        left = Left(reason="cut", message="more was sent than the row keeps: what is missing can not be made up")
        return [(row.payload, left)]
    return [
        (hit, _mended(hit, row, tracker, mend, name, number))
        for number, hit in enumerate(tracker.read(row.payload, row))
    ]


def _mended(hit: Any, row: BadRow, tracker: Tracker, mend: Mend, name: str, number: int) -> Mended | Left:
    try:
        result = mend(copy.deepcopy(hit), row)
    except (Exception, SystemExit) as error:  # whatever a person's program may raise
        shown = printable(row.payload[:200])
        raise Problem(f"{name} fails ({_said(error)}) with a row of reason {row.reason}: {shown}", "mend it") from error
    if result is None:
        return Left(reason="left", message="mend returned None")
    if isinstance(result, str):
        (result, *more) = tracker.read(result, row) if result != hit else [result]
        if more or not isinstance(result, dict):
            return Left(reason="unreadable", message="it is no object, and mend made none of it")
    try:
        if not isinstance(result, dict):
            raise TypeError(f"a {type(result).__name__}")
        result = orjson.loads(orjson.dumps(result))
    except TypeError as error:
        if result == hit:  # numbers that no reader takes, halves of surrogate pairs
            return Left(reason="unreadable", message=f"it can not be written as JSON: {error}")
        raise Problem(f"{name} returns what is no hit ({error})", "return JSON's types, a text, or None") from error
    event_id = str(uuid5(NAMESPACE, f"{row.identity}/{number}"))
    return Mended(
        row=row.identity,
        event_id=event_id,
        protocol=row.protocol,
        received_at=row.received_at,
        hit=tracker.settle(result, row, event_id),
        headers=_headers(row),
    )


def _headers(row: BadRow) -> dict[str, str]:
    """Whose browser it was. How the body was written is another matter now."""
    return {name: value for name, value in row.headers.items() if name not in ("content-type", "content-encoding")}


def _said(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
