"""Of every record of the streams that an application reads: whether it is done with it, or gave it up, or neither.

Each invocation tells the range of a shard's records that it is done with. Ranges may overlap, since batches are
repeated; together they must cover the shard. A range counts only if its batch was all that lies between its first and
its last record, as it is without parallelization inside a shard: else it would vouch for records of other batches.
"""

# ruff: noqa: S608  (statements are made of the book's own names and of numbers)

from collections.abc import Iterator

from headrace.ledger.book import HOUR_MS, Book
from headrace.ledger.figure import Figure

PLACE = "application, stream, shard"

NUMBERED = """
    create or replace temporary table numbered as
    select stream, shard, sequence, received_at, arrived_at
        , row_number() over (partition by stream, shard order by sequence) as number
    from records
"""
# A batch whose first records the stream had forgotten when it was first read begins at the first that the book has; one
# whose last records were of an hour that is closed ends at the last that it has.
KNOWN = """
    asof join numbered as first_one on first_one.stream = told.stream and first_one.shard = told.shard
        and told.first <= first_one.sequence
    asof join numbered as last_one on last_one.stream = told.stream and last_one.shard = told.shard
        and told.last >= last_one.sequence
    where begins <= ends
"""
ENDS = "application, told.stream, told.shard, first_one.number as begins, last_one.number as ends"
DONE = f"select {ENDS} from batches as told {KNOWN} and ends - begins < done"
GIVEN_UP = f"select {ENDS} from given_up as told {KNOWN}"


def processed(book: Book, asked_at: int) -> Iterator[Figure]:
    """An hour is that of the event for the collector's own, that of its arrival for other systems' records."""
    book.rows(NUMBERED)
    statement = f"""
        with done as ({_united(DONE)}), lost as ({_united(GIVEN_UP)})
        select received_at // {HOUR_MS}, application
            , count(*) filter (is_done)
            , count(*) filter (is_lost and not is_done)
            , count(*) filter (not is_lost and not is_done and arrived_at <= {asked_at})
        from (
            select numbered.received_at, numbered.arrived_at, reader.application
                , coalesce(numbered.number <= done.ends, false) as is_done
                , coalesce(numbered.number <= lost.ends, false) as is_lost
            from numbered
            inner join read_by as reader on numbered.stream = reader.stream and numbered.arrived_at >= reader.since
            asof left join done on done.application = reader.application and done.stream = numbered.stream
                and done.shard = numbered.shard and numbered.number >= done.begins
            asof left join lost on lost.application = reader.application and lost.stream = numbered.stream
                and lost.shard = numbered.shard and numbered.number >= lost.begins
        )
        group by 1, 2
    """
    for hour, application, done, lost, missing in book.rows(statement):
        yield Figure(hour=hour, hop="processed", item=application, count=done, missing=missing)
        if lost:
            yield Figure(hour=hour, hop="failed", item=application, count=lost)


def _united(ranges: str) -> str:
    """Ranges that overlap or touch as one."""
    return f"""
        select {PLACE}, min(begins) as begins, max(ends) as ends
        from (
            select *, sum(case when begins <= reached + 1 then 0 else 1 end) over (
                partition by {PLACE} order by begins, ends
            ) as island
            from (
                select *, max(ends) over (
                    partition by {PLACE} order by begins, ends rows between unbounded preceding and 1 preceding
                ) as reached
                from ({ranges})
            )
        )
        group by {PLACE}, island
    """
