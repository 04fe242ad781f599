"""Whatever arrives at Segment's paths: an answer, nothing raised, every message good, bad or declined, and every line
strict JSON that the decoder takes."""

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from collect.configuration import Configuration
from collect.protocols import segment
from collect.protocols.segment_messages import TYPES
from collect.reasons import Reason
from collect.taking import take_in
from shared.events.decode import decode
from shared.events.event import Event

ROUTES = [place for place, route in segment.ROUTES.items() if route.keeps]
KEY = "local-write-key"
CONFIGURATION = Configuration(write_keys=frozenset({KEY}))
NAMES = [
    "type", "userId", "anonymousId", "previousId", "groupId", "event", "messageId", "timestamp", "originalTimestamp",
    "sentAt", "context", "integrations", "properties", "traits", "batch", "writeKey", "ip", "page", "url", "consent",
    "categoryPreferences", "analytics", "id", "products", "receivedAt", "", "\0", "\ud800",
]  # fmt: skip

scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=20)
odd = st.sampled_from(
    [*TYPES, "2025-11-22T02:16:10Z", "9999-12-31T23:59:59-23:00", "203.0.113.9", "x" * 300, "\u2028", ""]
)
anything = st.recursive(
    scalars | odd,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=6),
    max_leaves=15,
)
loose_messages = st.dictionaries(st.sampled_from(NAMES), anything, max_size=10)

texts = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20)
good_messages = st.fixed_dictionaries(
    {
        "type": st.sampled_from(["page", "screen", "identify"]),
        "userId": texts.map(lambda text: f"u{text}u"),
        "messageId": texts.map(lambda text: f"m{text}m"),
    },
    optional={"name": texts, "properties": st.dictionaries(texts, texts | st.integers(-(2**53), 2**53), max_size=3)},
)


def take(event: Any, body: str, path: str, **changes: Any) -> Any:
    return take_in(event(body, path=path, headers={"content-type": "text/plain"}, **changes), CONFIGURATION)


def check(intake: Any, lines: Any) -> None:
    assert intake.response()["statusCode"] in {200, 400, 401, 413, 415}
    assert intake.events or intake.bad_rows or intake.declined
    assert sum(intake.reasons.values()) == len(intake.bad_rows)
    assert Reason.INTERNAL_ERROR not in intake.reasons
    for line in lines((*intake.events, *intake.bad_rows)):
        assert KEY not in json.dumps(line)
    for item in intake.events:
        assert isinstance(decode(item.data), Event)
        assert 1 <= len(item.key) <= 256


@given(body=st.binary(max_size=200), path=st.sampled_from([path for _, path in ROUTES]))
@settings(max_examples=60, deadline=None)
def test_any_bytes_get_an_answer_and_leave_a_trace(event: Any, lines: Any, body: bytes, path: str) -> None:
    check(take(event, body.decode("utf-8", "surrogateescape"), path), lines)


@given(message=loose_messages, path=st.sampled_from([path for _, path in ROUTES]))
@settings(max_examples=50, deadline=None)
def test_any_message_gets_an_answer_and_leaves_a_trace(
    event: Any, lines: Any, message: dict[str, Any], path: str
) -> None:
    check(take(event, json.dumps({**message, "writeKey": KEY}), path), lines)


@given(messages=st.lists(loose_messages | good_messages | anything, min_size=1, max_size=8), shared=loose_messages)
@settings(max_examples=60, deadline=None)
def test_messages_in_are_good_bad_and_declined_out(
    event: Any, lines: Any, messages: list[Any], shared: dict[str, Any]
) -> None:
    intake = take(event, json.dumps({**shared, "batch": messages, "writeKey": KEY}), "/v1/batch")
    check(intake, lines)
    whole = len(intake.bad_rows) == 1 and intake.status >= 400  # what stands beside the batch can be no JSON at all
    assert whole or len(intake.events) + len(intake.bad_rows) + intake.declined == len(messages)


@given(messages=st.lists(good_messages, min_size=1, max_size=5), data=st.data())
@settings(max_examples=40, deadline=None)
def test_what_was_sent_is_what_is_stored_whatever_is_wrong_beside_it(
    event: Any, lines: Any, messages: list[dict[str, Any]], data: st.DataObject
) -> None:
    wrong = data.draw(
        st.sampled_from([[], [{"type": "page"}], [{"type": "page", "userId": "u", "name": float("nan")}]])
    )
    intake = take(event, json.dumps({"batch": [*messages, *wrong], "writeKey": KEY}), "/v1/batch")
    kept = [line["request"]["body"] for line in lines(intake.events)]
    stripped = [{**one, "userId": one["userId"].strip(), "messageId": one["messageId"].strip()} for one in messages]
    assert [{name: body[name] for name in sent} for body, sent in zip(kept, stripped, strict=True)] == stripped
