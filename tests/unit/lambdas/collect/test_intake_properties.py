"""Whatever arrives: an answer, nothing raised, every hit good or bad, every line strict JSON."""

import base64
import json
from typing import Any
from urllib.parse import urlencode

from hypothesis import given, settings
from hypothesis import strategies as st

from collect.configuration import Configuration
from collect.protocols.google_analytics.hits import HIT_TYPES
from collect.protocols.google_analytics.reading import MAX_BATCH_HITS
from collect.reasons import Reason
from collect.taking import take_in

CONTENT_TYPES = ["text/plain", "application/json", "application/x-www-form-urlencoded", "", "image/png; a=\udc80", "é"]
ROUTES = [("POST", "/collect"), ("POST", "/batch"), ("GET", "/collect"), ("DELETE", "/batch"), ("", "?")]
NAMES = ["t", "cid", "uid", "z", "qt", "dl", "uip", "aip", "ua", "pr1pr", "", "\0", "\ud800"]

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=6),
    max_leaves=12,
)
loose_hits = st.dictionaries(st.sampled_from(NAMES) | st.text(max_size=5), anything, max_size=8)
bodies = st.one_of(
    st.binary(max_size=300),
    st.text(max_size=200).map(lambda text: text.encode()),
    anything.map(lambda value: json.dumps(value).encode()),
    loose_hits.map(lambda value: json.dumps(value).encode()),
    st.lists(loose_hits, max_size=25).map(lambda hits: json.dumps(hits).encode()),
    st.lists(loose_hits, max_size=25).map(lambda hits: "\n".join(map(json.dumps, hits)).encode()),
    st.lists(st.binary(max_size=30), max_size=30).map(b"&t=pageview&cid=1\n".join),
)

texts = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20)
good_hits = st.fixed_dictionaries(
    {"t": st.sampled_from(sorted(HIT_TYPES)), "cid": texts.map(lambda text: f"c{text}")},
    optional={"z": texts, "dl": texts, "dt": texts, "uip": texts, "qt": st.integers(0, 10**9).map(str)},
)


@given(
    body=bodies,
    encoding=st.sampled_from(["text", "base64", "wrongly base64", "query"]),
    content_type=st.sampled_from(CONTENT_TYPES),
    content_encoding=st.sampled_from(["", "gzip", "br"]),
    route=st.sampled_from(
        [("POST", "/collect"), ("POST", "/batch"), ("GET", "/collect"), ("DELETE", "/batch"), ("", "?")]
    ),
    full_addresses=st.booleans(),
)
@settings(max_examples=200, deadline=None)
def test_any_request_gets_an_answer_and_leaves_a_trace(
    event: Any, lines: Any, body: bytes, encoding: str, content_type: str, content_encoding: str,
    route: tuple[str, str], full_addresses: bool,
) -> None:  # fmt: skip
    text = body.decode("utf-8", "replace") if encoding == "text" else body.decode("latin-1")
    request = event(
        base64.b64encode(body).decode() if encoding == "base64" else None if encoding == "query" else text,
        method=route[0],
        path=route[1],
        headers={"Content-Type": content_type, "content-encoding": content_encoding, "Cookie": "secret"},
        isBase64Encoded="base64" in encoding,
        rawQueryString=text if encoding == "query" else "",
    )

    intake = take_in(request, Configuration(full_addresses=full_addresses))

    assert intake.response()["statusCode"] in {200, 400, 404, 405, 413, 415}
    assert intake.events or intake.bad_rows
    assert sum(intake.reasons.values()) == len(intake.bad_rows)
    assert Reason.INTERNAL_ERROR not in intake.reasons
    for line in lines((*intake.events, *intake.bad_rows)):
        assert "secret" not in json.dumps(line)
    assert all(1 <= len(item.key) <= 256 for item in intake.events)


@given(event=anything)
@settings(max_examples=200, deadline=None)
def test_an_event_of_any_shape_gets_an_answer(event: Any, lines: Any) -> None:
    for shape in (event, {"requestContext": event, "headers": event, "body": event, "rawPath": "/collect"}):
        intake = take_in(shape, Configuration())
        assert Reason.INTERNAL_ERROR not in intake.reasons
        assert lines(intake.bad_rows)


@given(hits=st.lists(good_hits | st.just({"t": "pageview"}), min_size=1, max_size=40), as_json=st.booleans())
@settings(max_examples=150, deadline=None)
def test_hits_in_are_good_and_bad_out(post: Any, hits: list[dict[str, str]], as_json: bool) -> None:
    body = "\n".join(json.dumps(hit) if as_json else urlencode(hit) for hit in hits)
    intake = post(body, path="/batch")
    good = sum("cid" in hit for hit in hits[:MAX_BATCH_HITS])
    assert len(intake.events) == good
    assert len(intake.events) + len(intake.bad_rows) == len(hits)


@given(hit=good_hits, z=texts.filter(bool), queue_times=st.tuples(*[st.integers(0, 10**6)] * 2), data=st.data())
@settings(max_examples=150, deadline=None)
def test_a_hit_keeps_its_id_in_any_order_and_format_however_late(
    post: Any, lines: Any, hit: dict[str, str], z: str, queue_times: tuple[int, int], data: Any
) -> None:
    shuffled = dict(data.draw(st.permutations(sorted({**hit, "z": z}.items()))))
    first = post(urlencode({**hit, "z": z, "qt": queue_times[0]}))
    again = post(json.dumps({**shuffled, "qt": queue_times[1], "dr": None}))
    assert lines(first.events)[0]["request"]["id"] == lines(again.events)[0]["request"]["id"]


@given(hits=st.lists(good_hits, min_size=1, max_size=5))
@settings(max_examples=100, deadline=None)
def test_what_was_sent_is_what_is_stored(post: Any, lines: Any, hits: list[dict[str, str]]) -> None:
    stored = lines(post("\n".join(map(urlencode, hits)), path="/batch", full_addresses=True).events)
    assert [line["request"]["body"] for line in stored] == hits
