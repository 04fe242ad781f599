"""One visit to a shop, told by each tracker in its own words, through the collector's own code.

A visitor comes, searches, sees a list and a promotion, looks at a shoe, puts it and socks into the cart, takes the
socks out again, and buys two pairs of the shoe.
"""

import base64
import json
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from collect.configuration import Configuration
from collect.taking import take_in
from tests.integration.every_message import ACTION, PRODUCT, PROMOTION, SNOWPLOW, TRANSACTION
from tests.unit.lambdas.conftest import http_event

SHOE = {"sku": "Shoe-1", "name": "Trail shoe", "price": "10", "quantity": "2", "category": "Shoes"}
SOCK = {"sku": "Sock-2", "name": "Sock", "price": "4.5", "quantity": "1", "category": "Socks"}
PAGE = "https://shop.example/"
KEY = "write-key"
STEP = timedelta(minutes=1)

Told = list[bytes]


def google_analytics(begin: datetime) -> Told:
    """Enhanced e-commerce."""
    keys = {"sku": "id", "name": "nm", "price": "pr", "quantity": "qt", "category": "ca"}
    shoe = {f"pr1{keys[name]}": value for name, value in SHOE.items()}
    sock = {f"pr1{keys[name]}": value for name, value in SOCK.items()}
    hits = [
        {"t": "pageview"},
        {"t": "event", "ec": "search", "ea": "find", "el": "Red Shoes"},
        {"t": "event", "il1nm": "Hot", "il1pi1id": "Shoe-1", "il1pi2id": "Sock-2"},
        {"t": "event", "promo1id": "Sale", "promo1nm": "Spring", "promoa": "view"},
        {"t": "event", "pa": "detail", **shoe},
        {"t": "event", "pa": "add", **shoe},
        {"t": "event", "pa": "add", **sock},
        {"t": "event", "pa": "remove", **sock},
        {"t": "event", "pa": "purchase", "ti": "order-ga", "tr": "25", "tt": "4", "ts": "5", "cu": "EUR", **shoe},
    ]
    common = {"v": "1", "tid": "UA-1-1", "cid": "visitor-ga", "dl": PAGE}
    return [line for at, hit in _timed(begin, hits) for line in _taken("/collect", urlencode({**common, **hit}), at)]


def google_analytics_items(begin: datetime) -> Told:
    """Only the purchase, in the words of the older e-commerce."""
    hits = [
        {"t": "transaction", "ti": "order-items", "tr": "25", "tt": "4", "ts": "5", "cu": "EUR"},
        {"t": "item", "ti": "order-items", "ic": "Shoe-1", "in": "Trail shoe", "ip": "10", "iq": "2", "iv": "Shoes"},
    ]
    common = {"v": "1", "tid": "UA-1-1", "cid": "visitor-items", "dl": PAGE}
    return [line for at, hit in _timed(begin, hits) for line in _taken("/collect", urlencode({**common, **hit}), at)]


def segment(begin: datetime) -> Told:
    order = {"order_id": "order-segment", "total": 25, "tax": 4, "shipping": 5, "currency": "EUR", "products": [SHOE]}
    tracked = [
        ("Products Searched", {"query": "Red Shoes"}),
        ("Product List Viewed", {"list_id": "Hot", "products": [{"sku": "Shoe-1"}, {"sku": "Sock-2"}]}),
        ("Promotion Viewed", {"promotion_id": "Sale", "name": "Spring"}),
        ("Product Viewed", SHOE),
        ("Product Added", SHOE),
        ("Product Added", SOCK),
        ("Product Removed", SOCK),
        ("Order Completed", order),
    ]
    messages = [{"type": "page"}, *({"type": "track", "event": name, "properties": said} for name, said in tracked)]
    common = {"anonymousId": "visitor-segment", "context": {"page": {"url": PAGE}}}
    authorization = f"Basic {base64.b64encode(f'{KEY}:'.encode()).decode()}"
    return [
        line
        for at, message in _timed(begin, messages)
        for line in _taken("/v1/batch", json.dumps({"batch": [{**common, **message}]}), at, authorization)
    ]


