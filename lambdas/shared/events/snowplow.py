"""Snowplow's enriched event, a line of 131 fields with tabs between, to an Event.

    page_view, unstruct screen_view               page_view
    unstruct add_to_cart, remove_from_cart        add_to_cart, remove_from_cart
    unstruct snowplow_ecommerce_action, by type   product_view, add_to_cart, remove_from_cart; list_click is
                                                  product_click, promo_click promotion_click, transaction purchase
    transaction                                   purchase, of value `tr_total`
    transaction_item                              purchase: the part of it that says what was bought
    page_ping, struct, link_click, all others     custom, `event_name` its own

An event happened at derived_tstamp, else it is taken to have happened when the collector got it; both are UTC.
client_id is `domain_userid` (the tracker's first-party cookie), else `network_userid` (the collector's cookie), else a
mobile tracker's client_session context. properties: FIELDS and every context and unstruct event, under the names that
Snowplow's analytics SDKs give them.

Read as None (left out of properties) where they are wrong: all but event_id, collector_tstamp and an unstruct event.
The SDK's transform converts all 131 fields and refuses an event for one wrong figure; this reads the dozen it needs,
which is also why it is faster, and why the functions do without the SDK.
https://docs.snowplow.io/docs/fundamentals/canonical-event/understanding-the-enriched-tsv-format/
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from shared.events import schemas
from shared.events.event import (
    ADD_TO_CART,
    CUSTOM,
    PAGE_VIEW,
    PRODUCT_CLICK,
    PRODUCT_VIEW,
    PROMOTION_CLICK,
    PURCHASE,
    REMOVE_FROM_CART,
    Event,
    Product,
    Undecodable,
    make_event,
)
from shared.events.values import currency, identifier, instant, money, quantity, text

PROTOCOL = "snowplow"

FIELD_COUNT = 131

# Where the fields stand that are read here.
COLLECTOR_TSTAMP, EVENT, EVENT_ID = 3, 5, 6
USER_ID, DOMAIN_USERID, NETWORK_USERID = 12, 15, 17
PAGE_URL, PAGE_REFERRER = 29, 31
CONTEXTS, UNSTRUCT_EVENT = 52, 58
TR_ORDERID, TR_TOTAL, TR_CURRENCY = 59, 61, 108
TI_ORDERID, TI_SKU, TI_NAME, TI_CATEGORY, TI_PRICE, TI_QUANTITY, TI_CURRENCY = 67, 68, 69, 70, 71, 72, 112
DERIVED_CONTEXTS, DOMAIN_SESSIONID, DERIVED_TSTAMP, EVENT_NAME = 122, 123, 124, 126

# What stands in `properties` besides contexts and the unstruct event.
FIELDS = (
    ("app_id", 0),
    ("platform", 1),
    ("event", EVENT),
    ("page_title", 30),
    ("mkt_medium", 47),
    ("mkt_source", 48),
    ("mkt_campaign", 51),
    ("se_category", 53),
    ("se_action", 54),
    ("se_label", 55),
    ("se_property", 56),
    ("se_value", 57),
    ("event_name", EVENT_NAME),
)

_CART_EVENTS = {
    "unstruct_event_com_snowplowanalytics_snowplow_add_to_cart_1": ADD_TO_CART,
    "unstruct_event_com_snowplowanalytics_snowplow_remove_from_cart_1": REMOVE_FROM_CART,
}
_SCREEN_VIEWS = {
    "unstruct_event_com_snowplowanalytics_mobile_screen_view_1",
    "unstruct_event_com_snowplowanalytics_snowplow_screen_view_1",
}
_ACTION = "unstruct_event_com_snowplowanalytics_snowplow_ecommerce_snowplow_ecommerce_action_1"
_ACTION_TYPES = {
    "product_view": PRODUCT_VIEW,
    "list_click": PRODUCT_CLICK,
    "add_to_cart": ADD_TO_CART,
    "remove_from_cart": REMOVE_FROM_CART,
    "promo_click": PROMOTION_CLICK,
    "transaction": PURCHASE,
}
_PRODUCT = "contexts_com_snowplowanalytics_snowplow_ecommerce_product_1"
_TRANSACTION = "contexts_com_snowplowanalytics_snowplow_ecommerce_transaction_1"
_CLIENT_SESSION = "contexts_com_snowplowanalytics_snowplow_client_session_1"


class _Said(NamedTuple):
    """What an event says of a shop; nothing, unless its kind says otherwise."""

    name: str = CUSTOM
    products: tuple[Product, ...] = ()
    value: Decimal | None = None
    currency: str | None = None
    order_id: str | None = None


def decode_snowplow(line: str) -> Event | Undecodable:
    """The event in a line. Total."""
    fields = line.split("\t")
    if len(fields) != FIELD_COUNT:
        message = f"{len(fields)} fields, an enriched event has {FIELD_COUNT}"
        return Undecodable("wrong_field_count", message, PROTOCOL)
    event_id = identifier(fields[EVENT_ID])
    if event_id is None:
        return Undecodable("missing_event_id", "no event_id", PROTOCOL)
    received_at = instant(fields[COLLECTOR_TSTAMP])
    if received_at is None:
        return Undecodable("invalid_timestamp", "collector_tstamp is no time", PROTOCOL)
    properties: dict[str, object] = {name: fields[at] for name, at in FIELDS if fields[at]}
    for at in (CONTEXTS, DERIVED_CONTEXTS):
        if fields[at]:
            properties.update(schemas.contexts(fields[at]))
    unstruct = None
    if fields[UNSTRUCT_EVENT]:
        unstruct = schemas.unstruct_event(fields[UNSTRUCT_EVENT])
        if unstruct is None:
            return Undecodable("invalid_unstruct_event", "unstruct_event is no self-describing JSON", PROTOCOL)
        properties[unstruct[0]] = unstruct[1]
    said = _said(fields, unstruct, properties)
    occurred_at = instant(fields[DERIVED_TSTAMP])
    session = _first(properties.get(_CLIENT_SESSION))
    return make_event(
        (
            event_id,
            said.name,
            received_at if occurred_at is None else min(occurred_at, received_at),
            received_at,
            identifier(fields[DOMAIN_USERID])
            or identifier(fields[NETWORK_USERID])
            or identifier(session.get("userId")),
            identifier(fields[USER_ID]),
            identifier(fields[DOMAIN_SESSIONID]) or identifier(session.get("sessionId")),
            fields[PAGE_URL] or None,
            fields[PAGE_REFERRER] or None,
            said.products,
            said.value,
            said.currency,
            said.order_id,
            properties,
            PROTOCOL,
        )
    )


def _said(fields: list[str], unstruct: tuple[str, object] | None, properties: Mapping[str, object]) -> _Said:
    event = fields[EVENT]
    if event == "page_view":
        return _Said(PAGE_VIEW)
    if event == "transaction":
        code = currency(fields[TR_CURRENCY])
        return _Said(PURCHASE, (), money(fields[TR_TOTAL]), code, identifier(fields[TR_ORDERID]))
    if event == "transaction_item":
        product = _product(
            *(fields[at] for at in (TI_SKU, TI_NAME, TI_CATEGORY, TI_PRICE)), quantity_=fields[TI_QUANTITY] or None
        )
        return _Said(PURCHASE, product, None, currency(fields[TI_CURRENCY]), identifier(fields[TI_ORDERID]))
    key, data = unstruct or ("", None)
    if not isinstance(data, dict):
        return _Said()
    if key in _SCREEN_VIEWS:
        return _Said(PAGE_VIEW)
    if key == _ACTION:
        return _ecommerce_action(data, properties)
    name = _CART_EVENTS.get(key)
    if name is None:
        return _Said()
    product = _product(
        data.get("sku"), data.get("name"), data.get("category"), data.get("unitPrice"), quantity_=data.get("quantity")
    )
    return _Said(name, product, None, currency(data.get("currency")))


def _ecommerce_action(action: Mapping[str, Any], properties: Mapping[str, object]) -> _Said:
    """Snowplow's e-commerce events: the action says what was done, contexts say to which products."""
    kind = action.get("type")
    entities = properties.get(_PRODUCT)
    entities = [entity for entity in entities if isinstance(entity, dict)] if isinstance(entities, list) else []
    products: tuple[Product, ...] = ()
    for entity in entities:
        products += _product(
            entity.get("id"),
            entity.get("name"),
            entity.get("category"),
            entity.get("price"),
            quantity_=entity.get("quantity"),
        )
    transaction = _first(properties.get(_TRANSACTION))
    code = transaction.get("currency") or (entities[0].get("currency") if entities else None)
    return _Said(
        (_ACTION_TYPES.get(kind) if isinstance(kind, str) else None) or CUSTOM,
        products,
        money(transaction.get("revenue")),
        currency(code),
        identifier(transaction.get("transaction_id")),
    )


def _product(sku: object, name: object, category: object, price: object, *, quantity_: object) -> tuple[Product, ...]:
    known = identifier(sku)
    return () if known is None else (Product(known, text(name), text(category), money(price), quantity(quantity_)),)


def _first(entities: object) -> Mapping[str, Any]:
    """The first of a key's contexts that can be read."""
    if isinstance(entities, list) and entities and isinstance(entities[0], dict):
        return entities[0]
    return {}
