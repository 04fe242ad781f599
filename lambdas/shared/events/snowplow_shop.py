"""What Snowplow's events say of a shop, whether they come enriched or as the collector's own envelopes.

page_view, unstruct screen_view               page_view
unstruct add_to_cart, remove_from_cart        add_to_cart, remove_from_cart
unstruct snowplow_ecommerce_action, by type   product_view, add_to_cart, remove_from_cart; list_click is
                                              product_click, promo_click promotion_click, transaction purchase
transaction                                   purchase, of value `tr_total`
transaction_item                              purchase: the part of it that says what was bought
unstruct identify                             identify
page_ping, struct, link_click, all others     custom, `event_name` its own
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from shared.events.event import (
    ADD_TO_CART,
    CUSTOM,
    IDENTIFY,
    PAGE_VIEW,
    PRODUCT_CLICK,
    PRODUCT_VIEW,
    PROMOTION_CLICK,
    PURCHASE,
    REMOVE_FROM_CART,
    Product,
)
from shared.events.schemas import first
from shared.events.snowplow_person import IDENTIFIED
from shared.events.values import currency, identifier, money, quantity, text

_CART_EVENTS = {
    "unstruct_event_com_snowplowanalytics_snowplow_add_to_cart_1": ADD_TO_CART,
    "unstruct_event_com_snowplowanalytics_snowplow_remove_from_cart_1": REMOVE_FROM_CART,
}
_NAMES = {
    "unstruct_event_com_snowplowanalytics_mobile_screen_view_1": PAGE_VIEW,
    "unstruct_event_com_snowplowanalytics_snowplow_screen_view_1": PAGE_VIEW,
    IDENTIFIED: IDENTIFY,
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
_REFUND = "contexts_com_snowplowanalytics_snowplow_ecommerce_refund_1"
_TRANSACTION = "contexts_com_snowplowanalytics_snowplow_ecommerce_transaction_1"


class Said(NamedTuple):
    """What an event says of a shop; nothing, unless its kind says otherwise."""

    name: str = CUSTOM
    products: tuple[Product, ...] = ()
    value: Decimal | None = None
    currency: str | None = None
    order_id: str | None = None


def said(
    event: object,
    field: Callable[[str], object],
    unstruct: tuple[str, object] | None,
    properties: Mapping[str, object],
) -> Said:
    """What an event says of a shop.

    event: its kind, by the enriched event's name. field: what stands in one of the enriched event's fields. unstruct:
    the key and the data of a self-describing event. properties: contexts, by the analytics SDKs' names. Total.
    """
    if event == "page_view":
        return Said(PAGE_VIEW)
    if event == "transaction":
        code = currency(field("tr_currency"))
        return Said(PURCHASE, (), money(field("tr_total")), code, identifier(field("tr_orderid")))
    if event == "transaction_item":
        product = _product(
            *(field(name) for name in ("ti_sku", "ti_name", "ti_category", "ti_price")),
            quantity_=field("ti_quantity") or None,
        )
        return Said(PURCHASE, product, None, currency(field("ti_currency")), identifier(field("ti_orderid")))
    key, data = unstruct or ("", None)
    if not isinstance(data, dict):
        return Said()
    if key in _NAMES:
        return Said(_NAMES[key])
    if key == _ACTION:
        return _ecommerce_action(data, properties)
    name = _CART_EVENTS.get(key)
    if name is None:
        return Said()
    product = _product(
        data.get("sku"), data.get("name"), data.get("category"), data.get("unitPrice"), quantity_=data.get("quantity")
    )
    return Said(name, product, None, currency(data.get("currency")))


def _ecommerce_action(action: Mapping[str, Any], properties: Mapping[str, object]) -> Said:
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
    transaction, refund = first(properties.get(_TRANSACTION)), first(properties.get(_REFUND))
    code = transaction.get("currency") or refund.get("currency") or (entities[0].get("currency") if entities else None)
    return Said(
        (_ACTION_TYPES.get(kind) if isinstance(kind, str) else None) or CUSTOM,
        products,
        money(transaction.get("revenue")),
        currency(code),
        identifier(transaction.get("transaction_id")) or identifier(refund.get("transaction_id")),
    )


def _product(sku: object, name: object, category: object, price: object, *, quantity_: object) -> tuple[Product, ...]:
    known = identifier(sku)
    return () if known is None else (Product(known, text(name), text(category), money(price), quantity(quantity_)),)