def snowplow(begin: datetime) -> Told:
    """The e-commerce schemas."""
    shoe = (PRODUCT, _product(SHOE))
    sock = (PRODUCT, _product(SOCK))
    order = {"transaction_id": "order-snowplow", "revenue": 25, "tax": 4, "shipping": 5, "currency": "EUR"}
    events = [
        {"e": "pv"},
        _described(f"{SNOWPLOW}/site_search/jsonschema/1-0-0", {"terms": ["Red", "Shoes"]}),
        _described(ACTION, {"type": "list_view", "name": "Hot"}, shoe, sock),
        _described(ACTION, {"type": "promo_view"}, (PROMOTION, {"id": "Sale", "name": "Spring"})),
        _described(ACTION, {"type": "product_view"}, shoe),
        _described(ACTION, {"type": "add_to_cart"}, shoe),
        _described(ACTION, {"type": "add_to_cart"}, sock),
        _described(ACTION, {"type": "remove_from_cart"}, sock),
        _described(
            ACTION,
            {"type": "transaction"},
            (TRANSACTION, {**order, "total_quantity": 2, "payment_method": "card"}),
            shoe,
        ),
    ]
    return _snowplow(begin, events, "visitor-snowplow")


def snowplow_items(begin: datetime) -> Told:
    """Only the purchase, as a transaction and its items."""
    events = [
        {"e": "tr", "tr_id": "order-ti", "tr_tt": "25", "tr_tx": "4", "tr_sh": "5", "tr_cu": "EUR"},
        {"e": "ti", "ti_id": "order-ti", "ti_sk": "Shoe-1", "ti_nm": "Trail shoe", "ti_pr": "10", "ti_qu": "2"},
    ]
    return _snowplow(begin, events, "visitor-ti")


def _snowplow(begin: datetime, events: list[dict[str, Any]], client: str) -> Told:
    common = {"tv": "py-1", "p": "web", "duid": client, "url": PAGE}
    lines = []
    for at, event in _timed(begin, events):
        payload = {"schema": f"{SNOWPLOW}/payload_data/jsonschema/1-0-4", "data": [{**common, **event}]}
        lines += _taken("/com.snowplowanalytics.snowplow/tp2", json.dumps(payload), at)
    return lines


def _product(said: Mapping[str, str]) -> dict[str, Any]:
    return {
        "id": said["sku"],
        "name": said["name"],
        "category": said["category"],
        "price": float(said["price"]),
        "quantity": int(said["quantity"]),
        "currency": "EUR",
    }


def _described(schema: str, data: Mapping[str, Any], *contexts: tuple[str, Any]) -> dict[str, Any]:
    event = {"schema": schema, "data": data}
    entities = [{"schema": name, "data": said} for name, said in contexts]
    return {
        "e": "ue",
        "ue_pr": json.dumps({"schema": f"{SNOWPLOW}/unstruct_event/jsonschema/1-0-0", "data": event}),
        **(
            {"co": json.dumps({"schema": f"{SNOWPLOW}/contexts/jsonschema/1-0-0", "data": entities})}
            if entities
            else {}
        ),
    }


def _timed(begin: datetime, things: list[dict[str, Any]]) -> Iterator[tuple[datetime, dict[str, Any]]]:
    return ((begin + number * STEP, thing) for number, thing in enumerate(things))


def _taken(path: str, body: str, at: datetime, authorization: str = "") -> Told:
    """The lines that the collector makes of a request received at this time."""
    event = http_event(body, path)
    event["requestContext"]["timeEpoch"] = round(at.timestamp() * 1000)
    event["headers"] = {"content-type": "application/json" if body[0] == "{" else "", "authorization": authorization}
    intake = take_in(event, Configuration(write_keys=frozenset({KEY})))
    assert [item.data for item in intake.bad_rows] == []
    return [item.data for item in intake.events]
