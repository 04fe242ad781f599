"""Rows as a person looks at them: of every line, whatever it is."""

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from headrace.events.filters import Filter
from headrace.events.rows import UNREADABLE, bad_row, decoded, good_row, payload_of

ENVELOPE = {
    "context": {"protocol": "google-analytics-v1", "client_id": "c", "user_id": "u", "document_location": "http://a/"},
    "request": {
        "id": "1",
        "timestamp": 1_700_000_000_000,
        "path": "/collect",
        "body": {"t": "event", "pa": "purchase", "ti": "7", "tr": "35.10", "cu": "EUR", "pr1id": "A", "pr1qt": "2"},
    },
}
BAD = {
    "reason": "missing_client_id",
    "message": "neither 'cid' nor 'uid'",
    "protocol": "google-analytics-v1",
    "timestamp": 1_700_000_000_000,
    "payload": "t=pageview",
    "payload_bytes": 10,
    "request": {"id": "1", "path": "/collect", "method": "POST", "user_ip": "", "headers": {}},
}


def test_an_event_says_who_did_what_with_which_products():
    row = good_row(json.dumps(ENVELOPE).encode())
    assert (row.good, row.name, row.client, row.user, row.page) == (True, "purchase", "c", "u", "http://a/")
    assert row.what == "2 x A, 35.10 EUR, order 7"


def test_a_custom_event_goes_by_its_own_name():
    line = json.dumps({**ENVELOPE, "request": {**ENVELOPE["request"], "body": {"t": "event", "ea": "signup"}}})
    assert good_row(line.encode()).name == "signup"


def test_a_bad_row_says_why_and_what_was_sent():
    row = bad_row(json.dumps(BAD).encode())
    assert (row.good, row.reason, row.page) == (False, "missing_client_id", "POST /collect")
    assert payload_of(row) == "t=pageview"


def test_a_bad_row_is_found_by_what_its_sender_wrote_quotes_and_all():
    row = bad_row(json.dumps({**BAD, "payload": '{"userId":"me","event":null}'}).encode())
    assert Filter(text='"userId":"me"').holds(row)
    assert not Filter(text='"userId":"you"').holds(row)


def test_an_envelope_of_an_unknown_protocol_is_shown_with_what_the_decoder_says():
    line = json.dumps({**ENVELOPE, "context": {"protocol": "carrier-pigeon"}})
    row = good_row(line.encode())
    assert (row.good, row.protocol, row.reason) == (True, "carrier-pigeon", "unknown_protocol")


def test_a_line_that_is_no_bad_row_is_shown_as_unreadable():
    assert bad_row(b"\xff not json").reason == UNREADABLE


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
lines = st.binary(max_size=60) | st.fixed_dictionaries({}, optional=dict.fromkeys((*BAD, *ENVELOPE), json_values)).map(
    lambda value: json.dumps(value).encode()
)


@settings(max_examples=60, deadline=None)
@given(lines)
def test_every_line_is_a_row(line):
    for row in (good_row(line), bad_row(line)):
        assert row.received_at >= 0
        assert isinstance(payload_of(row), str)
        json.dumps(decoded(row), default=str)
