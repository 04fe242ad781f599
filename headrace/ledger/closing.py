"""Hours that are complete are closed: their figures stay, and the details they were counted from go."""

from collections.abc import Iterator, Sequence

from headrace.ledger.book import HOUR_MS, Book
from headrace.ledger.figure import BY_SQL, Figure
from headrace.ledger.logs import SEQUENCE_DIGITS
from headrace.ledger.objects import PREFIXES, first_folder
from headrace.ledger.verdicts import sums

# Firehose tries to deliver for a day; nothing that is complete by then can lack anything later.
OPEN_HOURS = 26
DETAILS = ("requests", "lines", "bad_lines", "records")


def first_open_hour(book: Book) -> int | None:
    """The first of which the book has details; None where it has none."""
    received = " union all ".join(f"select min(received_at) as first from {table}" for table in DETAILS)  # noqa: S608
    ((first,),) = book.rows(f"select min(first) // {HOUR_MS} from ({received})")  # noqa: S608
    return first


def with_closed(book: Book, counted: Sequence[Figure]) -> list[Figure]:
    """What was counted now, and the figures of closed hours as they were."""
    kept = _kept(book)
    closed = {one.hour for one in kept}
    # An hour that is still open may lie before them: then the warehouse was asked of their events too.
    fresh = [one for one in counted if one.hour not in closed or one.hop not in BY_SQL - {"loaded"}]
    return [*fresh, *kept, *_left_raw(fresh, kept)]


def close_hours(book: Book, counted: Sequence[Figure], now: int, begin: int) -> None:
    """Closes what is complete and old enough. counted: what was, not what is kept of closed hours. now: epoch ms.
    begin: since when objects are read, epoch ms."""
    last = now // HOUR_MS - OPEN_HOURS
    counts = sums(counted)
    hours = {one.hour for one in counted if one.hop not in BY_SQL} - {one.hour for one in _kept(book)}
    hours -= {one.hour for one in counted if one.hour >= last or one.missing or one.hop == "waiting"}
    hours -= {hour for hour in hours if counts[hour, "modelled"] < counts[hour, "distinct"]}
    details = [one for one in counted if one.hour in hours and one.hop != "loaded"]
    with book.at_once():
        book.add("closed", [(one.hour, one.hop, one.item, one.count) for one in details])
        for hour in hours:
            book.rows(f"delete from bad_told where request in (select request from requests where {_of(hour)})")  # noqa: S608
            for table in (*DETAILS, "loaded"):
                book.rows(f"delete from {table} where {_of(hour)}")  # noqa: S608 - our own names and numbers
        _drop_what_is_past(book, begin)


def _drop_what_is_past(book: Book, begin: int) -> None:
    """Batches before the first record that the book still has of their shard, and objects that are not listed any more
    and have no lines left. Of a shard without records, what was told of those that are yet to be read stays."""
    for table in ("batches", "given_up"):
        book.rows(f"""
            delete from {table} using (
                select source, coalesce(first, lpad(position, {SEQUENCE_DIGITS}, '0')) as first from positions
                left join (select stream || '/' || shard as source, min(sequence) as first from records group by 1)
                    using (source)
            ) as kept
            where kept.source = {table}.stream || '/' || {table}.shard and {table}.last < kept.first
        """)  # noqa: S608
    with_lines = "select object from lines union all select object from bad_lines"
    for prefix in PREFIXES:
        book.rows(
            f"delete from objects where starts_with(name, ?) and name < ? and unreadable = 0 "  # noqa: S608
            f"and name not in ({with_lines})",
            [prefix, first_folder(prefix, begin)],
        )


def note_lacking(book: Book, found: Sequence[Figure]) -> None:
    """Notes the hours that lack something: what was written of them is to be written anew once they do not."""
    with book.at_once():
        book.clear("lacking")
        book.add("lacking", [(hour,) for hour in sorted({one.hour for one in found if one.missing})])


def _kept(book: Book) -> list[Figure]:
    rows = book.rows("select hour, hop, item, count from closed")
    return [Figure(hour=hour, hop=hop, item=item, count=count) for hour, hop, item, count in rows]


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
