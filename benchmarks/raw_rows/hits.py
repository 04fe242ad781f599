"""Who did what and when: one narrow row a hit, numbered in the order of receipt.

Sessions begin at an even pace, more by night than by day as in the dataset, and go on beyond the last row that is
asked for: whatever follows the first N rows is what the next hours would bring. Everything about a hit follows from a
hash of its session, its number and the seed.
"""

from dataclasses import dataclass

import duckdb

from benchmarks.raw_rows.shop import PAGES, STEPS, open_shop
from pumper import shape
from pumper.synthetic import share_of_at_least
from pumper.visitors import KNOWN_SHARE, RETURNING_SHARE

DAYS = 60
HOUR_MS, DAY_MS = 3_600_000, 86_400_000
REPEATED = 0.01
"""Of the hits arrive twice: the sender had no answer and sent them again."""
OFFLINE = 0.01
"""Of the sessions reach the collector ten minutes to three days later, all of their hits."""
QUEUED = 0.02
"""Of the other hits wait in their tracker, a second to ten minutes."""
RELOADED, CONFLICTING = 0.05, 0.1
"""Of the purchases are sent again when the receipt's page is loaded again; of those with another revenue."""
BOT_SHARE = 0.01
"""Of the clients."""
DETAILS, MORE_DETAILS = 0.757, 0.70
"""Of the sessions view a product; and of their pages after the first, that are a product's."""


@dataclass(frozen=True, kw_only=True)
class Traffic:
    """How many rows: `rows` over DAYS days, then `increment` more at the same pace. The seed is any whole number."""

    rows: int
    increment: int = 0
    seed: int = 1

    @property
    def sessions(self) -> int:
        """Of the DAYS days; with a search or two, and what is sent twice."""
        return max(1, round(self.rows / (shape.ROWS_A_SESSION * (1 + shape.SEARCHES_A_ROW) * (1 + REPEATED))))


def hits(database: duckdb.DuckDBPyConnection, traffic: Traffic) -> None:
    """Makes the table `hits` with rows + increment rows, `position` from 1, and the tables of `shop`."""
    database.execute("set preserve_insertion_order = false")
    database.execute("set TimeZone = 'UTC'; set enable_progress_bar = false")
    # A share between 0 and 1 for a thing and what is asked of it.
    database.execute(
        f"create macro share(a, b, topic) as hash(a, b, topic, {traffic.seed}) / 18446744073709551616.0::double"
    )
    database.execute(f"create macro digest(text) as md5(text || ' {traffic.seed}')")
    open_shop(database)
    database.execute(_sessions(traffic))
    database.execute(_ROWS)
    database.execute(_hits(traffic))
    (made,) = database.execute("select count(*) from hits").fetchall()[0]
    if made != traffic.rows + traffic.increment:
        raise ValueError(f"{made:,} rows came out, {traffic.rows + traffic.increment:,} were asked for")


