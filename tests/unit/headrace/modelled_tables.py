"""The tables that `make transform` makes, by hand: a shop of any size in a DuckDB file, with any names in it.

Only the columns that the report reads; that the models have them is shown by building them (tests/integration).
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from headrace.report.figures import Period

PERIOD = """
    timestamp timestamp, hits bigint, count_active_sessions bigint, count_new_sessions bigint,
    count_active_users bigint, count_new_users bigint, count_active_clients bigint, count_new_clients bigint,
    pageviews bigint, sum_of_product_clicks bigint, product_clicks bigint, sum_of_product_details bigint,
    product_details bigint, sum_of_add_to_cart bigint, add_to_cart bigint, sum_of_remove_from_cart bigint,
    remove_from_cart bigint, transactions bigint, transaction_revenue decimal(38, 4),
    transaction_tax decimal(38, 4), transaction_shipping decimal(38, 4), purchased_items bigint,
    purchased_products bigint, created_at timestamp
"""
TABLES = {
    "EVENTS.LOGS": "request_id varchar, loaded_at timestamp, created_at timestamp",
    "EVENTS.SESSIONS": "session_id varchar, client_id varchar, hits bigint, purchases bigint, user_agent_id varchar, "
    "is_bot boolean, created_at timestamp",
    "EVENTS.PURCHASES": "id varchar, currency_code varchar, transaction_revenue decimal(18, 4), created_at timestamp",
    "EVENTS.USER_AGENTS": "id varchar, browser_name varchar, device_type varchar, created_at timestamp",
    "STATS.OVERVIEW_1H": PERIOD,
    "STATS.OVERVIEW_1D": PERIOD,
    "STATS.FUNNEL_1D": "timestamp timestamp, step_number bigint, step varchar, sessions bigint, "
    "sessions_in_order bigint, created_at timestamp",
    "STATS.PRODUCT_STATS_1D": "timestamp timestamp, product_id varchar, product_name varchar, clicks bigint, "
    "details bigint, adds bigint, removes bigint, transactions bigint, purchased_items bigint, "
    "revenue decimal(38, 4), sessions bigint, created_at timestamp",
    "STATS.DATA_QUALITY": "timestamp timestamp, protocol varchar, field varchar, hits bigint, created_at timestamp",
}
BROWSERS = ("Chrome", "Safari", "Firefox", "Edge", "Samsung Internet", "Opera", "Chrome Mobile iOS", None)
DEVICES = ("desktop", "mobile", "mobile", "tablet", "desktop", "mobile", None)
PRODUCTS = ("Canvas backpack", "Merino socks", "Trail running shoes", "Rain jacket", "Enamel mug", "Head torch")
# What a tracker may send as a name.
HOSTILE = (
    "<script>alert(1)</script>",
    "<b>bold</b> & <a href='https://example.org'>link</a>",
    "W" * 400,
    "[red]markup[/] [/]",
    "\x1b[31mred\x07 \u202eturned",
    "日本語の商品名" * 20,
    "$x^2$ %{y} {{ 7 * 7 }} {% raw %}",
    "</script><script>fetch('http://example.org')</script>",
    "\"quotes\" 'n' <img src=x onerror=alert(1)>",
    "&lt;already&gt; &amp; escaped",
)
STEPS = ("session", "product_detail", "add_to_cart", "checkout", "purchase")


@dataclass(frozen=True, kw_only=True)
class Shop:
    """days: 0 for a shop where nothing has happened. names: of products and browsers, instead of the usual ones."""

    days: int = 3
    products: int = 40
    sessions: int = 2000
    names: Sequence[str] = ()
    currencies: Sequence[str] = ("EUR",)
    wrong_types: int = 0
    ends: str = "2024-05-30"


def period(**changes: Any) -> Period:
    """A day in which everything happened once, but for the changes."""
    same = {field.name: 1 for field in fields(Period)}
    return Period(**{**same, "timestamp": datetime(2024, 5, 30), "transaction_revenue": Decimal("9.9900"), **changes})


def create(file: Path, shop: Shop, without: Sequence[str] = ()) -> Path:
    """without: tables that are left out."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.unlink(missing_ok=True)
    with duckdb.connect(str(file)) as database:
        database.execute("create schema EVENTS; create schema STATS")
        for table, columns in TABLES.items():
            database.execute(f"create table {table} ({columns})")
        if shop.days:
            _fill(database, shop)
        for table in without:
            database.execute(f"drop table {table}")
    return file


