"""Conversions: what a customer did about a promotion. They come from events and from lines of files."""

from collections.abc import Mapping
from decimal import Decimal
from typing import NamedTuple

from loyalty.channels import UNKNOWN, channel_of
from loyalty.texts import clipped
from shared.events.event import ADD_TO_CART, PROMOTION_CLICK, PURCHASE, Event

CLICK = "ClickConversion"
BASKET = "BasketConversion"
PURCHASED = "PurchaseConversion"
KINDS = (CLICK, BASKET, PURCHASED)

# What a decision repeats of a conversion is bounded as it is written (see `texts`), so that those of a whole batch fit
# one customer's item.
MAX_PROMOTION_BYTES = 128
MAX_WHERE_BYTES = 64
MAX_CAUSE_BYTES = 160

KIND_OF = {PROMOTION_CLICK: CLICK, ADD_TO_CART: BASKET, PURCHASE: PURCHASED}
DETAILED = frozenset({PURCHASE})  # the events whose value is looked at
_SNOWPLOW_PROMOTION = "contexts_com_snowplowanalytics_snowplow_ecommerce_promotion_1"


class Conversion(NamedTuple):
    """conversion_id: the same whenever the conversion comes again. kind: one of KINDS. customer: see `identity`.

    occurred_at: epoch ms. cause: where it can be looked up, an event's id or `object:line`. where: a click's channel.
    total: a purchase's, as far as it was said.
    """

    conversion_id: str
    promotion: str
    kind: str
    customer: str
    occurred_at: int
    cause: str
    where: str | None = None
    total: Decimal | None = None


def conversion_of(event: Event, customer: str, promotion: str) -> Conversion | None:
    """The conversion of a customer that an event is; None where it is none.

    promotion: under whose name it counts if the event names none. An order is one conversion, however many events
    there are of it: parts that a tracker sends one by one, or a confirmation page that was loaded again.
    """
    kind = KIND_OF.get(event.name)
    if kind is None:
        return None
    conversion_id, where, total = event.event_id, None, None
    if kind is CLICK:
        promotion = _promotion(event.properties) or promotion
        where = clipped(channel_of(event), MAX_WHERE_BYTES).strip() or UNKNOWN
    elif kind is PURCHASED:
        total = event.value
        if event.order_id is not None:
            conversion_id = f"order {event.order_id}"
    cause = clipped(event.event_id, MAX_CAUSE_BYTES)
    return Conversion(conversion_id, promotion, kind, customer, event.occurred_at, cause, where, total)


def _promotion(properties: Mapping[str, object]) -> str | None:
    """The promotion's name, else its id, as Google Analytics, Segment and Snowplow's e-commerce events say it."""
    named: object = properties.get(_SNOWPLOW_PROMOTION)
    if isinstance(named, list) and named and isinstance(named[0], dict):
        properties = named[0]
    for field in ("promo1nm", "promo1id", "promotion_name", "name", "promotion_id", "id"):
        found = properties.get(field)
        if isinstance(found, str) and (name := clipped(found.strip(), MAX_PROMOTION_BYTES).strip()):
            return name
    return None
