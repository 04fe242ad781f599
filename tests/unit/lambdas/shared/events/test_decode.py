"""Any record of any stream: an Event, or a reason why it is none, and never an exception."""

import json
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.events.decode import decode
from shared.events.event import NAMES, Event, Undecodable
from tests.unit.lambdas.shared.events.conftest import CORPUS, check_event

REASONS = {
    "not_utf8",
    "not_json",
    "nested_too_deeply",
    "unknown_format",
    "wrong_type",
    "missing_event_id",
    "invalid_timestamp",
    "unknown_protocol",
    "unknown_type",
    "wrong_field_count",
    "invalid_unstruct_event",
}
JSON_RECORDS = [name for name in CORPUS if name.endswith(".json")]
TSV_RECORDS = [name for name in CORPUS if name.endswith(".tsv")]

anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from(["NaN", "1e999", "-0", "1_000", " 12 ", "٣", "2019-02-25", "x" * 5_000, "\ud800", 10**4000]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


def test_a_record_of_every_kind_is_read(record_name: str, corpus: dict[str, bytes], expected: dict[str, Any]) -> None:
    event = decode(corpus[record_name])
    assert isinstance(event, Event)
    check_event(event)
    read = event._asdict()
    del read["properties"]
    read["products"] = [{k: v for k, v in one._asdict().items() if v is not None} for one in event.products]
    told = {name: value for name, value in read.items() if value not in (None, [])}
    assert json.loads(json.dumps(told, default=str)) == expected[record_name]


def test_who_looks_at_no_products_is_told_all_else(record_name: str, corpus: dict[str, bytes]) -> None:
    whole, bare = decode(corpus[record_name]), decode(corpus[record_name], detailed=())
    assert isinstance(whole, Event)
    assert isinstance(bare, Event)
    assert bare in (whole, whole._replace(products=(), value=None, currency=None))
    assert decode(corpus[record_name], detailed={whole.name}) == whole


def test_the_corpus_has_every_name_an_event_can_have(expected: dict[str, Any]) -> None:
    assert {one["name"] for one in expected.values()} == NAMES


def test_what_a_tracker_calls_its_own_event_is_kept(corpus: dict[str, bytes]) -> None:
    names = {}
    for name, record in corpus.items():
        event = decode(record)
        assert isinstance(event, Event)
        if event.name == "custom":
            names[name] = event.properties["event_name"]
    assert names == {
        "envelope_checkout.json": "Paid by card",
        "envelope_refund.json": "Refund",
        "envelope_search.json": "search",
        "envelope_segment_checkout_started.json": "Checkout Started",
        "envelope_snowplow_level.json": "page_ping",
        "envelope_snowplow_struct.json": "event",
        "segment_group.json": "group",
        "segment_products_searched.json": "Products Searched",
        "snowplow_link_click.tsv": "link_click",
        "snowplow_page_ping.tsv": "page_ping",
        "snowplow_struct.tsv": "event",
    }


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (b"", "unknown_format"),
        (b"[]", "unknown_format"),
        (b"{}", "unknown_format"),
        (b"hello", "unknown_format"),
        (b"{", "not_json"),
        (b'{"type": NaN}', "not_json"),
        (b'{"type": 1e999}', "not_json"),
        (b'{"type": "\\ud800"}', "not_json"),
        (b'{"type": "\xff"}', "not_utf8"),
        (b"a\tb\xff", "not_utf8"),
        (b'{"type":' * 33 + b"1" + b"}" * 33, "nested_too_deeply"),
        (b'{"type":' * 5_000 + b"1" + b"}" * 5_000, "not_json"),
        (b'{"request": 1, "context": {}}', "wrong_type"),
        (b'{"request": {"body": []}, "context": {"protocol": "google-analytics-v1"}}', "wrong_type"),
        (b'{"request": {}, "context": {"protocol": "google-analytics-v9"}}', "unknown_protocol"),
        (b'{"type": ["track"]}', "wrong_type"),
        (b'{"type": "trick", "messageId": "1"}', "unknown_type"),
        (b'{"type": "track", "messageId": ""}', "missing_event_id"),
        (b'{"type": "track", "messageId": "1"}', "invalid_timestamp"),
        (b'{"type": "track", "messageId": "1", "timestamp": "9999-12-31T23:59:59-01:00"}', "invalid_timestamp"),
        (b"\t" * 129, "wrong_field_count"),
        (b"\t" * 131, "wrong_field_count"),
        (b"\t" * 130, "missing_event_id"),
    ],
)
def test_what_is_no_event_has_a_reason(record: bytes, reason: str) -> None:
    found = decode(record)
    assert isinstance(found, Undecodable)
    assert found.reason == reason
    assert found.message


@given(st.binary(max_size=300) | st.text(st.characters(codec="utf-8"), max_size=300).map(str.encode))
def test_arbitrary_bytes_raise_nothing(record: bytes) -> None:
    _check(record)


@given(st.data())
def test_a_record_cut_off_anywhere_raises_nothing(data: st.DataObject) -> None:
    record = CORPUS[data.draw(st.sampled_from(list(CORPUS)))]
    _check(record[: data.draw(st.integers(0, len(record)))])


@given(st.data())
def test_any_value_in_any_place_of_a_json_record_raises_nothing(data: st.DataObject) -> None:
    value = json.loads(CORPUS[data.draw(st.sampled_from(JSON_RECORDS))])
    for _ in range(data.draw(st.integers(1, 4))):
        inner = value
        while True:
            key = data.draw(st.sampled_from(sorted(inner)))
            if not (isinstance(inner[key], dict) and inner[key] and data.draw(st.booleans())):
                break
            inner = inner[key]
        inner[key] = data.draw(anything)
    _check(json.dumps(value).encode())


@given(st.data())
def test_any_text_in_any_fields_of_an_enriched_event_raises_nothing(data: st.DataObject) -> None:
    fields = CORPUS[data.draw(st.sampled_from(TSV_RECORDS))].decode().split("\t")
    texts = st.text(st.characters(codec="utf-8")) | anything.map(json.dumps) | st.sampled_from(fields)
    for at, new in data.draw(st.dictionaries(st.integers(0, 130), texts, max_size=5)).items():
        fields[at] = new
    _check("\t".join(fields).encode())


def _check(record: bytes) -> None:
    found = decode(record)
    if isinstance(found, Undecodable):
        assert found.reason in REASONS
        return
    assert found.name in NAMES
    check_event(found)
    orjson.dumps(found.properties)  # what was read can be written