def _sessions(traffic: Traffic) -> str:
    # Beyond the DAYS days: enough for the increment, and for what is still on its way at the end of the last one.
    count = traffic.sessions + round(traffic.sessions * 0.06) + traffic.increment + 200
    adding = shape.REACH["add"] / share_of_at_least(5)
    buying = shape.REACH["purchase"] * (1 - shape.PURCHASE_WITHOUT_ADD) / (adding * share_of_at_least(6))
    buying_alone = shape.REACH["purchase"] * shape.PURCHASE_WITHOUT_ADD / ((1 - adding) * share_of_at_least(6))
    pool = max(1, traffic.sessions // 10)  # a tenth of the sessions, as the pumper has it
    return f"""
        create table sessions as
        with dealt as (
            select
                range as session
                , case
                    when share(range, 0, 'returning') < {RETURNING_SHARE}
                        then cast(floor(share(range, 0, 'client') * {pool}) as bigint)
                    else {pool} + range
                end as client
                , range * {DAYS}.0 / {traffic.sessions} as begun
            from range({count})
        )
        , timed as (
            -- As many of a day's sessions fall into an hour as its share says.
            select
                dealt.*
                , cast({shape.FIRST_DAY_MS} + floor(begun) * {DAY_MS} + hours.number * {HOUR_MS}
                + (begun - floor(begun) - from_share) / (to_share - from_share) * {HOUR_MS} as bigint) as started_ms
            from dealt
            inner join hours
                on begun - floor(begun) >= hours.from_share and begun - floor(begun) < hours.to_share
        )
        , sized as (
            select timed.*, row_counts.rows, share(session, 0, 'adds') as adding, share(session, 0, 'buys') as buying
            from timed
            inner join row_counts on row_counts.number = cast(floor(share(session, 0, 'rows') * {STEPS}) as integer)
        )
        select
            *
            -- Reached by as many of all sessions as the dataset says, which only the longer ones can.
            , share(session, 0, 'details') < {DETAILS} or adding < {adding} as details
            , case when rows >= 5 and adding < {adding} then {_some("adds", 0.36)} else 0 end as adds
            , case when rows >= 12 and share(session, 0, 'removes') < {shape.REACH["remove"] / share_of_at_least(12)}
                then {_some("removes", 0.84)} else 0 end as removes
            , rows >= 6 and buying < case when adding < {adding} then {buying} else {buying_alone} end as buys
            , case when share(session, 0, 'searches') < {shape.SEARCHING_SHARE} then {_some("searches", 0.33)} else 0
            end as searches
            -- Milliseconds between two pages, the median 35 s; half an hour without one would be two sessions.
            , least(850000, 35000 * exp(0.9 * sqrt(-2 * ln(greatest(share(session, 1, 'pace'), 1e-9)))
            * cos(2 * pi() * share(session, 2, 'pace')))) as pace_ms
            , case when share(session, 0, 'offline') < {OFFLINE}
                then cast(600000 * pow(432, share(session, 1, 'offline')) as bigint) else 0 end as offline_ms
        from sized
    """


def _some(topic: str, more: float) -> str:
    """One, and one more with the given chance, each time."""
    return f"1 + cast(floor(ln(greatest(share(session, 3, '{topic}'), 1e-9)) / ln({more})) as integer)"


# A product's page is seen by two hits of one moment, the pageview and the detail; they are a unit.
_ROWS = f"""
    create table made as
    with browsing as (
        select session, client, started_ms, pace_ms, offline_ms, unnest(range(rows)) as number, *
        exclude (session, client, started_ms, pace_ms, offline_ms)
        from sessions
    )
    , told as (
        select
            session, client, started_ms, pace_ms, offline_ms, number, number // 2 as unit
            , details and rows > 1 and (number < 2 or share(session, number // 2, 'detail') < {MORE_DETAILS})
            and (number | 1) < rows as of_product
            , case
                when buys and number = rows - 1 then 'purchase'
                when number between 4 and 3 + adds and number < rows - 1 then 'add'
                when number between 8 and 7 + removes and number < rows - 1 then 'remove'
                when number % 2 = 1 and of_product then 'detail'
                else 'pageview'
            end as kind
        from browsing
        union all by name
        select
            session, client, started_ms, pace_ms, offline_ms, unnest(range(10000, 10000 + searches)) as number
            , cast(floor(share(session, number, 'when') * (1 + rows // 2)) as bigint) as unit
            , false as of_product, 'search' as kind
        from sessions
        where searches > 0
    )
    , timed as (
        select
            *
            , started_ms + cast(pace_ms * (unit + 0.9 * share(session, unit, 'pause')) as bigint)
            + case kind when 'search' then 1 when 'purchase' then 2 else 0 end as occurred_ms
            , case
                when offline_ms > 0 then offline_ms
                when share(session, number, 'queued') < {QUEUED}
                    then cast(1000 * pow(600, share(session, number, 'wait')) as bigint)
                else 0
            end as queued_ms
        from told
    )
    select
        session, client, number, unit, kind, of_product, occurred_ms, copies.copy, copies.copy = 'conflict' as conflicts
        , queued_ms + case copies.copy
            when 'first' then 0
            when 'repeat' then 500 + cast(20000 * share(session, number, 'retry') as bigint)
            else 60000 + cast(3000000 * share(session, number, 'reload') as bigint)
        end as delay_ms
    from timed
    inner join (values ('first'), ('repeat'), ('reload'), ('conflict')) as copies(copy)
        on
            case copies.copy
                when 'first' then true
                when 'repeat' then share(session, number, 'repeat') < {REPEATED}
                when 'conflict' then kind = 'purchase' and share(session, number, 'reload') < {RELOADED * CONFLICTING}
                else kind = 'purchase' and share(session, number, 'reload')
                    between {RELOADED * CONFLICTING} and {RELOADED}
            end
"""


def _hits(traffic: Traffic) -> str:
    return f"""
        create table hits as
        with placed as (
            select
                * exclude (delay_ms, occurred_ms)
                -- A hit of a reloaded page happens when it is sent, a repeated one when it first was.
                , occurred_ms + case when copy in ('reload', 'conflict') then delay_ms else 0 end as occurred_ms
                , occurred_ms + delay_ms as received_ms
                , cast(floor(share(session, unit, 'popularity') * {STEPS}) as integer) as popularity
                , cast(floor(pow(share(session, unit, 'page'), 3) * {PAGES}) as integer) as page
            from made
        )
        , numbered as (
            select
                placed.*
                , row_number() over (order by received_ms, session, number, copy) as position
                -- An object in S3 holds the hits of a minute.
                , row_number() over (
                    partition by received_ms // 60000 order by received_ms, session, number, copy
                ) as line
            from placed
        )
        select
            numbered.* exclude (popularity)
            , case
                when kind in ('remove', 'purchase') and share(session, numbered.number, 'unknown') < 0.55
                    then cast(floor(
                        {shape.VIEWED} + share(session, numbered.number, 'which') * {shape.UNCATALOGUED}
                    ) as integer)
                else ranks.product
            end as product
            , if(share(client, 0, 'known') < {KNOWN_SHARE}, 'user-' || digest('user ' || client)[:10], null) as user
            , share(client, 0, 'bot') < {BOT_SHARE} as by_bot
        from numbered
        inner join ranks on ranks.number = numbered.popularity
        where position <= {traffic.rows + traffic.increment}
        order by position
    """
