"""A hit of Google Analytics' Measurement Protocol v1, in the platform's own envelope, to an Event.

    t=pageview, screenview             page_view
    pa=detail, click, add, remove      product_view, product_click, add_to_cart, remove_from_cart
    pa=purchase, t=transaction         purchase, of value `tr`; of pa=purchase without it, what its products cost
    promoa=click                       promotion_click
    t=item                             purchase: the part of it that says what was bought
    everything else                    custom, `event_name` its action (`ea`), `pa` or `t`: checkout, refund, …

An event happened at the time it was received less its queue time `qt`. `properties` are all the hit's own parameters.
Read as None where they are wrong: user_id, client_id, page, referrer, tr, cu, ti, qt, and a product's nm, ca, pr, qt.
"""

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import lru_cache

from shared.events.actions import NAMES
from shared.events.event import (
    CUSTOM,
    PAGE_VIEW,
    PROMOTION_CLICK,
    PURCHASE,
    Event,
    Product,
    make_event,
    make_product,
)
from shared.events.hit import Hit
from shared.events.values import currency, identifier, money, quantity, text, word

PROTOCOL = "google-analytics-v1"

_HIT_TYPES = {"pageview": PAGE_VIEW, "screenview": PAGE_VIEW, "transaction": PURCHASE, "item": PURCHASE}

# Of all parameters' names between &: products are numbered from 1 to 200.
_PRODUCT_NUMBERS = re.compile("&pr([1-9][0-9]{0,2})(?:id|nm)(?=&)")


def decode_hit(hit: Hit) -> Event:
    """The event in a hit. Total: every hit is one."""
    body, received_at = hit.body, hit.received_at
    get = body.get
    hit_type, action, queue_time = get("t"), word(get("pa")), get("qt")
    name = _name(hit_type, action, word(get("promoa")))
    products: tuple[Product, ...] = ()
    value = code = None
    if name in hit.detailed:
        products = _item(body) if hit_type == "item" else _products(body) if action else ()
        value = _cost(products) if action == "purchase" and _blank(get("tr")) else money(get("tr"))
        code = currency(get("cu"))
    return make_event(
        (
            hit.event_id,
            name,
            received_at if queue_time is None else _occurred_at(queue_time, received_at),
            received_at,
            hit.client_id,
            hit.user_id,
            None,
            hit.page,
            hit.referrer,
            products,
            value,
            code,
            identifier(body["ti"]) if "ti" in body else None,
            body if name is not CUSTOM else {**body, "event_name": _own_name(body)},
            PROTOCOL,
        )
    )


def _name(hit_type: object, action: str | None, promotion: str | None) -> str:
    if action is not None and action in NAMES:
        return NAMES[action]
    if promotion == "click":
        return PROMOTION_CLICK
    # Any JSON value may stand here, and what is no text may be no key.
    return _HIT_TYPES.get(hit_type, CUSTOM) if isinstance(hit_type, str) else CUSTOM


def _occurred_at(queue_time: object, received_at: int) -> int:
    if isinstance(queue_time, str) and queue_time.isascii() and queue_time.isdigit() and len(queue_time) < 16:
        queue_time = int(queue_time)
    if type(queue_time) is int and 0 <= queue_time <= received_at:
        return received_at - queue_time
    return received_at


def _blank(value: object) -> bool:
    return value is None or (isinstance(value, str) and not value.strip(" "))


def _cost(products: Iterable[Product]) -> Decimal | None:
    """What products cost; None where no price is said."""
    costs = [product.price * product.quantity for product in products if product.price is not None]
    return money(str(sum(costs))) if costs else None


def _own_name(body: Mapping[str, object]) -> str:
    return text(body.get("ea")) or text(body.get("pa")) or text(body.get("t")) or ""


def _products(body: Mapping[str, object]) -> tuple[Product, ...]:
    """The hit's products by their numbers. One without `id` goes by its name: the protocol wants one of the two."""
    numbers = _PRODUCT_NUMBERS.findall(f"&{'&'.join(body)}&")
    if len(numbers) > 1:
        numbers = sorted(set(numbers), key=int)
    get = body.get
    products: list[Product] = []
    for number in numbers:
        id_, name, category, price, pieces = _product_keys(number)
        sku = identifier(get(id_)) or identifier(get(name))
        if sku is not None:
            products.append(
                make_product((sku, text(get(name)), text(get(category)), money(get(price)), quantity(get(pieces))))
            )
    return tuple(products)


@lru_cache
def _product_keys(number: str) -> tuple[str, ...]:
    return tuple(f"pr{number}{key}" for key in ("id", "nm", "ca", "pr", "qt"))


def _item(body: Mapping[str, object]) -> tuple[Product, ...]:
    """The product of an item hit, from before enhanced e-commerce."""
    sku = identifier(body.get("ic")) or identifier(body.get("in"))
    if sku is None:
        return ()
    return (Product(sku, text(body.get("in")), text(body.get("iv")), money(body.get("ip")), quantity(body.get("iq"))),)
