"""Whatever a tracker sends: an answer, and every event in it is an event or a bad row."""

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft4Validator

from collect.configuration import Configuration
from collect.reasons import Reason
from shared.events.decode import decode
from shared.events.event import Event
from tests.unit.lambdas.collect.snowplow_payloads import (
    LINK_CLICK,
    SNOWPLOW,
    TP2,
    WEB_PAGE,
    asked,
    contexts,
    encoded,
    sent,
    tracked,
    unstruct,
)
from tests.unit.lambdas.collect.snowplow_shapes import SHAPES

texts = st.text(st.characters(), max_size=12)
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
described = st.fixed_dictionaries(
    {
        "schema": st.sampled_from([WEB_PAGE["schema"], LINK_CLICK["schema"], f"{SNOWPLOW}/timing/jsonschema/1-0-0"])
        | texts,
        "data": anything | st.just(WEB_PAGE["data"]) | st.just(LINK_CLICK["data"]),
    }
)
self_describing = (
    described.map(unstruct) | st.lists(described, max_size=3).map(lambda found: contexts(*found)) | anything
)
values = (
    texts
    | self_describing.map(json.dumps)
    | self_describing.map(encoded)
    | st.sampled_from(["pv", "pp", "se", "ue", "tr", "ti", "web", "srv", "1763777770000", "-1", "1e999"])
)
NAMES = ["e", "tv", "p", "eid", "dtm", "stm", "ttm", "ue_pr", "ue_px", "co", "cx", "uid", "duid", "tnuid", "ip", "url"]
events = (
    st.dictionaries(st.sampled_from(NAMES) | texts, values | anything, max_size=8)
    | st.dictionaries(st.sampled_from(NAMES[4:]), values, max_size=6).map(lambda changes: tracked(**changes))
    | anything
)


def checked(intake: Any, lines: Any, configuration: Configuration) -> None:
    assert Reason.INTERNAL_ERROR not in intake.reasons
    assert intake.response()["statusCode"] in {200, 400, 413}
    for row in lines(intake.bad_rows):
        name = row["schema"].split("badrows/")[1]
        Draft4Validator(SHAPES[name]).validate(row["data"])
    for item, line in zip(intake.events, lines(intake.events), strict=True):
        assert {"ue_px", "cx"}.isdisjoint(line["request"]["body"])
        found = decode(item.data)
        assert isinstance(found, Event)
        assert (found.event_id, found.client_id) == (line["request"]["id"], line["context"]["client_id"].strip())
    if configuration.user_id_key:
        assert all(len(line["context"]["user_id"] or "x" * 64) == 64 for line in lines(intake.events))


@given(
    found=st.lists(events, min_size=1, max_size=6),
    anonymous=st.booleans(),
    configuration=st.sampled_from([Configuration(), Configuration(full_addresses=True, user_id_key=b"k" * 32)]),
)
@settings(max_examples=60, deadline=None)
def test_events_in_are_events_and_bad_rows_out(
    lines: Any, found: list[Any], anonymous: bool, configuration: Configuration
) -> None:
    headers = {"user-agent": "Lynx"} | ({"sp-anonymous": "*"} if anonymous else {})
    intake = sent(*found, headers=headers, configuration=configuration)
    checked(intake, lines, configuration)
    assert len(intake.events) + len(intake.bad_rows) == len(found)


@given(query=st.dictionaries(st.sampled_from(NAMES), values, max_size=8) | st.text(max_size=60))
@settings(max_examples=40, deadline=None)
def test_any_query_string_is_one_event_or_one_bad_row(lines: Any, query: Any) -> None:
    text = "&".join(f"{name}={value}" for name, value in query.items()) if isinstance(query, dict) else query
    intake = asked(text)
    checked(intake, lines, Configuration())
    assert len(intake.events) + len(intake.bad_rows) == 1


@given(body=st.text(max_size=200) | anything.map(json.dumps))
@settings(max_examples=40, deadline=None)
def test_any_body_gets_an_answer(lines: Any, post: Any, body: str) -> None:
    intake = post(body, path=TP2)
    checked(intake, lines, Configuration())
    assert intake.bad_rows
