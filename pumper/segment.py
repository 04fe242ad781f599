"""Deeds as Segment's e-commerce spec has them, in the shape in which its Kinesis destination delivers them.

    pageview               page; track Promotion Clicked where a click on a promotion led there
    detail, click          track Product Viewed, Product Clicked
    add, remove            track Product Added, Product Removed
    purchase               track Order Completed with all products
    search                 track Products Searched, and a Product Clicked for each clicked product
    a known visitor comes  identify, with an e-mail address

https://segment.com/docs/connections/spec/ecommerce/v2/
"""

import json
from datetime import datetime

from pumper.deeds import Deed
from pumper.orders import Line, Order
from pumper.stream_records import OCCURRED, RECEIVED, clean
from pumper.visitors import Visitor

_EVENTS = {
    "detail": "Product Viewed",
    "click": "Product Clicked",
    "add": "Product Added",
    "remove": "Product Removed",
}
_TIMES = f'"timestamp":"{OCCURRED}","originalTimestamp":"{OCCURRED}","sentAt":"{RECEIVED}","receivedAt":"{RECEIVED}"'

Said = dict[str, object]


def spell_time(time: datetime) -> str:
    return f"{time.replace(tzinfo=None).isoformat('T', 'milliseconds')}Z"


class Segment:
    """Writes Segment's messages."""

    def greeting(self, visitor: Visitor, session: str, deed: Deed) -> list[str]:  # noqa: ARG002 - other trackers'
        if not visitor.user_id:
            return []
        return [_message("identify", deed.part("identify"), visitor, deed, {"traits": {"email": visitor.email}})]

    def records(self, visitor: Visitor, session: str, deed: Deed) -> list[str]:  # noqa: ARG002 - other trackers'
        currency = visitor.tenant.currency
        if deed.action == "pageview":
            if deed.promotion is None:
                return [_message("page", deed.part(0), visitor, deed, {"properties": _page(visitor, deed)})]
            id, name, creative, position = deed.promotion
            clicked: Said = {"promotion_id": id, "name": name, "creative": creative, "position": position}
            return [_track("Promotion Clicked", 0, visitor, deed, clicked)]
        if deed.order is not None:
            return [_track("Order Completed", 0, visitor, deed, _order(deed.order, visitor))]
        if deed.search is not None:
            searched = _track("Products Searched", 0, visitor, deed, {"query": clean(deed.search.query)})
            ranks = [rank for _, rank in deed.search.clicks]
            clicks = [
                _track("Product Clicked", number, visitor, deed, _product(line, currency, rank))
                for number, (line, rank) in enumerate(zip(deed.lines, ranks, strict=False), start=1)
            ]
            return [searched, *clicks]
        return [_track(_EVENTS[deed.action], 0, visitor, deed, _product(deed.lines[0], currency, 1))]


def _track(event: str, part: int, visitor: Visitor, deed: Deed, properties: Said) -> str:
    return _message("track", deed.part(part), visitor, deed, {"event": event, "properties": properties})


def _message(kind: str, id: str, visitor: Visitor, deed: Deed, said: Said) -> str:
    message = {
        "messageId": id,
        "type": kind,
        **said,
        "anonymousId": visitor.client_id,
        "userId": visitor.user_id or None,
        "channel": "client",
        "context": {
            "library": {"name": "analytics.js", "version": "3.7.4"},
            "locale": visitor.language,
            "page": _page(visitor, deed),
            "userAgent": visitor.user_agent,
        },
        "integrations": {},
        "projectId": visitor.tenant.tracking_id,
        "version": 2,
    }
    return f"{json.dumps(message, separators=(',', ':'))[:-1]},{_TIMES}}}"


def _page(visitor: Visitor, deed: Deed) -> Said:
    path = deed.url.removeprefix(f"https://{visitor.tenant.host}").partition("?")[0]
    return {
        "url": clean(deed.url),
        "path": clean(path),
        "referrer": visitor.document_referrer,
        "title": clean(deed.title),
    }


def _product(line: Line, currency: str | None, position: int) -> Said:
    product, quantity = line
    sku = clean(product.sku)
    said: Said = {
        "product_id": sku,
        "sku": sku,
        "name": clean(product.name),
        "brand": product.brand,
        "variant": product.variant,
        "price": product.price / 100,
        "quantity": quantity,
        "position": position,
    }
    if product.category:
        said["category"] = clean(product.category)
    if currency:
        said["currency"] = currency
    return said


def _order(order: Order, visitor: Visitor) -> Said:
    said: Said = {
        "order_id": order.id,
        "affiliation": visitor.tenant.host,
        "total": order.revenue / 100,
        "revenue": (order.revenue - order.tax) / 100,
        "tax": order.tax / 100,
        "shipping": order.shipping / 100,
        "currency": visitor.tenant.currency,
        "products": [_product(line, None, number) for number, line in enumerate(order.lines, start=1)],
    }
    if order.coupon:
        said["coupon"] = order.coupon
    return said
