"""Snowplow's enriched event, a line of 131 fields with tabs between, to an Event.

What it says of a shop is read in snowplow_shop, as that of the collector's own envelopes.

An event happened at derived_tstamp, else it is taken to have happened when the collector got it; both are UTC.
client_id is `domain_userid` (the tracker's first-party cookie), else `network_userid` (the collector's cookie), else a
mobile tracker's client_session context; user_id is `user_id`, else as snowplow_person has it. properties: FIELDS and
every context and unstruct event, under the names that Snowplow's analytics SDKs give them, and the person's e-mail.

Read as None (left out of properties) where they are wrong: all but event_id, collector_tstamp and an unstruct event.
The SDK's transform converts all 131 fields and refuses an event for one wrong figure; this reads the dozen it needs,
which is also why it is faster, and why the functions do without the SDK.
https://docs.snowplow.io/docs/fundamentals/canonical-event/understanding-the-enriched-tsv-format/
"""

from shared.events import schemas
from shared.events import snowplow_shop as shop
from shared.events.event import Event, Undecodable, make_event
from shared.events.snowplow_person import person_in
from shared.events.values import identifier, instant

PROTOCOL = "snowplow"

FIELD_COUNT = 131

# Where the fields stand that are read here.
COLLECTOR_TSTAMP, EVENT, EVENT_ID = 3, 5, 6
USER_ID, DOMAIN_USERID, NETWORK_USERID = 12, 15, 17
PAGE_URL, PAGE_REFERRER = 29, 31
CONTEXTS, UNSTRUCT_EVENT = 52, 58
TR_ORDERID, TR_TOTAL, TR_CURRENCY = 59, 61, 108
TI_ORDERID, TI_SKU, TI_NAME, TI_CATEGORY, TI_PRICE, TI_QUANTITY, TI_CURRENCY = 67, 68, 69, 70, 71, 72, 112
DERIVED_CONTEXTS, DOMAIN_SESSIONID, DERIVED_TSTAMP, EVENT_NAME = 122, 123, 124, 126

# What stands in `properties` besides contexts and the unstruct event.
FIELDS = (
    ("app_id", 0),
    ("platform", 1),
    ("event", EVENT),
    ("page_title", 30),
    ("mkt_medium", 47),
    ("mkt_source", 48),
    ("mkt_campaign", 51),
    ("se_category", 53),
    ("se_action", 54),
    ("se_label", 55),
    ("se_property", 56),
    ("se_value", 57),
    ("event_name", EVENT_NAME),
)

# What is read of a shop, where the event is a transaction or an item of one.
SHOP_FIELDS = {
    "tr_orderid": TR_ORDERID,
    "tr_total": TR_TOTAL,
    "tr_currency": TR_CURRENCY,
    "ti_orderid": TI_ORDERID,
    "ti_sku": TI_SKU,
    "ti_name": TI_NAME,
    "ti_category": TI_CATEGORY,
    "ti_price": TI_PRICE,
    "ti_quantity": TI_QUANTITY,
    "ti_currency": TI_CURRENCY,
}


def decode_snowplow(line: str) -> Event | Undecodable:
    """The event in a line. Total."""
    fields = line.split("\t")
    if len(fields) != FIELD_COUNT:
        message = f"{len(fields)} fields, an enriched event has {FIELD_COUNT}"
        return Undecodable("wrong_field_count", message, PROTOCOL)
    event_id = identifier(fields[EVENT_ID])
    if event_id is None:
        return Undecodable("missing_event_id", "no event_id", PROTOCOL)
    received_at = instant(fields[COLLECTOR_TSTAMP])
    if received_at is None:
        return Undecodable("invalid_timestamp", "collector_tstamp is no time", PROTOCOL)
    properties: dict[str, object] = {name: fields[at] for name, at in FIELDS if fields[at]}
    for at in (CONTEXTS, DERIVED_CONTEXTS):
        if fields[at]:
            properties.update(schemas.contexts(fields[at]))
    unstruct = None
    if fields[UNSTRUCT_EVENT]:
        unstruct = schemas.unstruct_event(fields[UNSTRUCT_EVENT])
        if unstruct is None:
            return Undecodable("invalid_unstruct_event", "unstruct_event is no self-describing JSON", PROTOCOL)
        properties[unstruct[0]] = unstruct[1]
    said = shop.said(fields[EVENT], lambda name: fields[SHOP_FIELDS[name]], unstruct, properties)
    person = person_in(properties)
    if person.email:
        properties["email"] = person.email
    occurred_at = instant(fields[DERIVED_TSTAMP])
    session = schemas.first(properties.get(schemas.CLIENT_SESSION))
    return make_event(
        (
            event_id,
            said.name,
            received_at if occurred_at is None else min(occurred_at, received_at),
            received_at,
            identifier(fields[DOMAIN_USERID])
            or identifier(fields[NETWORK_USERID])
            or identifier(session.get("userId")),
            identifier(fields[USER_ID]) or person.user_id,
            identifier(fields[DOMAIN_SESSIONID]) or identifier(session.get("sessionId")),
            fields[PAGE_URL] or None,
            fields[PAGE_REFERRER] or None,
            said.products,
            said.value,
            said.currency,
            said.order_id,
            properties,
            PROTOCOL,
        )
    )
