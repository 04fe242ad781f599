"""What was put in, counted before any envelope was made: the modelled tables must say the same."""

from dataclasses import asdict, dataclass

import duckdb


@dataclass(frozen=True, kw_only=True)
class Figures:
    """Of the first rows of RAW: events are distinct hits, revenue is that of each transaction's first hit, in cents."""

    rows: int
    events: int
    clients: int
    pageviews: int
    searches: int
    details: int
    transactions: int
    revenue: int
    items: int

    def as_dictionary(self) -> dict[str, int]:
        return asdict(self)


def figures(database: duckdb.DuckDBPyConnection, rows: int) -> Figures:
    """The figures of the hits at the positions 1 to rows."""
    (found,) = database.execute(
        """
        with arrived as (
            select
                hits.session, kind, client, copy, position
                , cents + if(conflicts, 100, 0) as revenue
                , items
                , row_number() over (
                    partition by hits.session, hits.number, case copy when 'repeat' then 'first' else copy end
                    order by position
                ) as delivery
                , row_number() over (partition by hits.session, kind order by position) as telling
            from hits
            left join purchased on kind = 'purchase' and hits.session = purchased.buyer
            where position <= ?
        )
        select
            count(*)
            , count(*) filter (delivery = 1)
            , count(distinct client)
            , count(*) filter (delivery = 1 and kind = 'pageview')
            , count(*) filter (delivery = 1 and kind = 'search')
            , count(*) filter (delivery = 1 and kind = 'detail')
            , count(*) filter (kind = 'purchase' and telling = 1)
            , coalesce(sum(revenue) filter (kind = 'purchase' and telling = 1), 0)
            , coalesce(sum(items) filter (kind = 'purchase' and telling = 1), 0)
        from arrived
        """,
        [rows],
    ).fetchall()
    assert found is not None
    return Figures(**dict(zip(Figures.__dataclass_fields__, map(int, found), strict=True)))
