"""Purchases: the dataset writes a row a product, so one session's purchase rows of one millisecond are one order."""

import zlib
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from pumper.catalogue import Catalogue, Product
from pumper.rows import Row

FREE_SHIPPING = 50_00  # cents; below it shipping is
SHIPPING = 4_90  # cents
TAX_PERCENT = 19  # contained in the prices
COUPONS = ("", "", "", "", "", "", "WELCOME10", "SALE19")


class Line(NamedTuple):
    """A product of an order, and how many of it."""

    product: Product
    quantity: int


class Order(NamedTuple):
    """`digest`: 32 bits of what was bought by whom. `revenue`: the sum of the lines; `tax` is within it, `shipping`
    comes on top. Money is whole cents."""

    id: str
    digest: int
    lines: list[Line]
    revenue: int
    tax: int
    shipping: int
    coupon: str


def order_of(rows: list[Row], catalogue: Catalogue, salt: int) -> Order:
    """What one order says. The same product twice at one moment is a repeated row."""
    skus = list(dict.fromkeys(row.sku for row in rows))
    session, time = rows[0].session, rows[0].timestamp
    digest = zlib.crc32(f"purchase{session}{','.join(skus)}".encode("utf-8", "replace"), salt)
    lines = [Line(catalogue.product(sku), quantity_of(session, sku)) for sku in skus]
    revenue = sum(product.price * quantity for product, quantity in lines)
    return Order(
        id=f"T{time:x}-{digest:08x}",
        digest=digest,
        lines=lines,
        revenue=revenue,
        tax=_contained_tax(revenue),
        shipping=0 if revenue >= FREE_SHIPPING else SHIPPING,
        coupon=COUPONS[digest % len(COUPONS)],
    )


def with_orders(rows: list[Row]) -> Sequence[Row | list[Row]]:
    """The rows, purchases of one millisecond together in a list where the last of them stands."""
    purchased = [row.timestamp for row in rows if row.action == "purchase"]
    if not purchased:
        return rows
    left = Counter(purchased)
    mixed: list[Row | list[Row]] = []
    gathered: dict[int, list[Row]] = {}
    for row in rows:
        if row.action != "purchase":
            mixed.append(row)
            continue
        together = gathered.setdefault(row.timestamp, [])
        together.append(row)
        if len(together) == left[row.timestamp]:
            mixed.append(together)
    return mixed


def quantity_of(session: str, sku: str) -> int:
    """How many of a product a session wants, the same when added and when bought: 1 mostly, sometimes 2 or 3."""
    chance = zlib.crc32(f"{session}{sku}".encode("utf-8", "replace")) % 100
    return 1 if chance < 85 else 2 if chance < 97 else 3


def money(cents: int) -> str:
    """`12.34`, exactly."""
    return f"{cents // 100}.{cents % 100:02d}"


def _contained_tax(cents: int) -> int:
    """The tax within a price, to the nearest cent."""
    return (cents * TAX_PERCENT * 2 + 100 + TAX_PERCENT) // (2 * (100 + TAX_PERCENT))
