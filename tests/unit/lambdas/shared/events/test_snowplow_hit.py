"""An event that the collector took is the Event it would be had Snowplow's own pipeline enriched it."""

import json
from decimal import Decimal
from typing import Any

import pytest

from collect.configuration import Configuration
from collect.taking import take_in
from shared.events import schemas, snowplow, snowplow_hit
from shared.events.decode import decode
from shared.events.event import Event, Undecodable
from tests.unit.lambdas.conftest import http_event

TP2 = "/com.snowplowanalytics.snowplow/tp2"
KINDS = {enriched: kind for kind, (enriched, _) in snowplow_hit.EVENTS.items()}
PARAMETERS = {at: name for field, at in snowplow.FIELDS for other, name in snowplow_hit.FIELDS if field == other}
PARAMETERS |= {at: snowplow_hit.SHOP_FIELDS[field] for field, at in snowplow.SHOP_FIELDS.items()}
PARAMETERS |= {
    snowplow.EVENT_ID: "eid",
    snowplow.USER_ID: "uid",
    snowplow.DOMAIN_USERID: "duid",
    snowplow.NETWORK_USERID: "nuid",
    snowplow.DOMAIN_SESSIONID: "sid",
    snowplow.PAGE_URL: "url",
    snowplow.PAGE_REFERRER: "refr",
    snowplow.CONTEXTS: "co",
    snowplow.UNSTRUCT_EVENT: "ue_pr",
}

# What Snowplow's enrichments found out, of which the tracker said nothing.
ENRICHMENTS = {
    "contexts_com_snowplowanalytics_snowplow_ua_parser_context_1",
    "mkt_campaign",
    "mkt_medium",
    "mkt_source",
}


def as_tracked(line: bytes) -> dict[str, str]:
    """What a tracker would have sent for an enriched event."""
    fields = line.decode().rstrip("\n").split("\t")
    parameters = {name: fields[at] for at, name in PARAMETERS.items() if fields[at]}
    return {**parameters, "e": KINDS[fields[snowplow.EVENT]], "tv": "py-1.1.0", "p": fields[1] or "web"}


def collected(parameters: dict[str, Any]) -> Event | Undecodable:
    """What the collector stores of an event, decoded."""
    payload = {"schema": "iglu:com.snowplowanalytics.snowplow/payload_data/jsonschema/1-0-4", "data": [parameters]}
    intake = take_in(http_event(json.dumps(payload), path=TP2), Configuration())
    assert not intake.bad_rows, intake.message
    return decode(intake.events[0].data)


def test_an_event_is_the_same_enriched_or_collected(enriched_name: str, corpus: dict[str, bytes]) -> None:
    theirs, ours = decode(corpus[enriched_name]), collected(as_tracked(corpus[enriched_name]))
    assert isinstance(theirs, Event)
    assert isinstance(ours, Event)
    apart = {"occurred_at": 0, "received_at": 0, "properties": {}, "client_id": None}
    assert ours._replace(**apart) == theirs._replace(**apart)
    assert theirs.client_id in (None, ours.client_id)
    assert ours.properties == {name: value for name, value in theirs.properties.items() if name not in ENRICHMENTS}


@pytest.mark.parametrize(
    ("times", "before"),
    [
        ({}, 0),
        ({"dtm": "1000", "stm": "61000"}, 60_000),
        ({"dtm": "99999999999999", "stm": "99999999999999"}, 0),
        ({"dtm": "61000", "stm": "1000"}, 0),
        ({"dtm": "0", "stm": "1763777778000"}, 0),
        ({"dtm": "1000"}, 0),
        ({"dtm": "1000", "stm": "61000", "ttm": "1763777776000"}, 1_000),
        ({"ttm": "1763777778000"}, 0),
    ],
)
def test_the_devices_clock_is_corrected_by_when_it_sent(times: dict[str, str], before: int) -> None:
    event = collected({"e": "pv", "tv": "js-4", "p": "web", **times})
    assert isinstance(event, Event)
    assert event.received_at - event.occurred_at == before


