"""Rows become deeds: what a visitor did, as the trackers that write to streams need to know it.

Google Analytics' hits are made from the rows directly, at twice the speed; the same rules hold for both: one deed a
row, and one for all purchase rows of one session and millisecond.
"""

from collections.abc import Iterator
from hashlib import blake2b
from typing import NamedTuple
from urllib.parse import quote

from pumper.catalogue import Catalogue
from pumper.orders import Line, Order, order_of, quantity_of, with_orders
from pumper.promotions import Promotion, promotion_of
from pumper.rows import Row, Search
from pumper.source import Run
from pumper.visitors import Visitor

CLICKS_IN_A_SEARCH = 20


class Deed(NamedTuple):
    """`action`: as in Row. `id`: 32 hexadecimal digits, the same for the same row. `url`: of the page it happened on.

    lines: the product of a product's action, or the clicked products of a search. order: of a purchase alone.
    """

    action: str
    id: str
    time: int
    url: str
    title: str
    lines: list[Line]
    order: Order | None = None
    search: Search | None = None
    promotion: Promotion | None = None

    def part(self, number: int | str) -> str:
        """The id of a part of it, as a UUID: one deed may take several events."""
        digits = blake2b(f"{self.id} {number}".encode(), digest_size=16).hexdigest()
        return as_uuid(digits)


def deeds(run: Run, catalogue: Catalogue, visitor: Visitor, salt: int) -> Iterator[Deed]:
    """The deeds of one run, in its order; an order stands where its last product does."""
    site = f"https://{visitor.tenant.host}/"
    hashing = blake2b(visitor.client_id.encode(), digest_size=16, key=salt.to_bytes(8, "big"))
    for row in with_orders(run.rows):
        last = row[-1] if isinstance(row, list) else row
        naming = hashing.copy()
        naming.update("\0".join(_identity(row)).encode("utf-8", "replace"))
        id, url, title = naming.hexdigest(), f"{site}{last.url}", f"Page {last.url[:8]}"
        if isinstance(row, list):
            order = order_of(row, catalogue, salt)
            yield Deed("purchase", id, last.timestamp, url, title, order.lines, order)
        elif row.search is not None:
            clicked = [Line(catalogue.product(sku), 1) for sku, _ in row.search.clicks[:CLICKS_IN_A_SEARCH]]
            url = f"{site}search?q={quote(row.search.query, safe='')}"
            yield Deed("search", id, row.timestamp, url, "Search", clicked, search=row.search)
        elif row.action == "pageview":
            promotion = promotion_of(row.timestamp)
            yield Deed("pageview", id, row.timestamp, url, title, [], promotion=promotion)
        else:
            quantity = quantity_of(row.session, row.sku) if row.action in ("add", "remove") else 1
            yield Deed(row.action, id, row.timestamp, url, title, [Line(catalogue.product(row.sku), quantity)])


def as_uuid(digits: str) -> str:
    """32 hexadecimal digits as a UUID of version 4, which is what trackers generate."""
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:32]}"


def _identity(row: Row | list[Row]) -> list[str]:
    rows = row if isinstance(row, list) else [row]
    told = [f"{one.session} {one.action} {one.sku} {one.timestamp} {one.url} {one.search}" for one in rows]
    return list(dict.fromkeys(told))  # a repeated row of a purchase is the same purchase
