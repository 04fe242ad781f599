"""The figures of each hour and hop out of the book: how many there are, and how many are missing. SQL alone.

An hour is the one in which the collector received an event, by the time that the event itself carries: so the same
event is in the same hour at every hop. `asked_at`: only what was told or stored by then can be missing somewhere.
"""

# ruff: noqa: S608  (statements are made of the book's own names and of numbers)

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from headrace.ledger.applications import processed
from headrace.ledger.book import HOUR_MS, OPEN, Book
from headrace.ledger.figure import BY_SQL, Figure
from headrace.ledger.tables import Tables

HOUR = f"received_at // {HOUR_MS}"

# A request's account is the last that it leaves, and CloudWatch shows it some seconds after it was written.
ACCOUNT_MS = 60_000
UNTOLD = "untold"  # no hop of the ledger's: what is worth waiting for
# `reingest` empties spill/ every five minutes, and a stream that refuses for so long needs somebody.
SPILLED_MS = HOUR_MS

# Every place in which an event can lie behind the collector. Only the stream says when it came.
FOUND = """
    select request, event, received_at, arrived_at from records where stream = $stream and request is not null
    union all select request, event, received_at, null from lines
    union all select request, item, received_at, null from spilled where target = 'events'
"""
BAD_FOUND = """
    select request, reason, received_at, object from bad_lines
    union all select request, item, received_at, 'spill' from spilled where target = 'bad'
"""


def figures(book: Book, stream: str | None, asked_at: int, begin: int, *, warehouse: bool) -> list[Figure]:
    """stream: the collector's own; None where it has none. begin: epoch ms, since when there are accounts. warehouse:
    whether there is one."""
    told = [*_told(book), *_bad(book, asked_at)]
    found = [*_received(told), *told, *_stored(book, stream or "", asked_at)]
    found += [*_unanswered(book, stream or "", begin, asked_at), *_waiting(book, asked_at)]
    if stream:
        found += _delivered(book, stream, asked_at)
    if warehouse:
        found += _loaded(book, asked_at)
    found += [*processed(book, asked_at), *_given_up(book)]
    return list(_without_forgotten(book, found))


def _without_forgotten(book: Book, found: Iterable[Figure]) -> Iterator[Figure]:
    """What was taken out on purpose is missing nowhere; the stream has it as long as it keeps anything.

    Of a closed hour only what was taken out since it was closed is told here: its own figures have the rest. Of an hour
    that the book does not know otherwise nothing is told: it may be from before the book was begun.
    """
    found = list(found)
    known = {hour for (hour,) in book.rows("select hour from closed")}
    known |= {one.hour for one in found if one.hop not in BY_SQL}
    statement = f"""
        select hour, item, cast(lines - coalesce(told, 0) as bigint) from (
            select {HOUR} as hour, case when object like 'bad/%' then 'bad' else 'events' end as item,
                sum(lines) as lines
            from forgotten group by 1, 2
        )
        left join (select hour, item, sum(count) as told from closed where hop = 'forgotten' group by 1, 2)
            using (hour, item)
        where lines > coalesce(told, 0)
    """
    forgotten: dict[tuple[int, bool], int] = {}
    for hour, item, lines in book.rows(statement):
        if hour not in known:
            continue
        forgotten[hour, item == "bad"] = lines
        yield Figure(hour=hour, hop="forgotten", item=item, count=lines)
    for one in found:
        place = (one.hour, one.hop == "bad")
        if one.hop in ("bad", "put", "delivered") and one.missing and place in forgotten:
            excused = min(one.missing, forgotten[place])
            if one.hop == "bad":  # of several reasons each line is one's
                forgotten[place] -= excused
            one = replace(one, missing=one.missing - excused)
        yield one


def _told(book: Book) -> Iterator[Figure]:
    """The collector's own account."""
    sums = ", ".join(f"cast(sum({name}) as bigint)" for name in ("accepted", "declined", "retried", "spilled", "lost"))
    for hour, *counts in book.rows(f"select {HOUR}, {sums} from requests group by 1"):
        for hop, count in zip(("accepted", "declined", "retried", "spilled", "lost"), counts, strict=True):
            if count or hop == "accepted":
                yield Figure(hour=hour, hop=hop, count=count)


def _received(told: Sequence[Figure]) -> Iterator[Figure]:
    """Whatever became of it."""
    received: Counter[int] = Counter()
    for one in told:
        received[one.hour] += one.count if one.hop in ("accepted", "bad", "declined", "lost") else 0
    for hour, count in received.items():
        yield Figure(hour=hour, hop="received", count=count)


def _bad(book: Book, asked_at: int) -> Iterator[Figure]:
    """By reason. Firehose may deliver a bad row twice, which has no id of its own: so only a lack counts."""
    statement = f"""
        select received_at // {HOUR_MS}, reason, cast(sum(told) as bigint),
            cast(sum(case when told_at <= {asked_at} then greatest(0, told - coalesce(stored, 0)) else 0 end) as bigint)
        from bad_told join requests using (request)
        left join (select request, reason, count(*) as stored from ({BAD_FOUND}) group by 1, 2) using (request, reason)
        group by 1, 2
    """
    for hour, reason, told, missing in book.rows(statement):
        yield Figure(hour=hour, hop="bad", item=reason, count=told, missing=missing)


