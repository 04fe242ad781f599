"""What an event tells Amazon Personalize: one interaction a product, or nothing, or why it can not be told. Pure.

The limits are those of PutEvents (https://docs.aws.amazon.com/personalize/latest/dg/API_UBS_PutEvents.html).
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from shared.envelope import derived_id, encode_json
from shared.events.event import ADD_TO_CART, PRODUCT_CLICK, PRODUCT_VIEW, PURCHASE, Event, Product, Undecodable

MAX_CHARACTERS = 256  # of an event's id, a session, a user, an item
MAX_PROPERTIES_CHARACTERS = 1024
MAX_RECOMMENDATION_CHARACTERS = 40

# Segment's names, which models that were trained on Segment's history know.
EVENT_TYPES: Mapping[str, str] = {
    PRODUCT_CLICK: "Product Clicked",
    ADD_TO_CART: "Product Added",
    PURCHASE: "Order Completed",
}
VALUED = frozenset({ADD_TO_CART, PURCHASE})
VIEW_TYPES: Mapping[str, str] = {PRODUCT_VIEW: "Product Viewed"}

# Texts by which trackers say that there is none. Personalize answers 200 to a session `null`, and drops the event.
NOBODY = frozenset({"", "null", "undefined", "none"})

SEGMENT = "segment"

_NAMESPACE = UUID("8f6a7c52-3f0e-4b7e-9d0b-6a0f4f1f2c9d")


class Rules(NamedTuple):
    """item_property: under which name an interaction's properties repeat the item: `itemId`, or `id` in older schemas.

    event_types: how Personalize calls the events that it is told of, by our names.
    """

    item_property: str = "itemId"
    event_types: Mapping[str, str] = EVENT_TYPES


class Interaction(NamedTuple):
    """One entry of PutEvents. user: None while the visitor is anonymous. sent_at: epoch s, when it occurred.

    value: what the products cost together, in the shop's currency.
    """

    event_id: str
    event_type: str
    session: str
    user: str | None
    item: str
    sent_at: int
    properties: str
    value: float | None = None
    recommendation: str | None = None


def interactions(event: Event, rules: Rules) -> Sequence[Interaction] | Undecodable | None:
    """None where the event is of no interest; Undecodable where it is, and lacks what Personalize needs."""
    event_type = rules.event_types.get(event.name)
    if event_type is None:
        return None
    if not event.products and in_parts(event):
        return None
    session = session_of(event)
    if session is None:
        return unfit(event, "missing_session", "neither a session nor a client is named")
    if not event.products:
        return unfit(event, "missing_item", "no product is named")
    user = known(event.user_id)
    for name, text in (("session", session), ("user", user)):
        if text is not None and len(text) > MAX_CHARACTERS:
            return too_long(event, name, len(text))
    costs = by_sku(event.products)
    recommendation = recommendation_of(event.properties) if event.properties else None
    found: list[Interaction] = []
    for sku, cost in costs.items():
        properties = encode_json({rules.item_property: sku}).decode()
        if len(sku) > MAX_CHARACTERS:
            return too_long(event, "item", len(sku))
        if len(properties) > MAX_PROPERTIES_CHARACTERS:
            return too_long(event, "item as JSON", len(properties))
        found.append(
            Interaction(
                event_id(event.event_id, sku if len(costs) > 1 else None),
                event_type,
                session,
                user,
                sku,
                event.occurred_at // 1000,
                properties,
                None if cost is None or event.name not in VALUED else float(cost),
                recommendation,
            )
        )
    return found


def in_parts(event: Event) -> bool:
    """Whether it may be the sum of an order whose products come in events of their own. Segment's orders are whole."""
    return event.name == PURCHASE and event.order_id is not None and event.source != SEGMENT


def session_of(event: Event) -> str | None:
    """Segment's anonymousId, as its history has it; for other trackers their session, or else the client."""
    if event.source == SEGMENT:
        return known(event.client_id)
    return known(event.session_id) or known(event.client_id)


def known(text: str | None) -> str | None:
    """An identifier, or None where the text only says that there is none."""
    if text is None:
        return None
    text = text.strip()
    return None if text.lower() in NOBODY else text


def by_sku(products: Sequence[Product]) -> dict[str, Decimal | None]:
    """What each product of an event cost, None where that is not said; lines of one product are one."""
    found: dict[str, Decimal | None] = {}
    for product in products:
        price, quantity = product.price, product.quantity
        cost = price if price is None or quantity == 1 else price * quantity
        if product.sku in found:
            before = found[product.sku]
            cost = None if before is None or cost is None else before + cost
        found[product.sku] = cost
    return found


def event_id(own: str, sku: str | None) -> str:
    """The event's own id, with the sku where it has several products; the same at every attempt."""
    found = own if sku is None else f"{own}#{sku}"
    return found if len(found) <= MAX_CHARACTERS else derived_id(_NAMESPACE, found.encode())


def recommendation_of(properties: Mapping[str, object]) -> str | None:
    """The recommendation that led to the event, where the tracker says; one that can not be one is left out."""
    found = properties.get("recommendationId") or properties.get("recommendation_id")
    return found if isinstance(found, str) and 0 < len(found) <= MAX_RECOMMENDATION_CHARACTERS else None


def too_long(event: Event, name: str, length: int) -> Undecodable:
    return unfit(event, "too_long", f"the {name} has {length} characters, more than Personalize takes")


def unfit(event: Event, reason: str, message: str) -> Undecodable:
    return Undecodable(reason, f"{event.name}: {message}", event.source)
