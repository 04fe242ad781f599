"""Rows become hits of the Google Analytics Measurement Protocol v1, with enhanced e-commerce.

    pageview               t=pageview; promoa=click and promo1… where a click on a promotion led there
    detail, add, remove    t=event, ec=ecommerce, ea and pa the action, pr1… the product
    purchase               t=event, pa=purchase, ti tr tt ts ta cu and a product each for the purchase rows that one
                           session has at one millisecond: the dataset writes a row a product
    search                 t=event, ec=search, ea=search (zero results: ea=zero results), el the query, ev the number
                           of results, cm1 the clicks; clicked products as pa=click, pal=search results, prNps the rank

`z` is made from the row, so that a row sent again is the same hit: collectors derive the event's id from it. A
`salt` other than zero makes other ids, transactions' too, of the same visitors.
`cd1` is the dataset's session, by which the warehouse's sessions can be compared with the data's.
"""

import zlib
from functools import lru_cache
from urllib.parse import quote

from pumper.catalogue import Catalogue, Product
from pumper.hits import Hit, make_hit
from pumper.orders import money, order_of, quantity_of, with_orders
from pumper.promotions import PAGEVIEWS_A_CLICK, promotion_of
from pumper.rows import Row, Search
from pumper.source import Run
from pumper.visitors import Visitor, Visitors, quoted

LONGEST_HIT = 8_000  # bytes: Google's 8K, read as the smaller of its two meanings
CLICKS_IN_A_HIT = 20

_REMEMBERED = 10_000  # visits, of half a kilobyte each, and products; the others are worked out again


class GoogleAnalytics:
    """Encodes runs. `too_long` counts the rows whose hits exceed what Google Analytics takes."""

    def __init__(self, catalogue: Catalogue, visitors: Visitors, *, salt: int) -> None:
        self._catalogue, self._visitors, self._salt = catalogue, visitors, salt
        self._product = lru_cache(maxsize=_REMEMBERED)(self._describe)
        self._visit = lru_cache(maxsize=_REMEMBERED)(self._begin)
        self.too_long = 0

    def hits(self, run: Run) -> list[Hit]:
        """The hits of one run, in its order; a transaction stands where its last product does."""
        visitor, prefix, site = self._visit(run.session)
        client, salt, product, crc32 = visitor.digest, self._salt, self._product, zlib.crc32
        hits: list[Hit] = []
        seen: set[str] = set()
        for row in with_orders(run.rows):
            if isinstance(row, list):
                time = row[0].timestamp
                z, what = self._purchase(row, visitor, site)
            else:
                session, action, sku, time, url, search = row
                page = url if url.isalnum() and url.isascii() else quoted(url)
                if action == "pageview":
                    what = f"t=pageview&dl={site}{page}&dt=Page%20{page[:8] if page is url else quoted(url[:8])}"
                    if time % PAGEVIEWS_A_CLICK == 0:
                        what += _promotion(time)
                elif search is not None:
                    what = _search(search, site)
                else:
                    quantity = "" if action in ("detail", "click") else f"&pr1qt={quantity_of(session, sku)}"
                    what = (
                        f"t=event&ec=ecommerce&ea={action}&pa={action}&dl={site}{page}&{product(sku)}{quantity}&pr1ps=1"
                    )
                z = f"{time}{crc32(what.encode(), salt)}"
            body = f"{prefix}&z={z}&{what}"
            if len(body) > LONGEST_HIT:
                self.too_long += 1
                continue
            repeated = z in seen
            seen.add(z)
            hits.append(make_hit((client, time, body, repeated)))
        return hits

    def _begin(self, session: str) -> tuple[Visitor, str, str]:
        """A session's visitor, what all hits of the visit begin with, and the shop's address."""
        visitor = self._visitors.of(session)
        return visitor, _prefix(visitor, session), _encoded(f"https://{visitor.tenant.host}/")

    def _describe(self, sku: str, number: int = 1) -> str:
        return _product(self._catalogue.product(sku), number)

    def _purchase(self, rows: list[Row], visitor: Visitor, site: str) -> tuple[str, str]:
        """One transaction: its z and what it says."""
        order = order_of(rows, self._catalogue, self._salt)
        return f"{rows[0].timestamp}{order.digest}", "&".join(
            [
                f"t=event&ec=ecommerce&ea=purchase&pa=purchase&dl={site}{quoted(rows[-1].url)}",
                f"ti={order.id}&ta={quote(visitor.tenant.host, safe='')}",
                f"tr={money(order.revenue)}&tt={money(order.tax)}",
                f"ts={money(order.shipping)}{f'&tcc={order.coupon}' * bool(order.coupon)}",
                *(
                    f"{_product(product, number)}&pr{number}qt={quantity}&pr{number}ps={number}"
                    for number, (product, quantity) in enumerate(order.lines, start=1)
                ),
            ]
        )


def _prefix(visitor: Visitor, session: str) -> str:
    tenant, user, referrer = visitor.tenant, visitor.user_id, visitor.document_referrer
    return (
        f"v=1&tid={tenant.tracking_id}&cid={visitor.client_id}{f'&uid={user}' if user else ''}"
        f"&ul={visitor.language}&sr={visitor.screen}&sd=24-bit&de=UTF-8&cu={tenant.currency}"
        f"&ua={_encoded(visitor.user_agent)}{f'&dr={_encoded(referrer)}' if referrer else ''}&cd1={quoted(session)}"
    )


@lru_cache(maxsize=2_000)
def _encoded(value: str) -> str:
    """Of values that many hits share: browsers, shops, categories."""
    return quote(value, safe="")


def _product(product: Product, number: int) -> str:
    start = f"pr{number}"
    category = f"&{start}ca={_encoded(product.category)}" if product.category else ""
    return (
        f"{start}id={quoted(product.sku)}&{start}nm={quote(product.name, safe='')}&{start}br={product.brand}{category}"
        f"&{start}va={product.variant}&{start}pr={money(product.price)}"
    )


def _promotion(time: int) -> str:
    promotion = promotion_of(time)
    if promotion is None:
        return ""
    id, name, creative, position = (quote(told, safe="") for told in promotion)
    return f"&promoa=click&promo1id={id}&promo1nm={name}&promo1cr={creative}&promo1ps={position}"


def _search(search: Search, site: str) -> str:
    query = quoted(search.query)
    what = (
        f"t=event&ec=search&ea={'search' if search.results else 'zero%20results'}&el={query}&ev={search.results}"
        f"&cm1={len(search.clicks)}&dl={site}search%3Fq%3D{query}&dt=Search"
    )
    if not search.clicks:
        return what
    clicked = (
        f"&pr{number}id={quoted(sku)}{f'&pr{number}ps={rank}' * bool(rank)}"
        for number, (sku, rank) in enumerate(search.clicks[:CLICKS_IN_A_HIT], start=1)
    )
    return f"{what}&pa=click&pal=search%20results{''.join(clicked)}"
