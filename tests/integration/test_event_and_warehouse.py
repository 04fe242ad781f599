"""Of every hit that the collector takes, an Event says in real time what the warehouse says later."""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, NamedTuple

import duckdb
import pytest

from headrace import dbt, warehouse
from shared.events.actions import NAMES
from shared.events.decode import decode
from shared.events.event import CUSTOM, IDENTIFY, PAGE_VIEW, PROMOTION_CLICK, Event
from shared.events.values import MAX_ID_CHARACTERS, currency
from tests.integration.collected import collected
from tests.integration.every_hit import every_hit
from tests.unit.headrace import raw_logs
from tests.unit.headrace.raw_logs import Hit

HIT_TYPES = {"pageview": PAGE_VIEW, "screenview": PAGE_VIEW, "identify": IDENTIFY, "alias": IDENTIFY}
CENTS = Decimal("0.0001")  # the warehouse's

# An Event takes less for an id and for an amount than a column of a table does.
IDS = {"ti", "pr1id", "pr1nm", "order_id", "sku", "product_id", "tr_id", "ti_id", "ti_sk"}
LONG_AMOUNT = re.compile("[0-9.]{33,}")

Products = Counter[tuple[str, int, Decimal | None]]


class Said(NamedTuple):
    """What is said of a hit, texts in lower case. products: sku, pieces and price of each, where anything was done with
    them; lists of products, which tell of no action, are another table's."""

    name: str
    occurred_at: int
    client_id: str | None
    user_id: str | None
    page: str | None
    referrer: str | None
    order_id: str | None
    currency: str | None
    products: Products | None


class Told(NamedTuple):
    """By the event's id what real time says, and the warehouse. values: of those in EVENTS.PURCHASES."""

    events: Mapping[str, Event]
    said: Mapping[str, Said]
    values: Mapping[str, Decimal | None]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Told:
    home = tmp_path_factory.mktemp("headrace")
    lines = list(collected(hit for hit in every_hit() if comparable(hit.body)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HEADRACE_HOME", str(home))
        raw_logs.load(raw_logs.stack(home), [Hit.of(json.loads(line)) for line in lines])
        chosen = ("--select", "+product_actions", "+purchases")
        result = dbt.run(warehouse.find("local"), home / "dbt", "run", "--no-write-json", *chosen)
    assert {str(one.status) for one in result.results} == {"success"}
    events = [event for line in lines if isinstance(event := decode(line), Event)]
    with duckdb.connect(str(home / "local" / "warehouse.duckdb"), read_only=True) as database:
        values = database.execute("select request_id, transaction_revenue from EVENTS.PURCHASES").fetchall()
        return Told({event.event_id: event for event in events}, said_in_tables(database), dict(values))


def comparable(said: object) -> bool:
    match said:
        case dict():
            return all(comparable(value) and (name not in IDS or is_id(value)) for name, value in said.items())
        case list():
            return all(map(comparable, said))
        case _:
            return not (isinstance(said, str) and LONG_AMOUNT.fullmatch(said))


def is_id(value: object) -> bool:
    if isinstance(value, str):
        return value.isprintable() and len(value) <= MAX_ID_CHARACTERS
    return value is None or type(value) is int


def said_in_tables(database: duckdb.DuckDBPyConnection) -> dict[str, Said]:
    products: dict[str, Products] = defaultdict(Counter)
    for request_id, *product in database.execute(
        "select request_id, lower(coalesce(product_id, case when protocol like 'google-%' then product_name end))"
        ", coalesce(product_quantity, 1), product_price from EVENTS.PRODUCT_ACTIONS"
    ).fetchall():
        if product[0] is not None:
            products[request_id][tuple(product)] += 1
    return {
        request_id: Said._make(
            (name_of(action, promotion, kind), *texts, currency(code), action and products[request_id])
        )
        for request_id, action, promotion, kind, code, *texts in database.execute(
            "select request_id, product_action, promotion_action, hit_type, currency_code, epoch_ms(occurred_at)"
            ", client_id, user_id, document_location, document_referrer, lower(transaction_id) from EVENTS.LOGS"
        ).fetchall()
    }


def name_of(product_action: str | None, promotion_action: str | None, hit_type: str) -> str:
    if product_action is not None and product_action in NAMES:
        return NAMES[product_action]
    return PROMOTION_CLICK if promotion_action == "click" else HIT_TYPES.get(hit_type, CUSTOM)


def said_in(event: Event) -> Said:
    texts = (event.client_id, event.user_id, event.page, event.referrer, event.order_id)
    products = Counter([(one.sku.lower(), one.quantity, stored(one.price)) for one in event.products])
    return Said._make((event.name, event.occurred_at, *map(lower, texts), event.currency, products))


def lower(text: str | None) -> str | None:
    return text.strip(" ").lower() or None if text else None


def stored(amount: Decimal | None) -> Decimal | None:
    return None if amount is None else amount.quantize(CENTS)


def test_both_tell_of_every_hit_and_of_every_kind(told: Told) -> None:
    assert told.events.keys() == told.said.keys()
    assert {said.name for said in told.said.values()} == {*NAMES.values(), *HIT_TYPES.values(), PROMOTION_CLICK, CUSTOM}
    assert len(told.events) > 2_000


@pytest.mark.parametrize("field", Said._fields)
def test_both_say_the_same(told: Told, field: str) -> None:
    compared: list[tuple[str, Mapping[str, object], Any, Any]] = [
        (event.source, event.properties, getattr(said_in(event), field), getattr(told.said[event_id], field))
        for event_id, event in told.events.items()
    ]
    differing = [one for one in compared if one[-1] != one[-2] and not (field == "products" and one[-1] is None)]
    assert differing == []


def test_a_purchase_has_the_same_value(told: Told) -> None:
    assert {event_id: stored(told.events[event_id].value) for event_id in told.values} == told.values
    assert len(told.values) > 200
