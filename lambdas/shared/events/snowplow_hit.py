"""An event of Snowplow's tracker protocol, in the platform's own envelope, to an Event: as if it had been enriched.

It happened at its true time `ttm`; else as long before it was received as the device says it had it before it sent it
(`stm` less `dtm`); else when it was received. client_id and user_id are the envelope's own. properties: as those of
enriched events, under the same names, so that a rule needs not know which of the two it has.

Read as None (left out of properties) where they are wrong: all but a self-describing event's own JSON.
https://docs.snowplow.io/docs/events/going-deeper/event-parameters/
"""

from collections.abc import Mapping
from urllib.parse import parse_qsl, urlsplit

from shared.events import schemas
from shared.events import snowplow_shop as shop
from shared.events.event import Event, Undecodable, make_event
from shared.events.hit import Hit
from shared.events.snowplow import PROTOCOL
from shared.events.snowplow_person import person_in
from shared.events.values import identifier, text, time_in

# What `event` and, but for self-describing events, `event_name` are in an enriched event.
EVENTS = {
    "pv": ("page_view", "page_view"),
    "pp": ("page_ping", "page_ping"),
    "se": ("struct", "event"),
    "ue": ("unstruct", ""),
    "tr": ("transaction", "transaction"),
    "ti": ("transaction_item", "transaction_item"),
}

# The parameters that are a field of the enriched event by another name.
FIELDS = (
    ("app_id", "aid"),
    ("platform", "p"),
    ("page_title", "page"),
    ("se_category", "se_ca"),
    ("se_action", "se_ac"),
    ("se_label", "se_la"),
    ("se_property", "se_pr"),
    ("se_value", "se_va"),
)
SHOP_FIELDS = {
    "tr_orderid": "tr_id",
    "tr_total": "tr_tt",
    "tr_currency": "tr_cu",
    "ti_orderid": "ti_id",
    "ti_sku": "ti_sk",
    "ti_name": "ti_nm",
    "ti_category": "ti_ca",
    "ti_price": "ti_pr",
    "ti_quantity": "ti_qu",
    "ti_currency": "ti_cu",
}
CAMPAIGN_FIELDS = {"utm_medium": "mkt_medium", "utm_source": "mkt_source", "utm_campaign": "mkt_campaign"}


def decode_hit(hit: Hit) -> Event | Undecodable:
    """The event in a hit. Total."""
    body = hit.body
    get = body.get
    kind = get("e")
    event, event_name = EVENTS.get(kind, ("", "")) if isinstance(kind, str) else ("", "")
    if not event:
        return Undecodable("unknown_type", f"'e' is none of {', '.join(EVENTS)}", PROTOCOL)
    properties: dict[str, object] = {"event": event}
    for field, name in FIELDS:
        value = text(get(name))
        if value:
            properties[field] = value
    properties.update(_campaign(hit.page))
    if "co" in body:
        properties.update(schemas.contexts_in(body["co"]))
    unstruct = None
    if "ue_pr" in body or event == "unstruct":
        unstruct = schemas.unstruct_event_in(get("ue_pr"))
        if unstruct is None:
            return Undecodable("invalid_unstruct_event", "'ue_pr' is no self-describing JSON", PROTOCOL)
        properties[unstruct[0]] = unstruct[1]
        event_name = event_name or schemas.name_in(get("ue_pr"))
    properties["event_name"] = event_name
    said = shop.said(event, lambda name: get(SHOP_FIELDS[name]), unstruct, properties)
    person = person_in(properties)
    if person.email:
        properties["email"] = person.email
    session = schemas.first(properties.get(schemas.CLIENT_SESSION))
    return make_event(
        (
            hit.event_id,
            said.name,
            _occurred_at(body, hit.received_at),
            hit.received_at,
            hit.client_id,
            hit.user_id,
            identifier(get("sid")) or identifier(session.get("sessionId")),
            hit.page,
            hit.referrer,
            said.products,
            said.value,
            said.currency,
            said.order_id,
            properties,
            PROTOCOL,
        )
    )


def _occurred_at(body: Mapping[str, object], received_at: int) -> int:
    """Epoch ms. What can not be is not believed: that it happened before 1970, or after it was received."""
    true, created, sent = time_in(body.get("ttm")), time_in(body.get("dtm")), time_in(body.get("stm"))
    if true is None and created is not None and sent is not None:
        true = received_at - (sent - created)
    return true if true is not None and 0 <= true <= received_at else received_at


def _campaign(page: str | None) -> dict[str, object]:
    """The campaign that an address names, as Snowplow's enrichment finds it."""
    if not page or "utm_" not in page:
        return {}
    try:
        query = parse_qsl(urlsplit(page).query)
    except ValueError:  # no address after all, or one with more parameters than anybody has
        return {}
    return {CAMPAIGN_FIELDS[name]: value for name, value in query if name in CAMPAIGN_FIELDS}
