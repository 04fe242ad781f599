"""The same visit told by Google Analytics, Segment and Snowplow is the same in every table, and in real time."""

import json
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from headrace import accounts, dbt, warehouse
from shared.events.decode import decode
from shared.events.event import ADD_TO_CART, PRODUCT_VIEW, PURCHASE, REMOVE_FROM_CART, Event
from tests.integration import shop_story
from tests.unit.headrace import raw_logs
from tests.unit.headrace.raw_logs import BEGINNING, Hit

# Each on a day of its own, so that the day's statistics tell of it alone.
WHOLE = {
    "google-analytics-v1": shop_story.google_analytics,
    "segment": shop_story.segment,
    "snowplow": shop_story.snowplow,
}
PURCHASES = {"items": shop_story.google_analytics_items, "snowplow items": shop_story.snowplow_items}
DAYS = {name: BEGINNING + timedelta(days=number) for number, name in enumerate([*WHOLE, *PURCHASES])}
ACTIONS = {"detail": PRODUCT_VIEW, "add": ADD_TO_CART, "remove": REMOVE_FROM_CART, "purchase": PURCHASE}

Lines = Mapping[str, list[bytes]]


@pytest.fixture(scope="module")
def lines() -> Lines:
    return {name: told(DAYS[name]) for name, told in (WHOLE | PURCHASES).items()}


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory, lines: Lines) -> Path:
    """The warehouse that is made of what the collector made of the stories."""
    home = tmp_path_factory.mktemp("headrace")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HEADRACE_HOME", str(home))
        files = raw_logs.stack(home)
        raw_logs.load(files, [Hit.of(json.loads(line)) for told in lines.values() for line in told])
        place = warehouse.find("local")
        accounts.make_table(place)
        result = dbt.run(place, home / "dbt", "run", "--no-write-json")
    assert {str(one.status) for one in result.results} == {"success"}
    return home / "local" / "warehouse.duckdb"


def on_day(database: Path, name: str, columns: str, table: str, time: str = "timestamp") -> list[tuple[Any, ...]]:
    """What a table has of a story's day."""
    with duckdb.connect(str(database), read_only=True) as connection:
        return connection.execute(
            f"select {columns} from {table} where {time}::date = ?::date order by all", [DAYS[name].date()]
        ).fetchall()


@pytest.mark.parametrize("name", WHOLE)
@pytest.mark.parametrize(
    ("table", "columns", "time"),
    [
        ("STATS.OVERVIEW_1D", "* exclude (timestamp, created_at)", "timestamp"),
        ("STATS.FUNNEL_1D", "step, sessions, sessions_in_order", "timestamp"),
        ("STATS.PRODUCT_STATS_1D", "* exclude (timestamp, created_at)", "timestamp"),
        ("EVENTS.SESSIONS", "hits, pageviews, product_details, adds, removes, purchases, searches", "started_at"),
        ("EVENTS.SEARCHES", "search_term", "occurred_at"),
        ("EVENTS.PRODUCT_ACTIONS", "product_action, product_id, product_name, product_category", "occurred_at"),
        ("EVENTS.PRODUCT_IMPRESSIONS", "impression_list, product_id", "occurred_at"),
        ("EVENTS.PROMOTIONS", "promotion_action, promotion_id, promotion_name", "occurred_at"),
        (
            "EVENTS.PURCHASES",
            "transaction_revenue, transaction_tax, transaction_shipping, currency_code",
            "occurred_at",
        ),
    ],
)
def test_a_visit_is_the_same_whichever_tracker_told_of_it(
    database: Path, name: str, table: str, columns: str, time: str
) -> None:
    told = on_day(database, name, columns, table, time)
    assert told
    assert told == on_day(database, "google-analytics-v1", columns, table, time)


@pytest.mark.parametrize("name", PURCHASES)
def test_a_purchase_told_of_item_by_item_is_the_same_purchase(database: Path, name: str) -> None:
    figures = "transactions, transaction_revenue, transaction_tax, transaction_shipping, purchased_items"
    bought = "product_id, transactions, purchased_items, revenue"
    for columns, table in ((figures, "STATS.OVERVIEW_1D"), (bought, "STATS.PRODUCT_STATS_1D")):
        whole = on_day(database, "google-analytics-v1", columns, table)
        assert on_day(database, name, columns, table) == [row for row in whole if row[1] != 0]


@pytest.mark.parametrize("name", [*WHOLE, *PURCHASES])
def test_an_event_says_in_real_time_what_the_warehouse_says(database: Path, lines: Lines, name: str) -> None:
    events = [decode(line) for line in lines[name]]
    products = [
        (event.event_id, event.name, product.sku.upper(), product.quantity, product.price)
        for event in events
        if isinstance(event, Event) and event.name in ACTIONS.values()
        for product in event.products
    ]
    columns = "request_id, product_action, product_id, product_quantity, product_price"
    rows = on_day(database, name, columns, "EVENTS.PRODUCT_ACTIONS", "occurred_at")
    assert sorted(products) == sorted((id_, ACTIONS[action], *rest) for id_, action, *rest in rows)
    values = [event.value for event in events if isinstance(event, Event) and event.name == PURCHASE and event.value]
    assert [(value,) for value in values] == on_day(
        database, name, "transaction_revenue", "EVENTS.PURCHASES", "occurred_at"
    )
