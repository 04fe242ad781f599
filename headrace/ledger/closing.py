"""Hours that are complete are closed: their figures stay, and the details they were counted from go."""

from collections.abc import Sequence

from headrace.ledger.book import HOUR_MS, Book
from headrace.ledger.figure import Figure
from headrace.ledger.tables import BY_SQL

# Firehose tries to deliver for a day; nothing that is complete by then can lack anything later.
OPEN_HOURS = 26


def close_hours(book: Book, found: Sequence[Figure], now: int) -> list[Figure]:
    """Closes what is complete and old enough; returns all figures, those of closed hours among them. now: epoch ms."""
    known = book.rows("select hour, hop, item, count from closed")
    last = now // HOUR_MS - OPEN_HOURS
    hours = {one.hour for one in found if one.hop not in BY_SQL}
    hours -= {one.hour for one in found if one.hour >= last or one.missing or one.hop == "waiting"}
    details = [one for one in found if one.hour in hours and one.hop not in BY_SQL]
    with book.at_once():
        book.add("closed", [(one.hour, one.hop, one.item, one.count) for one in details])
        for hour in hours:
            for table in ("requests", "lines", "bad_lines", "records"):
                if table == "requests":
                    book.rows(f"delete from bad_told where request in (select request from requests where {_of(hour)})")  # noqa: S608
                book.rows(f"delete from {table} where {_of(hour)}")  # noqa: S608 - our own names and numbers
    return [*found, *(Figure(hour=hour, hop=hop, item=item, count=count) for hour, hop, item, count in known)]


def _of(hour: int) -> str:
    return f"received_at // {HOUR_MS} = {hour}"
