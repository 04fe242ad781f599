"""Deeds as Snowplow's trackers send them and its enrichment writes them down: lines of 131 fields.

pageview       page_view; snowplow_ecommerce_action promo_click where a click on a promotion led there
detail, click  snowplow_ecommerce_action product_view, list_click, with a product context
add, remove    add_to_cart, remove_from_cart
purchase       transaction, and a transaction_item for each product
search         site_search, and a list_click for each clicked product
"""

from datetime import datetime
from functools import lru_cache
from hashlib import blake2b
from urllib.parse import urlsplit

from pumper.deeds import Deed, as_uuid
from pumper.enriched import Entity, base, contexts, line, unstruct_event
from pumper.orders import Line, Order, money
from pumper.stream_records import OCCURRED, RECEIVED, clean
from pumper.visitors import Visitor

_VENDOR = "com.snowplowanalytics.snowplow"
_SHOP = f"{_VENDOR}.ecommerce"
_ACTION = f"{_SHOP}/snowplow_ecommerce_action/jsonschema/1-0-2"
_CART = {"add": "add_to_cart", "remove": "remove_from_cart"}
_SEEN = {"detail": "product_view", "click": "list_click"}
_REMEMBERED = 2_000  # visits, of 1.5 kilobytes each

Fields = dict[str, str]


def spell_time(time: datetime) -> str:
    return time.replace(tzinfo=None).isoformat(" ", "milliseconds")


class Snowplow:
    """Writes enriched events."""

    def __init__(self) -> None:
        self._visit = lru_cache(maxsize=_REMEMBERED)(_visit)

    def greeting(self, visitor: Visitor, session: str, deed: Deed) -> list[str]:  # noqa: ARG002 - other trackers'
        return []

    def records(self, visitor: Visitor, session: str, deed: Deed) -> list[str]:
        visit, page = self._visit(visitor, session), _page(visitor, deed)
        events = _events(visitor, deed)
        return [line(visit, {**page, "event_id": deed.part(part), **fields}) for part, fields in enumerate(events)]


def _events(visitor: Visitor, deed: Deed) -> list[Fields]:
    currency = visitor.tenant.currency
    if deed.action == "pageview":
        if deed.promotion is None:
            return [{"event": "page_view", "event_name": "page_view"}]
        id, name, creative, position = deed.promotion
        promotion = {"id": id, "name": name, "creative_id": creative, "position": position}
        return [_action("promo_click", deed, (f"{_SHOP}/promotion/jsonschema/1-0-0", promotion))]
    if deed.order is not None:
        return [_transaction(deed.order, visitor), *(_item(deed.order, one, currency) for one in deed.order.lines)]
    if deed.search is not None:
        said = {"terms": [clean(deed.search.query)], "totalResults": deed.search.results}
        searched = _unstruct("site_search", f"{_VENDOR}/site_search/jsonschema/1-0-0", said)
        return [searched, *(_action("list_click", deed, _product(one, currency)) for one in deed.lines)]
    if deed.action in _CART:
        name = _CART[deed.action]
        product, quantity = deed.lines[0]
        said = {"sku": clean(product.sku), "name": clean(product.name), "unitPrice": product.price / 100}
        said |= {"quantity": quantity, "currency": currency}
        if product.category:
            said["category"] = clean(product.category)
        return [_unstruct(name, f"{_VENDOR}/{name}/jsonschema/1-0-0", said)]
    return [_action(_SEEN[deed.action], deed, _product(deed.lines[0], currency))]


def _unstruct(name: str, schema: str, said: dict[str, object]) -> Fields:
    vendor, _, _, version = schema.split("/")
    return {
        "event": "unstruct",
        "event_vendor": vendor,
        "event_name": name,
        "event_version": version,
        "unstruct_event": unstruct_event(schema, said),
    }


def _action(kind: str, deed: Deed, entity: Entity) -> Fields:
    page = (f"{_VENDOR}/web_page/jsonschema/1-0-0", {"id": deed.part("page")})
    return {**_unstruct("snowplow_ecommerce_action", _ACTION, {"type": kind}), "contexts": contexts([page, entity])}


def _product(line: Line, currency: str) -> Entity:
    product, quantity = line
    said = {
        "id": clean(product.sku),
        "name": clean(product.name),
        "category": clean(product.category),
        "brand": product.brand,
        "variant": product.variant,
        "price": product.price / 100,
        "currency": currency,
        "quantity": quantity,
    }
    return f"{_SHOP}/product/jsonschema/1-0-0", said


def _transaction(order: Order, visitor: Visitor) -> Fields:
    return {
        "event": "transaction",
        "event_name": "transaction",
        "tr_orderid": order.id,
        "tr_affiliation": visitor.tenant.host,
        "tr_total": money(order.revenue),
        "tr_tax": money(order.tax),
        "tr_shipping": money(order.shipping),
        "tr_currency": visitor.tenant.currency,
    }


def _item(order: Order, line: Line, currency: str) -> Fields:
    product, quantity = line
    return {
        "event": "transaction_item",
        "event_name": "transaction_item",
        "ti_orderid": order.id,
        "ti_sku": clean(product.sku),
        "ti_name": clean(product.name),
        "ti_category": clean(product.category),
        "ti_price": money(product.price),
        "ti_quantity": str(quantity),
        "ti_currency": currency,
    }


def _page(visitor: Visitor, deed: Deed) -> Fields:
    url = clean(deed.url)
    path, _, query = url.removeprefix(f"https://{visitor.tenant.host}").partition("?")
    return {
        "page_url": url,
        "page_title": clean(deed.title),
        "page_urlpath": path,
        "page_urlquery": query,
        "contexts": contexts([(f"{_VENDOR}/web_page/jsonschema/1-0-0", {"id": deed.part("page")})]),
    }


def _visit(visitor: Visitor, session: str) -> tuple[str, ...]:
    """What all events of a visit have."""
    width, _, height = visitor.screen.partition("x")
    referrer = urlsplit(visitor.document_referrer)
    digest = blake2b(session.encode("utf-8", "replace"), digest_size=16, key=visitor.client_id.encode())
    return base(
        {
            "app_id": visitor.tenant.host,
            "platform": "web",
            "etl_tstamp": RECEIVED,
            "collector_tstamp": RECEIVED,
            "dvce_created_tstamp": OCCURRED,
            "dvce_sent_tstamp": RECEIVED,
            "derived_tstamp": OCCURRED,
            "name_tracker": "sp",
            "v_tracker": "js-2.10.0",
            "v_collector": "ssc-0.14.0-kinesis",
            "v_etl": "stream-enrich-0.19.1-common-0.35.0",
            "user_id": visitor.user_id,
            "domain_userid": visitor.client_id,
            "domain_sessionid": as_uuid(digest.hexdigest()),
            "page_referrer": visitor.document_referrer,
            "page_urlscheme": "https",
            "page_urlhost": visitor.tenant.host,
            "page_urlport": "443",
            "refr_urlscheme": referrer.scheme,
            "refr_urlhost": referrer.netloc,
            "refr_urlpath": referrer.path,
            "useragent": visitor.user_agent,
            "br_lang": visitor.language,
            "br_cookies": "1",
            "br_colordepth": "24",
            "dvce_screenwidth": width,
            "dvce_screenheight": height,
            "doc_charset": "UTF-8",
            "event_vendor": _VENDOR,
            "event_format": "jsonschema",
            "event_version": "1-0-0",
        }
    )
