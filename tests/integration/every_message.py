"""Segment's messages and Snowplow's events of every kind, as the collector keeps them, and as it never would.

values, texts: what a number and a text may come as.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from tests.unit.headrace.raw_logs import Hit

SNOWPLOW = "iglu:com.snowplowanalytics.snowplow"
UNSTRUCT_EVENT = f"{SNOWPLOW}/unstruct_event/jsonschema/1-0-0"
CONTEXTS = f"{SNOWPLOW}/contexts/jsonschema/1-0-0"
ACTION = f"{SNOWPLOW}.ecommerce/snowplow_ecommerce_action/jsonschema/1-0-2"
PRODUCT = f"{SNOWPLOW}.ecommerce/product/jsonschema/1-0-0"
TRANSACTION = f"{SNOWPLOW}.ecommerce/transaction/jsonschema/1-0-0"
REFUND = f"{SNOWPLOW}.ecommerce/refund/jsonschema/1-0-0"
USER = f"{SNOWPLOW}.ecommerce/user/jsonschema/1-0-0"
PROMOTION = f"{SNOWPLOW}.ecommerce/promotion/jsonschema/1-0-0"
PAGE = f"{SNOWPLOW}/web_page/jsonschema/1-0-0"

TIMES = (
    *("2024-03-01T00:00:00.123Z", "2024-02-29T23:59:59Z", "2024-03-01T00:00:00.1Z", "2024-13-01T00:00:00Z"),
    *("2024-03-01T00:00:00+02:00", "2024-03-01", "2999-01-01T00:00:00Z", "1969-12-31T23:59:59Z", "soon", "", None, 7),
)
TRACKED = (
    *("Product Viewed", "Product Clicked", "Product Added", "Product Removed", "Checkout Started"),
    *("Checkout Step Completed", "Order Completed", "ORDER COMPLETED", "Order Refunded", "Products Searched"),
    *("Promotion Viewed", "Promotion Clicked", "Product List Viewed", "Product List Filtered", "Signed Up", ""),
    *("Payment Info Entered", "Checkout Step Viewed", "Order Updated"),
    # As else they are spelled.
    *("order_completed", "orderCompleted", "Completed Order", "Order Completed ", "Clicked Product", "viewedProduct"),
    *("Viewed Promotion", "_clicked_promotion", "Viewed Product Category", "searched products", "Completed  Order"),
)
ITEM = {"sku": "Shoe-1", "name": "Trail shoe", "price": 119.9, "quantity": 2, "category": "Shoes", "variant": "red"}
ORDER = {"order_id": "S-1", "total": 253.3, "tax": 40.45, "shipping": "4.90", "currency": "eur", "coupon": "TEN"}
LISTS: tuple[Any, ...] = ([], [ITEM], [ITEM, {"product_id": "Sock-2"}, None, "none", 7, [], {}], {"0": ITEM}, "x", None)


def segment(values: Iterable[Any], texts: Iterable[Any]) -> Iterator[Hit]:
    """Every type and every event of the e-commerce specification, bare, in full and with what is wrong."""
    for kind in ("page", "screen", "identify", "group", "alias", "track", "unheard-of"):
        yield _message({"type": kind})
        yield _message({"type": kind, "name": "Start", "category": "Docs"})
        yield _message({"type": kind, "name": "Start", "context": {"page": {"title": "T"}, "locale": "de-AT"}})
    yield from (_message({"type": "page", "timestamp": time}) for time in TIMES)
    for screen in ({"width": 1920, "height": 1080}, {"width": 1920}, {"width": "x", "height": None}, [], None):
        yield _message({"type": "page", "context": {"screen": screen}})
    for event in TRACKED:
        promotion = {"promotion_id": "Sale", "creative": "banner", "name": "Spring", "position": "top"}
        for properties in ({}, ITEM, ORDER, promotion, {**ORDER, **ITEM, "query": "Red Shoes", "list_id": "Hot"}):
            yield _track(event, properties)
        yield from (_track(event, {**ORDER, "products": products}) for products in LISTS)
    for value in values:
        yield from (_track("Order Completed", {**ORDER, name: value}) for name in ("total", "tax", "value"))
        yield _track("Order Completed", {"order_id": value, "revenue": value, "shipping": value})
        yield _track("Product Added", dict.fromkeys(("price", "quantity", "position", "sku"), value))
        yield _track("Order Completed", {"products": [{"product_id": "a", "price": value, "quantity": value}]})
    for text in texts:
        yield _track("Product Added", {**dict.fromkeys(("category", "label", "currency", "coupon"), text), "sku": text})
        yield _track("Products Searched", {"query": text, "list_id": text})


def snowplow(values: Iterable[Any], texts: Iterable[Any]) -> Iterator[Hit]:
    """Every kind of event and every schema that is known, bare, in full and with what is wrong."""
    for kind in ("pv", "pp", "se", "ue", "tr", "ti"):
        yield _event({"e": kind})
        yield _event({"e": kind, "page": "Home", "res": "1x2", "cs": "utf-8", "cd": "24", "lang": "de"})
    for name in ("add_to_cart", "remove_from_cart", "site_search", "timing", "screen_view", "link_click"):
        for version in ("1-0-0", "1-2-3", "2-0-0", "1"):
            data = {"sku": "Shoe-1", "unitPrice": 119.9, "quantity": 2, "currency": "eur", "name": "N"}
            yield _described(f"{SNOWPLOW}/{name}/jsonschema/{version}", data)
    yield _described("iglu:com.snowplowanalytics.mobile/screen_view/jsonschema/1-0-0", {"name": "Start"})
    for terms in (["Red", "Shoes"], [], ["", " "], None):
        yield _described(f"{SNOWPLOW}/site_search/jsonschema/1-0-0", {"terms": terms, "totalResults": 7})
    shoe = (PRODUCT, {"id": "Shoe-1", "category": "Shoes", "price": 119.9, "currency": "eur", "quantity": 2})
    sock = (PRODUCT, {"id": "b", "category": "Socks", "price": 4.5, "currency": "eur"})
    products = [shoe, (PAGE, {"id": "5a305bf5-32fc-40d9-b0e8-66052f0f2c95"}), sock]
    figures = {"revenue": 253.3, "tax": 1, "discount_code": "TEN", "total_quantity": 3, "currency": "EUR"}
    order = [(TRANSACTION, {"transaction_id": "W-1", "payment_method": "card", **figures})]
    promotion = [(PROMOTION, {"id": "Sale", "name": "Spring", "creative_id": "banner", "position": 1})]
    for kind in (
        *("product_view", "list_click", "list_view", "add_to_cart", "remove_from_cart", "checkout_step"),
        *("transaction", "refund", "promo_view", "promo_click", "trns_error", None),
    ):
        for contexts in ([], products, [*products, *order, *order], promotion, [(PRODUCT, None), (PRODUCT, [])]):
            yield _described(ACTION, {"type": kind, "name": "Hot"}, contexts)
    refund = [(REFUND, {"transaction_id": "R-1", "currency": "EUR", "refund_amount": 9.5})]
    yield _described(ACTION, {"type": "refund"}, refund)
    shopper = [(USER, {"id": "Shopper-1", "email": "shopper@example.org"})]
    yield _described(ACTION, {"type": "promo_click"}, [*promotion, *shopper])
    for person in ({"id": "Person-1", "email": "person@example.org"}, {"email": "person@example.org"}, {}):
        yield _described(f"{SNOWPLOW}/identify/jsonschema/1-0-0", person, shopper)
    for quantity in (0, 2.5, 2.0, -1):
        yield _described(f"{SNOWPLOW}/add_to_cart/jsonschema/1-0-0", {"sku": "a", "quantity": quantity})
    yield _described("no schema", None)
    for value in values:
        yield from (_event({"e": "pv", name: value}) for name in ("ttm", "dtm"))
        yield _event({"e": "pv", "dtm": "1000", "stm": value})
        yield _event({"e": "pv", "dtm": value, "stm": "1763777778000"})
        yield _event({"e": "se", "se_ca": "types", "se_va": value})
        yield _event({"e": "tr", "tr_id": value, "tr_tt": value, "tr_tx": value, "tr_sh": value})
        yield _event({"e": "ti", "ti_id": "W-2", "ti_sk": value, "ti_pr": value, "ti_qu": value})
        yield _described(f"{SNOWPLOW}/add_to_cart/jsonschema/1-0-0", {"sku": "a", "unitPrice": value})
        yield _described(ACTION, {"type": "add_to_cart"}, [(PRODUCT, {"id": "a", "price": value, "position": value})])
    for text in texts:
        yield _event({"e": "se", **dict.fromkeys(("se_ca", "se_ac", "se_la", "page", "cd", "lang"), text)})
        yield _event({"e": "tr", "tr_id": text, "tr_cu": text, "tr_af": text})
    yield _event({"e": "tr", "tr_id": "W-2", "tr_tt": "10"})
    for sku in ("a", "b", "a"):
        yield _event({"e": "ti", "ti_id": "W-2", "ti_sk": sku, "ti_pr": "5", "ti_qu": "1"})


def _track(event: str, properties: Mapping[str, Any]) -> Hit:
    return _message({"type": "track", "event": event, "properties": properties})


def _message(body: Mapping[str, Any]) -> Hit:
    return Hit(request_id="", client_id="client", body=body, context={"protocol": "segment", "user_id": "Ada"})


def _described(schema: str, data: Any, contexts: Iterable[tuple[str, Any]] = ()) -> Hit:
    event = {"e": "ue", "ue_pr": {"schema": UNSTRUCT_EVENT, "data": {"schema": schema, "data": data}}}
    entities = [{"schema": schema, "data": data} for schema, data in contexts]
    return _event({**event, "co": {"schema": CONTEXTS, "data": entities}} if entities else event)


def _event(body: Mapping[str, Any]) -> Hit:
    location = "https://Shop.example/find?q=Hats"
    return Hit(
        request_id="", client_id="client", body=body, context={"protocol": "snowplow", "document_location": location}
    )
