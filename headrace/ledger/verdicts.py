"""What the figures mean. No I/O."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from headrace.ledger.book import HOUR_MS
from headrace.ledger.figure import BY_SQL, Figure, merged

# The hops that can lack something, in the order in which an event passes them, and what is wrong then.
MEANING = {
    "bad": "told as bad rows, not in S3 bad/",
    "put": "answered as accepted, and stored nowhere",
    "waiting": "in S3 spill/ for more than an hour, which `reingest` should have put again",
    "delivered": "accepted, not in S3 raw/",
    "refused": "lines of S3 raw/ that the pipe refused",
    "loaded": "in S3 raw/, not in RAW.LOGS",
    "modelled": "passed over by the last transformation: in RAW.LOGS, not in EVENTS.LOGS",
    "processed": "in a stream, neither processed nor given up",
}


def lacking(found: Iterable[Figure]) -> list[Figure]:
    """What is missing, in the order of hours and then of hops."""
    hops = list(MEANING)
    return sorted((one for one in found if one.missing), key=lambda one: (one.hour, hops.index(one.hop), one.item))


def sums(found: Iterable[Figure]) -> Counter[tuple[int, str]]:
    """By hour and hop, all items of a hop together."""
    added: Counter[tuple[int, str]] = Counter()
    for one in found:
        added[one.hour, one.hop] += one.count
    return added


def hour_of(number: int) -> datetime:
    """UTC."""
    return datetime.fromtimestamp(number * HOUR_MS / 1000, UTC)


def sentence(one: Figure) -> str:
    """What is missing where, in one line."""
    hop = f"{one.hop} ({one.item})" if one.item else one.hop
    return f"{one.missing:,} missing at {hop}, hour {hour_of(one.hour):%Y-%m-%d %H:00} UTC: {MEANING[one.hop]}"


def open_hours(counted: Sequence[Figure]) -> list[Figure]:
    """The figures of those hours of which the book has details, or has learnt something since they were closed."""
    hours = {one.hour for one in counted if one.hop not in BY_SQL}
    return [one for one in counted if one.hour in hours]


def changed_hours(counted: Sequence[Figure], found: Sequence[Figure], lacked: Collection[int]) -> list[Figure]:
    """The figures of those hours that may say something else than they did: which are not closed, which lack something
    or did. Of these only what the book itself knows something of: the warehouse counts all that it has, and what a new
    book no longer knows of the others would be written over.

    counted: now. found: that, and what is kept of closed hours. lacked: hours that did when this was asked last.
    """
    known = {one.hour for one in found if one.hop not in BY_SQL}
    wanted = {one.hour for one in open_hours(counted)}
    wanted |= known & ({one.hour for one in found if one.missing} | set(lacked))
    return [one for one in found if one.hour in wanted]


def rows_of(found: Iterable[Figure], counted_at: datetime) -> list[tuple[object, ...]]:
    """The figures as rows of RAW.ACCOUNTS, whose times are UTC without a zone."""
    counted_at = counted_at.astimezone(UTC).replace(tzinfo=None)
    return [
        (hour_of(one.hour).replace(tzinfo=None), one.hop, one.item, one.count, one.missing, counted_at)
        for one in merged(found)
    ]


def document(stack: str, found: Sequence[Figure], missing: Sequence[Figure]) -> dict[str, Any]:
    """The ledger for programs."""
    return {
        "stack": stack,
        "agrees": not missing,
        "missing": [_row(one) for one in missing],
        "hours": [_row(one) for one in sorted(merged(found), key=lambda one: (one.hour, one.hop, one.item))],
    }


def _row(one: Figure) -> dict[str, Any]:
    hour = f"{hour_of(one.hour):%Y-%m-%dT%H:00:00Z}"
    return {"hour": hour, "hop": one.hop, "item": one.item, "count": one.count, "missing": one.missing}
