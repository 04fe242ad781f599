"""A message of Segment's to an Event, out of its Kinesis destination's stream or out of the platform's own envelope.

    page, screen                                             page_view
    track: Product Viewed, Product Clicked                   product_view, product_click
    track: Product Added, Product Removed                    add_to_cart, remove_from_cart
    track: Order Completed                                   purchase
    track: Promotion Clicked                                 promotion_click
    identify, alias                                          identify
    every other track, group                                 custom, `event_name` what Segment calls it

in every spelling of segment_names.

`timestamp` is the time that Segment has corrected by the device's clock; where it is missing it is worked out as
Segment does: receivedAt less (sentAt less originalTimestamp). client_id is `anonymousId`, user_id is `userId`; an
alias' `previousId` stands for a missing anonymousId. A product's sku is `sku`, else `product_id`. value is `total`,
else `revenue`, else `value`. properties: the message's own, with the name and category of a page or a screen; those of
an identify or a group are its traits. The person's e-mail is added from `context.traits` or the message itself, where
senders put it.

In an envelope the collector has worked all this out: id, receiving time, ids and addresses are the envelope's.

Read as None where they are wrong: all but type, and of a stream's record messageId and a time.
https://segment.com/docs/connections/spec/ecommerce/v2/
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from shared.events.actions import NAMES
from shared.events.event import (
    CUSTOM,
    IDENTIFY,
    PAGE_VIEW,
    PROMOTION_CLICK,
    Event,
    Product,
    Undecodable,
    make_event,
    make_product,
)
from shared.events.hit import Hit
from shared.events.segment_names import PRODUCT_ACTIONS, PROMOTION_ACTIONS, by_key, key
from shared.events.values import currency, identifier, instant, milliseconds, money, quantity, text

PROTOCOL = "segment"

_TYPES = {
    "track": CUSTOM,
    "page": PAGE_VIEW,
    "screen": PAGE_VIEW,
    "identify": IDENTIFY,
    "alias": IDENTIFY,
    "group": CUSTOM,
}
_TRACKED = {
    **{name: NAMES[action] for name, action in by_key(PRODUCT_ACTIONS).items() if action in NAMES},
    **{name: PROMOTION_CLICK for name, action in by_key(PROMOTION_ACTIONS).items() if action == "click"},
}

_NAMED = frozenset({"page", "screen"})  # by a `name`, and a `category`, that stand beside the properties
_WITH_PROPERTIES = frozenset({"track", *_NAMED})

_NOTHING: Mapping[str, Any] = {}


def decode_segment(message: Mapping[str, Any]) -> Event | Undecodable:
    """The event in a record of the destination's stream. Total."""
    kind = _kind(message)
    if isinstance(kind, Undecodable):
        return kind
    event_id = identifier(message.get("messageId"))
    if event_id is None:
        return Undecodable("missing_event_id", "no 'messageId'", PROTOCOL)
    occurred_at, received_at = _times(message)
    if occurred_at is None or received_at is None:
        return Undecodable("invalid_timestamp", "no 'timestamp', 'receivedAt' or 'originalTimestamp' in it", PROTOCOL)
    client_id = identifier(message.get("anonymousId"))
    if client_id is None and kind == "alias":
        client_id = identifier(message.get("previousId"))
    user_id = identifier(message.get("userId"))
    return _event(Hit(event_id, received_at, client_id, user_id, None, None, message), kind, occurred_at)


def decode_hit(hit: Hit) -> Event | Undecodable:
    """The event in an envelope's hit. Total."""
    kind = _kind(hit.body)
    if isinstance(kind, Undecodable):
        return kind
    occurred_at = instant(hit.body.get("timestamp"))
    if occurred_at is None or occurred_at > hit.received_at:
        occurred_at = hit.received_at
    return _event(hit, kind, occurred_at)


def _kind(message: Mapping[str, Any]) -> str | Undecodable:
    kind = message.get("type")
    if not isinstance(kind, str):
        return Undecodable("wrong_type", "'type' is no text", PROTOCOL)
    if kind not in _TYPES:
        return Undecodable("unknown_type", f"'type' is none of {', '.join(_TYPES)}", PROTOCOL)
    return kind


def _event(hit: Hit, kind: str, occurred_at: int) -> Event:
    """kind: one of _TYPES. Page and referrer are the message's own where the hit has none."""
    message = hit.body
    get = message.get
    context = _object(get("context"))
    properties = _object(get("properties" if kind in _WITH_PROPERTIES else "traits"))
    page = _object(context.get("page"))
    name, own_name = _TYPES[kind], kind
    products, value, code, order_id = (), None, None, None
    if kind == "track":
        own_name = text(get("event")) or kind
        name = _TRACKED.get(key(own_name), CUSTOM)
        products, value = _products(properties), _value(properties)
        code, order_id = currency(properties.get("currency")), identifier(properties.get("order_id"))
    return make_event(
        (
            hit.event_id,
            name,
            occurred_at,
            hit.received_at,
            hit.client_id,
            hit.user_id,
            None,
            hit.page or text(page.get("url")) or text(properties.get("url")),
            hit.referrer or text(page.get("referrer")) or text(properties.get("referrer")),
            products,
            value,
            code,
            order_id,
            _properties(properties, message, context, kind, own_name if name is CUSTOM else None),
            PROTOCOL,
        )
    )


def _object(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else _NOTHING


def _times(message: Mapping[str, Any]) -> tuple[int | None, int | None]:
    """When it happened and when it was received; what is missing is taken from the other, None when both are."""
    occurred_at, received_at = instant(message.get("timestamp")), instant(message.get("receivedAt"))
    if occurred_at is None:
        original, sent = instant(message.get("originalTimestamp")), instant(message.get("sentAt"))
        if original is not None and sent is not None and received_at is not None:
            original = milliseconds(received_at - (sent - original))
        occurred_at = received_at if original is None else original
    if received_at is None or occurred_at is None:
        return occurred_at, occurred_at
    return (occurred_at if occurred_at < received_at else received_at), received_at


def _value(properties: Mapping[str, Any]) -> Decimal | None:
    for name in ("total", "revenue", "value"):
        if name in properties and (amount := money(properties[name])) is not None:
            return amount
    return None


def _products(properties: Mapping[str, Any]) -> tuple[Product, ...]:
    several = properties.get("products")
    if isinstance(several, list):
        found = [_product(one) for one in several if isinstance(one, dict)]
        return tuple([product for product in found if product is not None])
    if "sku" in properties or "product_id" in properties:
        product = _product(properties)
        return () if product is None else (product,)
    return ()


def _product(said: Mapping[str, Any]) -> Product | None:
    get = said.get
    sku = identifier(get("sku")) or identifier(get("product_id"))
    if sku is None:
        return None
    return make_product((sku, text(get("name")), text(get("category")), money(get("price")), quantity(get("quantity"))))


def _properties(
    properties: Mapping[str, Any],
    message: Mapping[str, Any],
    context: Mapping[str, Any],
    kind: str,
    own_name: str | None,
) -> Mapping[str, object]:
    """The properties with what Segment has elsewhere. own_name: of a custom event."""
    more: dict[str, object] = {} if own_name is None else {"event_name": own_name}
    if kind in _NAMED:
        more |= {
            name: said for name in ("name", "category") if name not in properties and (said := text(message.get(name)))
        }
    if ("email" in message or "traits" in context) and "email" not in properties:
        email = text(message.get("email")) or text(_object(context.get("traits")).get("email"))
        if email:
            more["email"] = email
    if "previousId" in message:
        more["previousId"] = message["previousId"]
    return {**properties, **more} if more else properties
