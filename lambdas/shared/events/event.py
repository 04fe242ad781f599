"""The canonical Event: what every real-time application works on, whichever tracker sent it."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import partial
from typing import NamedTuple

PAGE_VIEW = "page_view"
PRODUCT_VIEW = "product_view"
PRODUCT_CLICK = "product_click"
ADD_TO_CART = "add_to_cart"
REMOVE_FROM_CART = "remove_from_cart"
PURCHASE = "purchase"
PROMOTION_CLICK = "promotion_click"
IDENTIFY = "identify"
CUSTOM = "custom"

NAMES = frozenset(
    {
        PAGE_VIEW,
        PRODUCT_VIEW,
        PRODUCT_CLICK,
        ADD_TO_CART,
        REMOVE_FROM_CART,
        PURCHASE,
        PROMOTION_CLICK,
        IDENTIFY,
        CUSTOM,
    }
)


class Product(NamedTuple):
    """One line of a cart or an order. sku: never empty. price: of one piece. quantity: at least 1."""

    sku: str
    name: str | None = None
    category: str | None = None
    price: Decimal | None = None
    quantity: int = 1


class Event(NamedTuple):  # a frozen dataclass costs four times as much to make
    """One thing that a visitor did.

    event_id: the tracker's own id (GA: derived; Segment: messageId; Snowplow: event_id), the key for dedupe.
    name: one of NAMES. occurred_at, received_at: epoch ms; nothing occurs after it was received.
    client_id: the browser or device; None where the tracker gave none. user_id: the person, once known.
    value: of the whole event, exact, in `currency` (ISO 4217, None where not said).
    order_id: of a purchase. It may come in parts that share it, as Snowplow's do: one has the value, the others a
    product each and no value.
    properties: what the tracker said, by its own names; a custom event's own name is `event_name`, whoever sent it.
    source: the protocol it came in.
    """

    event_id: str
    name: str
    occurred_at: int
    received_at: int
    client_id: str | None = None
    user_id: str | None = None
    session_id: str | None = None
    page: str | None = None
    referrer: str | None = None
    products: tuple[Product, ...] = ()
    value: Decimal | None = None
    currency: str | None = None
    order_id: str | None = None
    properties: Mapping[str, object] = {}
    source: str = ""

    @property
    def skus(self) -> frozenset[str]:
        return frozenset(product.sku for product in self.products)


# As their classes make them, in half the time: of a tuple with all fields, in their order.
make_event: Callable[[tuple[object, ...]], Event] = partial(tuple.__new__, Event)
make_product: Callable[[tuple[object, ...]], Product] = partial(tuple.__new__, Product)


class Undecodable(NamedTuple):
    """Bytes that are no event. reason: a stable snake_case code. message: for a person. protocol: as far as known."""

    reason: str
    message: str
    protocol: str
