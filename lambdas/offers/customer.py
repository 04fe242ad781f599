"""What is known of a customer, and what events add to it.

Everything here is a maximum or a union: of each item and each order, what the newest event said; of the times, the
newest. So the same events give the same knowledge in any order, any number of times, in any batches, and two customers
who turn out to be one are joined by the same rule. Sizes are bounded: the newest items and orders are kept.
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, NamedTuple, TypeVar

from offers.addresses import address_of
from offers.rules import Rules
from shared.events.event import ADD_TO_CART, IDENTIFY, PURCHASE, REMOVE_FROM_CART, Event, Product

SIGNALS = frozenset({ADD_TO_CART, REMOVE_FROM_CART, PURCHASE})

# Of the newest; more than any honest cart, and with the longest ids inside DynamoDB's 400 KB.
MAX_ITEMS = 100
MAX_ORDERS = 50

# Segment's messageId is the longest id of a tracker, 100 characters; longer ones come from nobody's shop.
MAX_ID_CHARACTERS = 100
MAX_NAME_CHARACTERS = 100


class Item(NamedTuple):
    """What was last done with one sku. wanted: in the cart or bought; of two things done in one moment this counts."""

    at: int
    wanted: bool
    event_id: str
    name: str


class Order(NamedTuple):
    """One purchase; trackers may tell of it several times, in parts. value: the highest that was said."""

    at: int
    value: Decimal
    event_id: str


class Offer(NamedTuple):
    """The last offer. at: the customer's clock when it was decided. sent: whether it has gone out."""

    at: int
    offer_id: str
    sent: bool


class Address(NamedTuple):
    """An e-mail address, and the event that said so."""

    at: int
    event_id: str
    address: str


class Customer(NamedTuple):
    """clock: when the newest of the events was received, epoch ms; there is no other "now" in these rules.

    items by sku, orders by order id. offered: of each sku the time of the removal that an offer has answered.
    """

    clock: int = 0
    items: Mapping[str, Item] = {}
    orders: Mapping[str, Order] = {}
    offered: Mapping[str, int] = {}
    offer: Offer | None = None
    address: Address | None = None

    @property
    def removed(self) -> list[str]:
        """Skus taken out of the cart and neither bought nor put back since; the last one first."""
        found = [(item, sku) for sku, item in self.items.items() if not item.wanted]
        return [sku for _, sku in sorted(found, reverse=True)]

    @property
    def unanswered(self) -> list[str]:
        """Those of `removed` that no offer was made on since they were removed."""
        return [sku for sku in self.removed if self.items[sku].at > self.offered.get(sku, -1)]

    @property
    def highest(self) -> Order | None:
        """The purchase of the highest value."""
        return max(self.orders.values(), key=lambda order: (order.value, order), default=None)


NOBODY = Customer()


def says_something(event: Event) -> bool:
    """Whether `learn` would make anything of an event."""
    if event.name in SIGNALS:
        return is_short(event.event_id)
    return event.name == IDENTIFY and is_short(event.event_id) and address_said(event) is not None


def is_short(name: str) -> bool:
    """Whether an id has the size of one, and needs no escapes that would make it longer."""
    return len(name) <= MAX_ID_CHARACTERS and name.isprintable()


def learn(customer: Customer, events: Iterable[Event], rules: Rules) -> Customer:
    """The customer after the events, of which each says something."""
    clock, address = customer.clock, customer.address
    items: dict[str, Item] = {}
    orders: dict[str, Order] = {}
    for event in events:
        name, at, event_id = event.name, event.occurred_at, event.event_id
        if name in SIGNALS:
            if event.received_at > clock:
                clock = event.received_at
            if event.products:
                wanted = name != REMOVE_FROM_CART
                for product in event.products:
                    sku = product.sku
                    if not is_short(sku):
                        continue
                    item = Item(at, wanted, event_id, _name(product))
                    known = items.get(sku)
                    if known is None or item > known:
                        items[sku] = item
            if name == PURCHASE:
                order, order_id = Order(at, value_of(event), event_id), event.order_id
                if order_id is None or not is_short(order_id):
                    order_id = event_id
                orders[order_id] = _one_order(orders[order_id], order) if order_id in orders else order
        elif name == IDENTIFY and (said := address_said(event)) is not None:
            address = _newer(address, Address(at, event_id, said))
    news = Customer(clock, items, orders, address=address)
    return join(customer, news, rules)


def join(one: Customer, other: Customer, rules: Rules) -> Customer:
    """Both, who are one person."""
    orders = dict(one.orders)
    for order_id, order in other.orders.items():
        orders[order_id] = _one_order(orders[order_id], order) if order_id in orders else order
    joined = Customer(
        clock=max(one.clock, other.clock),
        items=_newest_of_each(one.items, other.items),
        orders=orders,
        offered=_newest_of_each(one.offered, other.offered),
        offer=_newer(one.offer, other.offer),
        address=_newer(one.address, other.address),
    )
    return _forget(joined, rules)


def value_of(event: Event) -> Decimal:
    """What a purchase was worth: as it says, else what its products cost."""
    if event.value is not None:
        return event.value
    return sum((product.price * product.quantity for product in event.products if product.price), Decimal(0))


def address_said(event: Event) -> str | None:
    """The e-mail address that an event gives for its user."""
    said = event.properties.get("email")
    return address_of(said) if isinstance(said, str) else None


def _name(product: Product) -> str:
    name = (product.name or "")[:MAX_NAME_CHARACTERS]
    return name if name.isprintable() else ""


def _one_order(one: Order, other: Order) -> Order:
    _, value, event_id = max(one, other, key=lambda order: (order.value, order.event_id))
    return Order(max(one.at, other.at), value, event_id)


def _forget(customer: Customer, rules: Rules) -> Customer:
    """Without what is too long ago to matter, and what there is no room for."""
    oldest = customer.clock - rules.memory
    items = _kept(customer.items, oldest, MAX_ITEMS)
    orders = _kept(customer.orders, oldest, MAX_ORDERS)
    offered = customer.offered
    if any(sku not in items for sku in offered):
        offered = {sku: at for sku, at in offered.items() if sku in items}
    return customer._replace(items=items, orders=orders, offered=offered)


Dated = TypeVar("Dated", Item, Order)
Comparable = TypeVar("Comparable", bound=Any)  # with itself


def _kept(found: Mapping[str, Dated], oldest: int, limit: int) -> Mapping[str, Dated]:
    for one in found.values():
        if one.at < oldest:
            found = {key: one for key, one in found.items() if one.at >= oldest}
            break
    if len(found) > limit:
        newest = sorted(found.items(), key=lambda pair: (pair[1].at, pair[0]), reverse=True)
        found = dict(newest[:limit])
    return found


def _newest_of_each(one: Mapping[str, Comparable], other: Mapping[str, Comparable]) -> dict[str, Comparable]:
    newest = dict(one)
    for key, value in other.items():
        known = newest.get(key)
        if known is None or value > known:
            newest[key] = value
    return newest


def _newer(one: Comparable | None, other: Comparable | None) -> Comparable | None:
    if one is None or other is None:
        return one or other
    return max(one, other)