def _fill(database: duckdb.DuckDBPyConnection, shop: Shop) -> None:
    """Night and day, weekdays and weekends; the same at each run."""
    for table, hours in (("STATS.OVERVIEW_1H", 1), ("STATS.OVERVIEW_1D", 24)):
        database.execute(
            f"""
            insert into {table} by name
            with hours as (
                select
                    time
                    , cast({shop.sessions} / {24 * shop.days}.0 * (1.05 + sin((hour(time) - 9) / 24 * 2 * pi()))
                        * (case when dayofweek(time) in (0, 6) then 1.6 else 1 end)
                        * (0.8 + (hash(time) % 400) / 1000) as bigint) as visits
                from range(
                    timestamp '{shop.ends}' - interval {shop.days - 1} day
                    , timestamp '{shop.ends}' + interval 1 day, interval 1 hour
                ) as hours (time)
            )
            select
                time_bucket(interval {hours} hour, time) as timestamp
                , sum(visits * 7) as hits
                , sum(visits) as count_active_sessions
                , sum(visits) as count_new_sessions
                , sum(visits // 6) as count_active_users
                , sum(visits // 9) as count_new_users
                , sum(visits * 4 // 5) as count_active_clients
                , sum(visits * 4 // 5) as count_new_clients
                , sum(visits * 4) as pageviews
                , sum(visits) as sum_of_product_clicks
                , sum(visits) as product_clicks
                , sum(visits * 2) as sum_of_product_details
                , sum(visits * 2) as product_details
                , sum(visits // 3) as sum_of_add_to_cart
                , sum(visits // 3) as add_to_cart
                , sum(visits // 12) as sum_of_remove_from_cart
                , sum(visits // 12) as remove_from_cart
                , sum(visits // 15) as transactions
                , sum(visits // 15) * 49.9167 as transaction_revenue
                , sum(visits // 15) * 8.32 as transaction_tax
                , sum(visits // 15) * 4.9 as transaction_shipping
                , sum(visits // 8) as purchased_items
                , sum(visits // 10) as purchased_products
                , timestamp '2024-06-01' as created_at
            from hours
            group by all
            having sum(visits) > 0
            """
        )
    browsers, devices = list(shop.names or BROWSERS), list(DEVICES)
    products = list(shop.names or PRODUCTS)
    database.execute(
        """
        insert into EVENTS.USER_AGENTS
        select cast(n as varchar), $browsers[1 + n % len($browsers)], $devices[1 + n % len($devices)], now()
        from range(56) as r (n);
        """,
        {"browsers": browsers, "devices": devices},
    )
    database.execute(
        f"""
        insert into EVENTS.SESSIONS
        select
            's' || n, 'c' || n * 4 // 5, 7, case when n % 15 = 0 then 1 else 0 end
            , cast(cast(floor(56 * pow((hash(n) % 1000) / 1000.0, 2.2)) as bigint) as varchar), n % 29 = 0, now()
        from range({shop.sessions}) as r (n);
        insert into EVENTS.LOGS
        select 'r' || n, timestamp '2024-06-01', now() from range({shop.sessions}) as r (n);
        insert into STATS.FUNNEL_1D
        select
            timestamp '{shop.ends}' - to_days(cast(day as integer)), step, $steps[step]
            , cast({shop.sessions} / {shop.days} / pow(step, 1.7) * 1.05 as bigint)
            , cast({shop.sessions} / {shop.days} / pow(step, 1.8) as bigint), now()
        from range({shop.days}) as d (day), range(1, 6) as s (step)
        """.replace("$steps", str(list(STEPS)))
    )
    database.execute(
        f"""
        insert into EVENTS.PURCHASES
        select 'l' || n, $currencies[1 + n % len($currencies)], 49.9167, now()
        from range({shop.sessions // 15}) as r (n)
        """,
        {"currencies": list(shop.currencies)},
    )
    database.execute(
        f"""
        insert into STATS.PRODUCT_STATS_1D by name
        select
            timestamp '{shop.ends}' as timestamp
            , 'sku-' || n as product_id
            , $products[1 + n % len($products)] as product_name
            , 900 // (1 + n) as clicks, 2500 // (1 + n) as details, 700 // (1 + n) as adds, 9 // (1 + n) as removes
            , 90 // (1 + n) as transactions, 120 // (1 + n) as purchased_items
            , 120 // (1 + n) * 19.9950 as revenue, 1800 // (1 + n) as sessions, now() as created_at
        from range({shop.products}) as r (n)
        """,
        {"products": products},
    )
    database.execute(
        f"""
        insert into STATS.DATA_QUALITY
        select timestamp '{shop.ends}', 'google-analytics-v1', 'field_' || n, 10 + n, now()
        from range({shop.wrong_types}) as r (n)
        """
    )
