"""Snowplow's enriched events, held against what its own analytics SDK reads in them."""

from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from snowplow_analytics_sdk.event_transformer import ENRICHED_EVENT_FIELD_TYPES, transform

from shared.events import snowplow
from shared.events.decode import decode
from shared.events.event import Event
from shared.events.schemas import contexts
from shared.events.snowplow_person import person_in

NUMBERS = {name: number for number, (name, _) in enumerate(ENRICHED_EVENT_FIELD_TYPES)}
CONTEXTS, LEVEL = NUMBERS["contexts"], "contexts_com_codecombat_level_context_1"


def test_fields_stand_where_the_sdk_says() -> None:
    assert len(NUMBERS) == snowplow.FIELD_COUNT
    assert {name: NUMBERS[name] for name, _ in snowplow.FIELDS} == dict(snowplow.FIELDS)
    ours = {name.lower(): at for name, at in vars(snowplow).items() if isinstance(at, int) and name != "FIELD_COUNT"}
    assert ours == {name: NUMBERS[name] for name in ours}


def test_what_is_read_is_what_the_sdk_reads(enriched_name: str, corpus: dict[str, bytes]) -> None:
    event = decode(corpus[enriched_name])
    theirs = transform(corpus[enriched_name].decode().rstrip("\n"))
    assert isinstance(event, Event)
    named = person_in(theirs)  # beside what the SDK reads
    assert (event.event_id, event.user_id) == (theirs["event_id"], theirs.get("user_id", named.user_id))
    assert (event.page, event.referrer) == (theirs.get("page_url"), theirs.get("page_referrer"))
    assert event.occurred_at == datetime.fromisoformat(theirs["derived_tstamp"]).timestamp() * 1000
    assert event.received_at == datetime.fromisoformat(theirs["collector_tstamp"]).timestamp() * 1000
    if "domain_userid" in theirs:
        assert (event.client_id, event.session_id) == (theirs["domain_userid"], theirs["domain_sessionid"])
    if "tr_total" in theirs:
        assert (float(event.value or 0), event.currency) == (theirs["tr_total"], theirs["tr_currency"])
    if "ti_sku" in theirs:
        product = event.products[0]
        assert (product.sku, product.name, product.category) == (
            theirs["ti_sku"],
            theirs["ti_name"],
            theirs["ti_category"],
        )
        assert (float(product.price or 0), product.quantity) == (theirs["ti_price"], theirs["ti_quantity"])
    email = {"email": named.email} if named.email else {}
    assert event.properties == {name: theirs[name] for name in theirs if name in event.properties} | email
    described = {name for name in theirs if name.startswith(("contexts_", "unstruct_event_"))}
    assert described <= event.properties.keys()


def test_the_parts_of_a_purchase_share_their_order(corpus: dict[str, bytes]) -> None:
    parts = [decode(corpus[f"snowplow_{name}.tsv"]) for name in ("transaction", "transaction_item")]
    told = [(one.name, one.order_id, one.value, len(one.products)) for one in parts if isinstance(one, Event)]
    assert told == [("purchase", "T-1001", Decimal("64.97"), 0), ("purchase", "T-1001", None, 1)]


def test_the_trackers_cookie_wins_over_the_collectors(changed: Any) -> None:
    domain, network = NUMBERS["domain_userid"], NUMBERS["network_userid"]
    assert changed.tsv("snowplow_page_view.tsv", {domain: "d", network: "n"}).client_id == "d"
    assert changed.tsv("snowplow_page_view.tsv", {domain: "", network: "n"}).client_id == "n"
    assert changed.tsv("snowplow_page_view.tsv", {domain: "", network: ""}).client_id is None


def test_a_players_level_is_found_under_the_sdks_name(corpus: dict[str, bytes]) -> None:
    event = decode(corpus["snowplow_level.tsv"])
    assert isinstance(event, Event)
    assert event.properties[LEVEL] == [{"user_id": "5c6f1a", "level_slug": "dungeons-of-kithgard"}]


def test_contexts_of_one_schema_come_together() -> None:
    schema = '{"schema":"iglu:com.acme/camelCase/jsonschema/2-0-1","data":%d}'
    assert contexts(f'{{"data":[{schema % 1},{schema % 2}]}}') == {"contexts_com_acme_camel_case_2": [1, 2]}


@pytest.mark.parametrize("field", ["", "no json", "{}", '{"data":1}', '{"data":[7,{"schema":"x","data":1}]}', "NaN"])
def test_contexts_that_can_not_be_read_are_left_out(changed: Any, field: str) -> None:
    event = changed.tsv("snowplow_level.tsv", {CONTEXTS: field})
    assert event.name == "page_view"
    assert LEVEL not in event.properties


def test_an_event_whose_time_is_missing_happened_when_it_was_collected(changed: Any) -> None:
    for wrong in ("", "yesterday", "2030-01-01 00:00:00.000"):
        event = changed.tsv("snowplow_page_view.tsv", {NUMBERS["derived_tstamp"]: wrong})
        assert event.occurred_at == event.received_at


def test_a_wrong_figure_costs_itself_only(changed: Any) -> None:
    wrong = {NUMBERS[name]: "abc" for name in ("tr_total", "txn_id", "geo_latitude", "br_cookies")}
    event = changed.tsv("snowplow_transaction.tsv", wrong)
    assert (event.name, event.value, event.order_id) == ("purchase", None, "T-1001")


@pytest.mark.parametrize("ending", [b"", b"\n", b"\r\n"])
def test_a_line_may_have_its_end(corpus: dict[str, bytes], ending: bytes) -> None:
    record = corpus["snowplow_page_view.tsv"].rstrip(b"\n")
    assert decode(record + ending) == decode(record)
