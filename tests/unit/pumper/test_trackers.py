"""The same visitors as three trackers would have seen them: what is decoded of each is the same, event by event."""

from collections import Counter
from decimal import Decimal
from urllib.parse import parse_qsl

import orjson
import pytest
from snowplow_analytics_sdk.event_transformer import ENRICHED_EVENT_FIELD_TYPES, transform

from pumper import enriched
from pumper.batches import Filling
from pumper.catalogue import Catalogue
from pumper.dataset import open_dataset
from pumper.hits import Hit
from pumper.lines import Position
from pumper.rows import BadRows, Row, Search
from pumper.source import Run
from pumper.stream_records import Record, stamped
from pumper.synthetic import Size, generate
from pumper.trackers import GOOGLE_ANALYTICS, SEGMENT, SNOWPLOW, TRACKERS, encoder
from pumper.visitors import Visitors
from shared.events.decode import decode
from shared.events.event import CUSTOM, IDENTIFY, Event, Undecodable

ROWS = 3_000
NOW = 1_600_000_000_000
STREAMS = [SEGMENT, SNOWPLOW]


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """The hits of each tracker, of the same rows."""
    folder = tmp_path_factory.mktemp("data")
    generate(folder / "dataset", Size(events=ROWS, days=2), seed=9, show=lambda *_: None)
    with open_dataset(folder / "dataset", folder, by_time=False, seed=1, bad=BadRows(), show=lambda *_: None) as opened:
        rows = list(opened.source.runs(None))
        return {name: [hit for run in rows for hit in opened.encoder(0, name).hits(run)] for name in TRACKERS}


def records(hits: list[Hit], tracker: str, shift: int | None = 0, now: int = NOW) -> list[list[Record]]:
    spell = TRACKERS[tracker].spell_time
    assert spell is not None
    filling = Filling(0, 10**9)
    assert filling.take(hits, len(hits)) == len(hits)
    return stamped(filling.batch(0), shift, now, spell)


def decoded(hits: list[Hit], tracker: str) -> list[list[Event]]:
    events = [[decode(record.data) for record in told] for told in records(hits, tracker)]
    assert not [one for told in events for one in told if isinstance(one, Undecodable)]
    return [[one for one in told if isinstance(one, Event)] for told in events]


def as_collected(hit: Hit) -> Event:
    """What the applications read of a hit that went through the collector."""
    body = dict(parse_qsl(hit.body, keep_blank_values=True))
    context = {
        "protocol": "google-analytics-v1",
        "client_id": body["cid"],
        "user_id": body.get("uid"),
        "document_location": body["dl"],
        "document_referrer": body.get("dr"),
    }
    request = {"id": body["z"], "timestamp": hit.timestamp, "body": body}
    event = decode(orjson.dumps({"context": context, "request": request}))
    assert isinstance(event, Event)
    return event


def meaning(events: list[Event]) -> dict[str, object]:
    """What the events of one deed say together. Prices of clicked search results are no part of a hit."""
    events = [event for event in events if event.name != IDENTIFY]
    names = {event.name for event in events}
    products = [product for event in events for product in event.products]
    purchase = "purchase" in names
    (when,) = {event.occurred_at for event in events}
    (who,) = {(event.client_id, event.user_id) for event in events}
    (where,) = {(event.page, event.referrer) for event in events}
    return {
        "name": names - {CUSTOM} or names,
        "when": when,
        "who": who,
        "where": where,
        "products": [(one.sku, one.quantity) for one in products],
        "prices": [(one.name, one.category, one.price) for one in products] if "product_click" not in names else None,
        "order": {event.order_id for event in events},
        "value": sum((event.value or Decimal(0) for event in events), Decimal(0)) if purchase else None,
        "currency": {event.currency for event in events} if purchase else None,
    }


@pytest.mark.parametrize("tracker", STREAMS)
def test_each_event_is_decoded_as_the_hit_of_the_same_row(runs, tracker):
    hits = runs[GOOGLE_ANALYTICS]
    events = decoded(runs[tracker], tracker)
    assert len(events) == len(hits) > ROWS
    for told, hit in zip(events, hits, strict=True):
        assert meaning(told) == meaning([as_collected(hit)])
    names = Counter(one.name for told in events for one in told)
    wanted = {"page_view", "product_view", "product_click", "add_to_cart", "remove_from_cart", "purchase"}
    assert wanted | {"promotion_click", "custom"} <= names.keys()


