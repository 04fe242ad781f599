"""Hours that are complete are closed: their figures stay, and the details they were counted from go."""

from collections.abc import Iterator, Sequence

from headrace.ledger.book import HOUR_MS, Book
from headrace.ledger.figure import BY_SQL, Figure
from headrace.ledger.verdicts import sums

# Firehose tries to deliver for a day; nothing that is complete by then can lack anything later.
OPEN_HOURS = 26


def close_hours(book: Book, found: Sequence[Figure], now: int) -> list[Figure]:
    """Closes what is complete and old enough; returns all figures, those of closed hours among them. now: epoch ms."""
    known = book.rows("select hour, hop, item, count from closed")
    last = now // HOUR_MS - OPEN_HOURS
    hours = {one.hour for one in found if one.hop not in BY_SQL} - {hour for hour, *_ in known}
    hours -= {one.hour for one in found if one.hour >= last or one.missing or one.hop == "waiting"}
    details = [one for one in found if one.hour in hours and one.hop not in BY_SQL]
    with book.at_once():
        book.add("closed", [(one.hour, one.hop, one.item, one.count) for one in details])
        for hour in hours:
            for table in ("requests", "lines", "bad_lines", "records", "loaded"):
                if table == "requests":
                    book.rows(f"delete from bad_told where request in (select request from requests where {_of(hour)})")  # noqa: S608
                book.rows(f"delete from {table} where {_of(hour)}")  # noqa: S608 - our own names and numbers
    kept = [Figure(hour=hour, hop=hop, item=item, count=count) for hour, hop, item, count in known]
    return [*found, *kept, *_left_raw(found, kept)]


def _left_raw(found: Sequence[Figure], kept: Sequence[Figure]) -> Iterator[Figure]:
    """Rows of closed hours that RAW.LOGS has lost since, but for those that were taken out on purpose since. Which
    objects' rows they were is no longer known."""
    counts = sums([*found, *kept])
    if not any(hop == "loaded" for _, hop in counts):
        return  # no warehouse
    forgotten = {one.hour: one.count for one in found if (one.hop, one.item) == ("forgotten", "events")}
    for hour in {one.hour for one in kept}:
        left = counts[hour, "delivered"] - counts[hour, "refused"] - forgotten.get(hour, 0)
        missing = left - counts[hour, "loaded"]
        if missing > 0:
            yield Figure(hour=hour, hop="loaded", missing=missing)


def _of(hour: int) -> str:
    return f"received_at // {HOUR_MS} = {hour}"
