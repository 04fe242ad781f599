"""What the applications should have done about the events that were sent, counted plainly, all at once.

None of the applications' code is used: no batches, no states, no conditions. An event belongs to its user, or to its
client as long as nobody has named the user of that client.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from headrace.applications.sent import Event

VIEWED = {"product_view": "Product Viewed"}
FED = {"product_click": "Product Clicked", "add_to_cart": "Product Added", "purchase": "Order Completed"}
CONVERSIONS = {
    "promotion_click": "ClickConversion",
    "add_to_cart": "BasketConversion",
    "purchase": "PurchaseConversion",
}
STAGES = {
    "page_view": "browsing",
    "promotion_click": "browsing",
    "product_view": "viewing",
    "product_click": "viewing",
    "add_to_cart": "cart",
    "remove_from_cart": "cart",
    "purchase": "purchased",
}


@dataclass(frozen=True, kw_only=True)
class Sent:
    """What the applications were sent. events: in each stream's order, each as often as it came. lines: of files, that
    were loaded as conversions. settings: of each application that is on."""

    events: Sequence[Event]
    lines: int
    settings: Mapping[str, Mapping[str, Any]]


def fed(events: Iterable[Event], *, views: bool) -> Counter[str]:
    """Interactions by type: one a product of an event, each event once. views: whether views count, too."""
    types = FED | VIEWED if views else FED
    found = {
        (event.event_id, product.sku): types[event.name]
        for event in events
        if event.name in types and (event.session_id or event.client_id)
        for product in event.products
    }
    return Counter(found.values())


def decisions(events: Iterable[Event]) -> Counter[str]:
    """Loyalty decisions by conversion: one for each by a customer who is known by user id or e-mail."""
    found: dict[tuple[str, str], str] = {}
    for event in events:
        customer = event.properties.get("email") or event.user_id
        if event.name in CONVERSIONS and customer:
            order = event.order_id if event.name == "purchase" else None
            found[str(customer), f"order {order}" if order else event.event_id] = CONVERSIONS[event.name]
    return Counter(found.values())


def levels(events: Iterable[Event], since: int) -> Counter[str]:
    """Visitors by the stage of their newest event, if that is no older than `since`, epoch ms."""
    newest: dict[str, tuple[int, str, str]] = {}
    for event in events:
        player = event.client_id or event.user_id
        if player and event.name in STAGES:
            place = (event.occurred_at, event.event_id, STAGES[event.name])
            newest[player] = max(newest.get(player, place), place)
    return Counter(stage for at, _, stage in newest.values() if at >= since)


@dataclass(frozen=True, kw_only=True)
class Qualified:
    """Customers who get an offer. surely: with all that is known of them in the end. perhaps: they did at some moment,
    and put back or bought all of it later; who is offered depends on what came in one batch."""

    surely: frozenset[str]
    perhaps: frozenset[str]


def offered(events: Sequence[Event], minimum: Decimal) -> Qualified:
    """Who bought for more than the minimum at once, and has taken out of the cart what they have not bought since."""
    users = _users(events)
    customers: dict[str, _Customer] = defaultdict(_Customer)
    perhaps: set[str] = set()
    for event in events:
        who = event.user_id or users.get(event.client_id or "") or event.client_id
        if who is None:
            continue
        customer = customers[who]
        customer.learn(event)
        if customer.qualifies(minimum):
            perhaps.add(who)
    surely = {who for who, customer in customers.items() if customer.qualifies(minimum)}
    return Qualified(surely=frozenset(surely), perhaps=frozenset(perhaps))


def _users(events: Iterable[Event]) -> Mapping[str, str]:
    """By client, the user whom it named first."""
    named = sorted((one.occurred_at, one.client_id, one.user_id) for one in events if one.client_id and one.user_id)
    return {client: user for _, client, user in reversed(named)}


class _Customer:
    """removed: of each product whether it was last taken out, and when. orders: their values, by order."""

    def __init__(self) -> None:
        self.removed: dict[str, tuple[int, bool]] = {}
        self.orders: dict[str, Decimal] = {}

    def learn(self, event: Event) -> None:
        if event.name in ("add_to_cart", "remove_from_cart", "purchase"):
            for product in event.products:
                deed = (event.occurred_at, event.name != "remove_from_cart")
                self.removed[product.sku] = max(self.removed.get(product.sku, deed), deed)
        if event.name == "purchase":
            prices = [product.price * product.quantity for product in event.products if product.price]
            value = sum(prices, Decimal(0)) if event.value is None else event.value
            order = event.order_id or event.event_id
            self.orders[order] = max(value, self.orders.get(order, value))

    def qualifies(self, minimum: Decimal) -> bool:
        bought = max(self.orders.values(), default=Decimal(0)) > minimum
        return bought and any(not wanted for _, wanted in self.removed.values())