@pytest.mark.parametrize("tracker", STREAMS)
def test_ids_are_the_same_at_every_run_and_every_events_own(runs, tracker):
    events = decoded(runs[tracker], tracker)
    again = decoded(runs[tracker], tracker)
    assert [one.event_id for told in events for one in told] == [one.event_id for told in again for one in told]
    ids = Counter(one.event_id for told in events for one in told)
    repeated = sum(len(told) for told, hit in zip(events, runs[tracker], strict=True) if hit.repeated)
    assert ids.total() - len(ids) == repeated
    assert sum(hit.repeated for hit in runs[tracker]) == sum(hit.repeated for hit in runs[GOOGLE_ANALYTICS]) > 0


def test_a_known_visitor_tells_an_email_once_a_visit(runs):
    events = decoded(runs[SEGMENT], SEGMENT)
    identified = [one for told in events for one in told if one.name == IDENTIFY]
    known = {one.user_id for told in events for one in told if one.user_id}
    assert {one.user_id for one in identified} == known
    assert all(one.properties["email"] == f"{one.user_id}@example.org" for one in identified)
    sessions = {dict(parse_qsl(hit.body))["cd1"] for hit in runs[GOOGLE_ANALYTICS] if "&uid=" in hit.body}
    assert len(identified) == len(sessions)


def test_enriched_events_are_what_the_sdk_takes(runs):
    assert [name for name, _ in ENRICHED_EVENT_FIELD_TYPES] == enriched.NAMES
    for told in records(runs[SNOWPLOW][:300], SNOWPLOW):
        for record in told:
            read = transform(record.data.decode())
            assert read["domain_userid"] == record.key
            assert read["collector_tstamp"] == "2020-09-13T12:26:40.000Z"


def test_the_parts_of_a_snowplow_order_come_to_its_total(runs):
    for told in decoded(runs[SNOWPLOW], SNOWPLOW):
        if told[0].name == "purchase":
            total = sum(
                ((one.price or Decimal(0)) * one.quantity for part in told for one in part.products), Decimal(0)
            )
            assert told[0].value == total


@pytest.mark.parametrize("tracker", STREAMS)
def test_without_their_own_times_events_happen_as_they_are_received(runs, tracker):
    for told in records(runs[tracker][:20], tracker, shift=None):
        for record in told:
            event = decode(record.data)
            assert isinstance(event, Event)
            assert event.occurred_at == event.received_at == NOW


@pytest.mark.parametrize("tracker", STREAMS)
def test_fresh_ids_are_other_ids_of_the_same_visitors(tracker):
    rows = [Row("s1", "pageview", "", NOW, "a"), Row("s1", "purchase", "p1", NOW, "a")]
    old, new = (
        decoded(encoder(tracker, Catalogue({}, [""]), Visitors(pool=4, seed=1), salt=salt).hits(run), tracker)
        for salt, run in ((0, Run(Position(0, 2), "s1", rows)), (7, Run(Position(0, 2), "s1", rows)))
    )
    for one, two in zip((e for told in old for e in told), (e for told in new for e in told), strict=True):
        assert one.event_id != two.event_id
        assert one.client_id == two.client_id
        assert one.order_id != two.order_id or one.order_id is None


@pytest.mark.parametrize("tracker", STREAMS)
@pytest.mark.parametrize("text", ["tab\there", "\x1e\x1f\x11\x12", "ü\u2011\u2028", '"{"\\', "a,b"])
def test_whatever_a_row_holds_makes_whole_records(tracker, text):
    rows = [
        Row("s1", action, text, NOW, text, Search(text, 1, ((text, 1),)) if action == "search" else None)
        for action in ("pageview", "detail", "click", "add", "remove", "purchase", "search")
    ]
    encode = encoder(tracker, Catalogue({}, [""]), Visitors(pool=4, seed=1), salt=0)
    events = decoded(encode.hits(Run(Position(0, 2), "s1", rows)), tracker)
    assert len(events) == len(rows)
    assert {one.client_id for told in events for one in told} == {Visitors(pool=4, seed=1).of("s1").client_id}