def _stored(book: Book, stream: str, asked_at: int) -> Iterator[Figure]:
    """Request by request: of the events that its client was told are accepted, those that lie nowhere at all.

    By the events' ids, so that one which was stored twice stands for no other.
    """
    statement = f"""
        select {HOUR}, cast(sum(greatest(0, accepted - repeated - coalesce(stored, 0))) as bigint)
        from requests
        left join (select request, count(distinct event) as stored from ({FOUND}) group by 1) using (request)
        where told_at <= {asked_at}
        group by 1
    """
    missing = dict(_pairs(book, statement, stream))
    table, only = ("records", "where stream = $stream and request is not null") if stream else ("lines", "")
    counts = dict(_pairs(book, f"select {HOUR}, count(*) from {table} {only} group by 1", stream))
    for hour in missing.keys() | counts.keys():
        hop = "put" if stream else "delivered"
        yield Figure(hour=hour, hop=hop, count=counts.get(hour, 0), missing=missing.get(hour, 0))


def _delivered(book: Book, stream: str, asked_at: int) -> Iterator[Figure]:
    """What the stream has and the bucket has not."""
    counts = dict(book.rows(f"select {HOUR}, count(*) from lines group by 1"))
    statement = f"""
        select {HOUR}, count(*) from (
            select distinct request, event, received_at from records
            where stream = $stream and request is not null and arrived_at <= {asked_at}
        ) as put
        anti join lines on put.request = lines.request and put.event = lines.event
        group by 1
    """
    missing = dict(_pairs(book, statement, stream))
    for hour in missing.keys() | counts.keys():
        yield Figure(hour=hour, hop="delivered", count=counts.get(hour, 0), missing=missing.get(hour, 0))


def _unanswered(book: Book, stream: str, begin: int, asked_at: int) -> Iterator[Figure]:
    """Events of requests that the collector has told nothing of: it was killed between storing and answering. What has
    just come is UNTOLD: it may not have told of it yet."""
    statement = f"""
        select {HOUR}, if(came_at <= {asked_at - ACCOUNT_MS}, 'unanswered', '{UNTOLD}'), count(*) from (
            select request, event, received_at, coalesce(min(arrived_at), received_at) as came_at
            from ({FOUND}) group by 1, 2, 3
        ) as found
        anti join requests on found.request = requests.request
        where received_at >= {begin} and came_at <= {asked_at} and {OPEN}
        group by 1, 2
    """
    for hour, hop, count in book.rows(statement, {"stream": stream}):
        yield Figure(hour=hour, hop=hop, count=count)


def _waiting(book: Book, asked_at: int) -> Iterator[Figure]:
    statement = f"""
        select {HOUR}, target, count(*), count(*) filter (written_at <= {asked_at - SPILLED_MS})
        from spilled group by 1, 2
    """
    for hour, target, count, missing in book.rows(statement):
        yield Figure(hour=hour, hop="waiting", item=target, count=count, missing=missing)


def _given_up(book: Book) -> Iterator[Figure]:
    """What lies among the dead letters and is no range of a stream's records, by the hour in which it got there."""
    hour = f"given_up_at // {HOUR_MS}"
    statement = f"""
        select {hour}, whose, cast(sum(records) as bigint) from letters
        where {hour} not in (select hour from closed) group by 1, 2
    """
    for number, whose, records in book.rows(statement):
        yield Figure(hour=number, hop="failed", item=whose, count=records)


def _loaded(book: Book, asked_at: int) -> Iterator[Figure]:
    """Object by object, whose lines are numbered: a row that stands there twice stands for no other.

    What the pipe refused of an object is refused in the hours in which it lacks lines; lines that no collector wrote
    have no hour but that of their object's folder.
    """
    statement = f"""
        with expected as (
            select object, {HOUR} as hour, count(*) as lines from lines join objects on object = name
            where written_at <= {asked_at} group by 1, 2
        ), lacking as (
            select object, hour, greatest(0, lines - coalesce(rows, 0)) as missing
            from expected
            left join (select object, {HOUR} as hour, sum(rows) as rows from loaded group by 1, 2) using (object, hour)
        ), explained as (
            select lacking.object, hour, missing,
                greatest(0, coalesce(refused.lines, 0) - unreadable
                    - coalesce(sum(missing) over earlier, 0)) as refusable
            from lacking join objects on lacking.object = name
            left join refused on string_split(lacking.object, '/')[-1] = refused.object
            window earlier as (
                partition by lacking.object order by hour rows between unbounded preceding and 1 preceding
            )
        )
        select hour, cast(sum(missing - least(missing, refusable)) as bigint),
            cast(sum(least(missing, refusable)) as bigint)
        from explained group by 1
    """
    for hour, missing, refused in book.rows(statement):
        yield Figure(hour=hour, hop="loaded", missing=missing)
        if refused:
            yield Figure(hour=hour, hop="refused", count=refused, missing=refused)
    strangers = f"""
        select epoch_ms(strptime(name[5:17], '%Y/%m/%d/%H')) // {HOUR_MS}, cast(sum(unreadable) as bigint) from objects
        where unreadable > 0 and name like 'raw/____/__/__/__/%' group by 1
    """
    for hour, count in book.rows(strangers):
        yield Figure(hour=hour, hop="refused", item="not an envelope", count=count, missing=count)


def by_sql(tables: Tables) -> Iterator[Figure]:
    """What the warehouse itself counts. It gives the rows of all hours, and the events of some."""
    for hour, rows in tables.rows.items():
        yield Figure(hour=hour, hop="loaded", count=rows)
    for hour, events in tables.events.items():
        yield Figure(hour=hour, hop="duplicate", count=tables.rows.get(hour, 0) - events.distinct)
        yield Figure(hour=hour, hop="distinct", count=events.distinct)
        if tables.transformed:
            yield Figure(hour=hour, hop="modelled", count=events.modelled, missing=events.unmodelled)


def _pairs(book: Book, statement: str, stream: str) -> list[tuple[int, int]]:
    return [(hour, count) for hour, count in book.rows(statement, {"stream": stream} if "$stream" in statement else ())]
