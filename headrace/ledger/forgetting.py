"""Lines that `make forget` took out of objects: nobody is to miss them.

It counts in an object's metadata what it took out. In which hours those lines were received is known where the book had
read the object before and the hour is not closed; else they count for the hour of what is left of it, or of its folder.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from headrace.ledger.book import HOUR_MS

Hours = Mapping[int, int]
"""Lines by hour."""


def taken_out(name: str, told: int, known: int, before: Hours, after: Hours) -> Counter[int]:
    """The lines that an object newly lacks on purpose, by hour.

    told: how many its metadata says were taken out. known: how many of these the book knows already. before: what the
    book had of it, without closed hours; empty where it had not read it. What is gone beyond what was told is missing.
    """
    left = max(0, told - known)
    found: Counter[int] = Counter()
    for hour in sorted(before):
        found[hour] = min(left, max(0, before[hour] - after.get(hour, 0)))
        left -= found[hour]
    unknown = [hour for hour in after if hour not in before]
    if left:
        hour = max(unknown, key=lambda one: after[one]) if unknown else _folder_hour(name)
        if hour is not None and hour not in before:
            found[hour] += left
    return +found


def by_hour(received: Iterable[int]) -> Counter[int]:
    """received: epoch ms."""
    return Counter(one // HOUR_MS for one in received)


def _folder_hour(name: str) -> int | None:
    try:
        folder = datetime.strptime("/".join(name.split("/")[1:5]), "%Y/%m/%d/%H")
    except ValueError:
        return None
    return round(folder.replace(tzinfo=UTC).timestamp() * 1000) // HOUR_MS
