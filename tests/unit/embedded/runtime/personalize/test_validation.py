"""PutEvents takes what its model and its documentation allow, and says what it does not take."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from embedded.runtime.personalize.validation import broken_rules, mistakes

NOW = 1_800_000_000.0
EVENT = {"eventType": "Product Clicked", "sentAt": 1_700_000_000}
REQUEST = {"trackingId": "tracker", "sessionId": "session", "eventList": [EVENT]}
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*REQUEST, *EVENT, "x"]), inner),
    max_leaves=12,
)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"eventList": []}, "'[]' at 'eventList' failed to satisfy constraint: Member must have length greater than"),
        ({"eventList": [EVENT] * 11}, "at 'eventList' failed to satisfy constraint: Member must have length less than"),
        ({"eventList": {}}, "Member must be a list"),
        ({"eventList": ["x"]}, "'x' at 'eventList.1.member' failed to satisfy constraint: Member must be a structure"),
        ({"sessionId": ""}, "'' at 'sessionId'"),
        ({"sessionId": 7}, "Member must be a string"),
        ({"trackingId": None}, "null at 'trackingId' failed to satisfy constraint: Member must not be null"),
        (
            {"userId": "u" * 257},
            "at 'userId' failed to satisfy constraint: Member must have length less than or equal to",
        ),
        ({"eventList": [{"sentAt": 1}]}, "null at 'eventList.1.member.eventType'"),
        ({"eventList": [EVENT, {**EVENT, "sentAt": "2026"}]}, "'2026' at 'eventList.2.member.sentAt'"),
        ({"eventList": [{**EVENT, "sentAt": True}]}, "Member must be a number"),
        ({"eventList": [{**EVENT, "properties": {"itemId": "x"}}]}, "Member must be a string"),
        ({"eventList": [{**EVENT, "properties": "x" * 1025}]}, "less than or equal to 1024"),
        ({"eventList": [{**EVENT, "impression": ["a"] * 26}]}, "less than or equal to 25"),
        ({"eventList": [{**EVENT, "metricAttribution": {}}]}, "metricAttribution.eventAttributionSource"),
        ({"eventList": [{**EVENT, "metricAttribution": {"eventAttributionSource": " "}}]}, "regular expression"),
    ],
)
def test_what_does_not_fit_the_model_is_named(change, words):
    (mistake,) = mistakes({**REQUEST, **change})
    assert words in mistake


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"properties": "x"}, "no JSON"),
        ({"properties": "[]"}, "no JSON object"),
        ({"properties": '{"SessionID": "x"}'}, "SessionID is a reserved keyword"),
        ({"properties": '{"a": {"b": 1}}'}, "a is not a plain value"),
        ({"sentAt": 1_700_000_000_000}, "no time in seconds"),
        ({"sentAt": -1}, "no time in seconds"),
    ],
)
def test_what_the_documentation_forbids_is_named(change, words):
    request = {**REQUEST, "eventList": [EVENT, {**EVENT, **change}]}
    assert not mistakes(request)
    (mistake,) = broken_rules(request, NOW)
    assert words in mistake
    assert "eventList.2.member" in mistake


def test_a_whole_request_is_taken():
    event = {
        **EVENT,
        "eventId": "e",
        "eventValue": 1.5,
        "itemId": "sku",
        "properties": json.dumps({"itemId": "sku"}),
        "recommendationId": "r",
        "impression": ["sku"],
        "metricAttribution": {"eventAttributionSource": "web"},
        "a member of a later version": {},
    }
    request = {**REQUEST, "userId": "u", "eventList": [event]}
    assert not mistakes(request)
    assert not broken_rules(request, NOW)


@settings(max_examples=50)
@given(ANYTHING)
def test_no_request_is_too_odd(request):
    if not mistakes(request):
        broken_rules(request, NOW)
