"""The report's figures from the modelled tables, on either engine: a few narrow queries, in SQL that both understand.

A table that is not there, or not as this version makes it, is named in the result; the others are read all the same.
"""

from dataclasses import fields

from headrace.hops.tables import Columns, lacks
from headrace.report.figures import Audience, Figures, Period, Product, Step, Takings, Totals, WrongType
from headrace.warehouse import Warehouse

PERIOD = tuple(field.name for field in fields(Period))
# What is read of each table.
NEEDED = {
    "EVENTS.LOGS": ("loaded_at",),
    "EVENTS.SESSIONS": ("client_id", "hits", "purchases", "user_agent_id", "is_bot"),
    "EVENTS.PURCHASES": ("currency_code", "transaction_revenue"),
    "EVENTS.USER_AGENTS": ("id", "browser_name", "device_type"),
    "STATS.OVERVIEW_1H": PERIOD,
    "STATS.OVERVIEW_1D": PERIOD,
    "STATS.FUNNEL_1D": ("step_number", "step", "sessions", "sessions_in_order"),
    "STATS.PRODUCT_STATS_1D": (
        *("timestamp", "product_id", "product_name", "details", "adds", "purchased_items", "revenue"),
    ),
    "STATS.DATA_QUALITY": ("protocol", "field", "hits"),
}
# A quarter of a year: what a chart of hours can show. The days are all read, they are few.
HOURS_READ = 92 * 24
PRODUCTS_READ = 10


def read_figures(warehouse: Warehouse, columns: Columns) -> Figures:
    """columns: what there is, from `modelled_columns`."""
    lacking = [table for table, needed in NEEDED.items() if lacks(columns, table, needed)]

    def have(*tables: str) -> bool:
        return not set(tables) & set(lacking)

    products, known = _products(warehouse) if have("STATS.PRODUCT_STATS_1D") else ((), 0)
    return Figures(
        totals=_totals(warehouse) if have("EVENTS.SESSIONS") else None,
        takings=_takings(warehouse) if have("EVENTS.PURCHASES") else (),
        days=_periods(warehouse, "STATS.OVERVIEW_1D") if have("STATS.OVERVIEW_1D") else (),
        hours=_periods(warehouse, "STATS.OVERVIEW_1H", HOURS_READ) if have("STATS.OVERVIEW_1H") else (),
        funnel=_funnel(warehouse) if have("STATS.FUNNEL_1D") else (),
        products=products,
        products_known=known,
        audience=_audience(warehouse) if have("EVENTS.SESSIONS", "EVENTS.USER_AGENTS") else (),
        quality=_quality(warehouse) if have("STATS.DATA_QUALITY") else (),
        missing=tuple(table for table in lacking if table not in columns),
        outdated=tuple(table for table in lacking if table in columns),
    )


def _totals(warehouse: Warehouse) -> Totals | None:
    """None where nothing has happened yet."""
    ((sessions, events, visitors, converted, bots),) = warehouse.rows(
        """
        select
            count(*)
            , cast(coalesce(sum(hits), 0) as bigint)
            , count(distinct client_id)
            , count(case when purchases > 0 then 1 end)
            , count(case when is_bot then 1 end)
        from EVENTS.SESSIONS
        """
    )
    if not sessions:
        return None
    return Totals(events=events, sessions=sessions, visitors=visitors, converted=converted, bots=bots)


def _takings(warehouse: Warehouse) -> tuple[Takings, ...]:
    rows = warehouse.rows(
        """
        select
            upper(currency_code)
            , count(*)
            , cast(coalesce(sum(transaction_revenue), 0) as decimal(38, 4))
        from EVENTS.PURCHASES
        group by upper(currency_code)
        order by 2 desc, 1
        """
    )
    return tuple(Takings(currency=currency, orders=orders, revenue=revenue) for currency, orders, revenue in rows)


def _periods(warehouse: Warehouse, table: str, most: int | None = None) -> tuple[Period, ...]:
    """The newest `most` periods, oldest first."""
    limit = f"limit {most}" if most else ""
    rows = warehouse.rows(f"select {', '.join(PERIOD)} from {table} order by timestamp desc {limit}")  # noqa: S608
    return tuple(Period(**dict(zip(PERIOD, row, strict=True))) for row in reversed(rows))


def _funnel(warehouse: Warehouse) -> tuple[Step, ...]:
    rows = warehouse.rows(
        """
        select step, cast(sum(sessions) as bigint), cast(sum(sessions_in_order) as bigint)
        from STATS.FUNNEL_1D
        group by step_number, step
        order by step_number, step
        """
    )
    return tuple(Step(name=name, sessions=sessions, in_order=in_order) for name, sessions, in_order in rows)


def _products(warehouse: Warehouse) -> tuple[tuple[Product, ...], int]:
    """The best-selling products, and how many there are. A product's name is the one last seen."""
    rows = warehouse.rows(
        f"""
        select
            product_id
            , max_by(product_name, case when product_name is not null then timestamp end)
            , cast(sum(details) as bigint)
            , cast(sum(adds) as bigint)
            , cast(sum(purchased_items) as bigint)
            , cast(coalesce(sum(revenue), 0) as decimal(38, 4))
            , count(*) over ()
        from STATS.PRODUCT_STATS_1D
        group by product_id
        order by 6 desc, 5 desc, 4 desc, 3 desc, product_id
        limit {PRODUCTS_READ}
        """  # noqa: S608 - our own number
    )
    products = tuple(
        Product(id=id, name=name, details=details, adds=adds, purchased_items=items, revenue=revenue)
        for id, name, details, adds, items, revenue, _ in rows
    )
    return products, rows[0][-1] if rows else 0


def _audience(warehouse: Warehouse) -> tuple[Audience, ...]:
    """Bots are left out: what they call themselves is nobody's browser."""
    rows = warehouse.rows(
        """
        select user_agents.browser_name, user_agents.device_type, count(*)
        from EVENTS.SESSIONS as sessions
        left join EVENTS.USER_AGENTS as user_agents on sessions.user_agent_id = user_agents.id
        where not coalesce(sessions.is_bot, false)
        group by user_agents.browser_name, user_agents.device_type
        order by 3 desc, 1, 2
        """
    )
    return tuple(Audience(browser=browser, device=device, sessions=sessions) for browser, device, sessions in rows)


def _quality(warehouse: Warehouse) -> tuple[WrongType, ...]:
    rows = warehouse.rows(
        """
        select protocol, field, cast(sum(hits) as bigint)
        from STATS.DATA_QUALITY
        group by protocol, field
        order by 3 desc, protocol, field
        """
    )
    return tuple(WrongType(protocol=protocol, field=field, hits=hits) for protocol, field, hits in rows)