def test_a_wrong_value_in_an_envelope_costs_itself_only(corpus: dict[str, bytes]) -> None:
    envelope = json.loads(corpus["envelope_snowplow_transaction.json"])
    envelope["request"]["body"] |= {"tr_tt": {"much": 1}, "dtm": [], "co": 7, "page": 3}
    event = decode(json.dumps(envelope).encode())
    assert isinstance(event, Event)
    assert (event.name, event.value, event.order_id) == ("purchase", None, "T-2001")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"e": "xx"}, "unknown_type"),
        ({"e": ["pv"]}, "unknown_type"),
        ({"e": "ue"}, "invalid_unstruct_event"),
        ({"ue_pr": "text"}, "invalid_unstruct_event"),
    ],
)
def test_what_the_collector_would_not_write_is_no_event(corpus: Any, changes: dict[str, Any], reason: str) -> None:
    envelope = json.loads(corpus["envelope_snowplow_transaction.json"])
    envelope["request"]["body"] |= changes
    found = decode(json.dumps(envelope).encode())
    assert isinstance(found, Undecodable)
    assert found.reason == reason


def test_a_campaign_is_read_from_the_pages_address() -> None:
    page = "https://shop.example/?utm_source=news%20letter&utm_medium=email&utm_campaign=%C3%A9t%C3%A9&utm_term=x"
    event = collected({"e": "pv", "tv": "js-4", "p": "web", "url": page})
    assert isinstance(event, Event)
    campaign = {name: value for name, value in event.properties.items() if name.startswith("mkt_")}
    assert campaign == {"mkt_source": "news letter", "mkt_medium": "email", "mkt_campaign": "été"}
    assert isinstance(collected({"e": "pv", "tv": "js-4", "p": "web", "url": "http://[utm_source=x"}), Event)


SNOWPLOW = "iglu:com.snowplowanalytics.snowplow"
ACTION = f"{SNOWPLOW}.ecommerce/snowplow_ecommerce_action/jsonschema/1-0-2"
REFUND = f"{SNOWPLOW}.ecommerce/refund/jsonschema/1-0-0"


def described(schema: str, data: dict[str, Any], *contexts: tuple[str, dict[str, Any]]) -> dict[str, Any]:
    """A self-describing event, as a tracker sends it."""
    event = {"schema": f"{SNOWPLOW}/unstruct_event/jsonschema/1-0-0", "data": {"schema": schema, "data": data}}
    entities = [{"schema": entity, "data": said} for entity, said in contexts]
    return {
        **{"e": "ue", "tv": "js-4", "p": "web", "duid": "d", "ue_pr": json.dumps(event)},
        **{"co": json.dumps({"schema": f"{SNOWPLOW}/contexts/jsonschema/1-0-0", "data": entities})},
    }


def test_a_refund_tells_its_order() -> None:
    refund = {"transaction_id": "R-1", "currency": "EUR", "refund_amount": 9.5}
    event = collected(described(ACTION, {"type": "refund"}, (REFUND, refund)))
    assert isinstance(event, Event)
    assert (event.name, event.order_id, event.currency) == ("custom", "R-1", "EUR")


@pytest.mark.parametrize(
    ("record", "user", "email"),
    [
        ("snowplow_identify.tsv", "user-ann", "ann@shop.example"),
        ("snowplow_ecommerce_shopper.tsv", "user-bob", "bob@shop.example"),
    ],
)
def test_a_person_is_known_by_what_the_event_says_of_them(corpus: Any, record: str, user: str, email: str) -> None:
    tracked = as_tracked(corpus[record])
    for event in (decode(corpus[record]), collected(tracked)):
        assert isinstance(event, Event)
        assert (event.user_id, event.properties["email"]) == (user, email)
    known = collected({**tracked, "uid": "user-1"})
    assert isinstance(known, Event)
    assert (known.user_id, known.properties["email"]) == ("user-1", email)


def test_money_is_exact_as_tracked() -> None:
    event = collected({"e": "tr", "tv": "py", "p": "srv", "tr_id": "1", "tr_tt": "0.1", "tr_cu": "EUR"})
    assert isinstance(event, Event)
    assert (event.value, event.currency) == (Decimal("0.1"), "EUR")
    assert schemas.name_in({"data": {"schema": "iglu:com.acme/shoeFitted/jsonschema/1-0-0"}}) == "shoeFitted"
