"""The platform's own envelope to an Event. Its hits are Google Analytics' (Measurement Protocol v1).

    t=pageview, screenview             page_view
    pa=detail, click, add, remove      product_view, product_click, add_to_cart, remove_from_cart
    pa=purchase, t=transaction         purchase, of value `tr`
    promoa=click                       promotion_click
    t=item                             purchase: the part of it that says what was bought
    everything else                    custom, `event_name` its action (`ea`), `pa` or `t`

An event happened at the time it was received less its queue time `qt`. `properties` are all the hit's own parameters.
Read as None where they are wrong: user_id, client_id, page, referrer, tr, cu, ti, qt, and a product's nm, ca, pr, qt.
"""

from collections.abc import Mapping
from typing import Any

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
)
from shared.events.values import currency, identifier, milliseconds, money, quantity, text

PROTOCOL = "google-analytics-v1"

_ACTIONS = {
    "detail": PRODUCT_VIEW,
    "click": PRODUCT_CLICK,
    "add": ADD_TO_CART,
    "remove": REMOVE_FROM_CART,
    "purchase": PURCHASE,
}
_HIT_TYPES = {"pageview": PAGE_VIEW, "screenview": PAGE_VIEW, "transaction": PURCHASE, "item": PURCHASE}

_MAX_PRODUCT_DIGITS = 3  # products are numbered from 1 to 200


def decode_envelope(envelope: Mapping[str, Any]) -> Event | Undecodable:
    """The event in an envelope. Total."""
    context, request = envelope.get("context"), envelope.get("request")
    if not isinstance(context, dict) or not isinstance(request, dict):
        return Undecodable("wrong_type", "'context' and 'request' are no objects", "envelope")
    if context.get("protocol") != PROTOCOL:
        return Undecodable("unknown_protocol", f"an envelope of another protocol than {PROTOCOL}", "envelope")
    body = request.get("body")
    if not isinstance(body, dict):
        return Undecodable("wrong_type", "'request.body' is no object", PROTOCOL)
    event_id = identifier(request.get("id"))
    if event_id is None:
        return Undecodable("missing_event_id", "no 'request.id'", PROTOCOL)
    received_at = milliseconds(request.get("timestamp"))
    if received_at is None:
        return Undecodable("invalid_timestamp", "'request.timestamp' is no time in ms", PROTOCOL)
    hit_type, action = body.get("t"), body.get("pa")
    # Any JSON value may stand here: what is no text can be no key.
    name = _ACTIONS.get(action) if isinstance(action, str) else None
    if name is None:
        if body.get("promoa") == "click":
            name = PROMOTION_CLICK
        else:
            name = (_HIT_TYPES.get(hit_type) if isinstance(hit_type, str) else None) or CUSTOM
    products = _item(body) if hit_type == "item" else _products(body) if action else ()
    return Event(
        event_id,
        name,
        _occurred_at(body.get("qt"), received_at),
        received_at,
        identifier(context.get("client_id")),
        identifier(context.get("user_id")),
        None,
        text(context.get("document_location")),
        text(context.get("document_referrer")),
        products,
        money(body["tr"]) if "tr" in body else None,
        currency(body.get("cu")),
        identifier(body["ti"]) if "ti" in body else None,
        body if name is not CUSTOM else {**body, "event_name": _own_name(body)},
        PROTOCOL,
    )


def _occurred_at(queue_time: object, received_at: int) -> int:
    if isinstance(queue_time, str) and queue_time.isascii() and queue_time.isdigit() and len(queue_time) < 16:
        queue_time = int(queue_time)
    if type(queue_time) is int and 0 <= queue_time <= received_at:
        return received_at - queue_time
    return received_at


def _own_name(body: Mapping[str, object]) -> str:
    return text(body.get("ea")) or text(body.get("pa")) or text(body.get("t")) or ""


def _products(body: Mapping[str, object]) -> tuple[Product, ...]:
    """The hit's products by their numbers. One without `id` goes by its name: the protocol wants one of the two."""
    numbers = {name[2:-2] for name in body if name[:2] == "pr" and name[-2:] in ("id", "nm")}
    if len(numbers) > 1:
        numbers = {number for number in numbers if number.isdecimal() and len(number) <= _MAX_PRODUCT_DIGITS}
        numbers = sorted(numbers, key=int)
    products: list[Product] = []
    for number in numbers:
        start = f"pr{number}"
        name = text(body.get(f"{start}nm"))
        sku = identifier(body.get(f"{start}id")) or identifier(name)
        if sku is not None and number.isdecimal():
            products.append(
                Product(
                    sku,
                    name,
                    text(body.get(f"{start}ca")),
                    money(body.get(f"{start}pr")),
                    quantity(body.get(f"{start}qt")),
                )
            )
    return tuple(products)


def _item(body: Mapping[str, object]) -> tuple[Product, ...]:
    """The product of an item hit, from before enhanced e-commerce."""
    name = text(body.get("in"))
    sku = identifier(body.get("ic")) or identifier(name)
    if sku is None:
        return ()
    return (Product(sku, name, text(body.get("iv")), money(body.get("ip")), quantity(body.get("iq"))),)
