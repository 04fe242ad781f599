"""Segment's HTTP tracking API, as its libraries call it: one message a request, or a batch of them.

    POST /v1/track, page, screen, identify, group, alias     one message; /v1/t, p, s, i, g, a are the same
    POST /v1/batch, import                                   up to 2,500 messages; /v1/b is the same
    POST /v1/m                                               figures about analytics.js itself: thanked for, not kept

Bodies are JSON, gzip or not, under any content type (browsers send text/plain). Limits are Segment's: 32 KiB a message,
500 KiB a request, 2,500 messages a batch. The write key comes by Basic authentication or as `writeKey` in the body.
A fault of one message is a bad row and no concern of its neighbours. Libraries drop what they get a 4xx for, so there
is one only where nothing of the request could be taken.
https://segment.com/docs/connections/sources/catalog/libraries/server/http-api/
"""

from functools import partial
from typing import Any

import orjson

from collect.answers import common_headers, said
from collect.intake import Intake, Response
from collect.protocols.route import Route
from collect.protocols.segment_consent import refuses_analytics, seen_to_refuse_analytics
from collect.protocols.segment_json import Body, body_of, deeper_than, encoded
from collect.protocols.segment_messages import TYPES, hit_of
from collect.protocols.segment_people import hidden
from collect.reasons import Reason, Refused
from collect.sender import Declined, Outcome, Outcomes, Sender
from collect.write_keys import FIELD, basic_user, check_write_key
from shared.events.values import MAX_DEPTH

PROTOCOL = "segment"

MAX_BODY_BYTES = 500 * 1024
MAX_MESSAGE_BYTES = 32 * 1024
MAX_BATCH_MESSAGES = 2_500
# Beyond the 2,500th a message is a bad row of its own, up to here. More is no batch: the request is one bad row.
MAX_BATCH_ELEMENTS = 5_000

# What a batch says for all of its messages is stored with each: so many bytes at most, in all. That is 1.6 KB for each
# of 2,500 messages, and eight times the largest request.
MAX_SHARED_BYTES = 4_000_000

# Objects and lists within each other in a message: the envelope puts two around it, and deeper than MAX_DEPTH no reader
# of the stream goes.
MAX_LEVELS = MAX_DEPTH - 2

# What a batch says for all of its messages, where they do not say it themselves.
SHARED = ("context", "integrations", "sentAt", "timestamp")


def single(payload: bytes, sender: Sender, kind: str) -> Outcomes:
    """The one message of a request. kind: its type, which is the path's."""
    body = _body(payload, sender, batched=False)
    deep = body.levels > MAX_LEVELS
    yield _read({**body.value, "type": kind}, sender, len(payload) > MAX_MESSAGE_BYTES, deep)


def batch(payload: bytes, sender: Sender) -> Outcomes:
    """The messages of a batch, each good or refused by itself; the refused ones with what the batch says for all.

    One message may come without a batch around it, as it stands in a bad row. Raises Refused where the batch as a whole
    is none.
    """
    body, levels = _body(payload, sender, batched=True)
    messages = body.get("batch")
    if messages is None and "type" in body:
        messages, body = [body], {}
    if not isinstance(messages, list):
        raise Refused(Reason.NOT_AN_OBJECT, "'batch' is no list of messages")
    if not messages:
        raise Refused(Reason.EMPTY_REQUEST, "a batch of nothing")
    if len(messages) > MAX_BATCH_ELEMENTS:
        raise Refused(Reason.TOO_MANY_HITS, f"{len(messages)} messages, a batch holds {MAX_BATCH_MESSAGES}")
    shared = {name: body[name] for name in SHARED if body.get(name) is not None}
    if shared and (size := len(orjson.dumps(shared)) * len(messages)) > MAX_SHARED_BYTES:
        raise Refused(
            Reason.BATCH_TOO_LARGE, f"{size} bytes with what it says for all, a batch holds {MAX_SHARED_BYTES}"
        )
    large, deep = len(payload) > MAX_MESSAGE_BYTES, levels > MAX_LEVELS
    declined = sender.configuration.consent and refuses_analytics(shared.get("context"))
    for number, message in enumerate(messages, start=1):
        if shared and isinstance(message, dict):
            message = _with_shared(message, shared)
        elif declined:  # what is no strict JSON is not merged with what the batch says for it
            yield b"", Declined()
            continue
        if number > MAX_BATCH_MESSAGES:
            refused = Refused(Reason.TOO_MANY_HITS, f"message {number}, a batch holds {MAX_BATCH_MESSAGES}")
            yield _refused(message, refused)
        else:
            yield _read(message, sender, large, deep)


def figures(_payload: bytes, _sender: Sender) -> Outcomes:
    """What a library counts about itself ("analytics_js.invoke"): no messages."""
    return iter(())


def acknowledged(intake: Intake) -> Response:
    """`{"success": true}` as soon as anything was taken; else what is wrong, by the names that libraries read."""
    headers = common_headers(intake)
    if intake.status == 200:
        return said(200, {"success": True}, headers)
    bad = {str(reason): count for reason, count in intake.reasons.items()}
    code = next(iter(bad))
    return said(intake.status, {"success": False, "code": code, "message": intake.message, "bad": bad}, headers)


_route = partial(
    Route,
    protocol=PROTOCOL,
    answer=acknowledged,
    max_body_bytes=MAX_BODY_BYTES,
    refuse_replaced=False,
    answer_type="application/json",
    refuses_analytics=seen_to_refuse_analytics,
    hide=hidden,
)


def _one(kind: str) -> Route:
    return _route(read=partial(single, kind=kind), hide=partial(hidden, kind=kind))


_SINGLE = {path: kind for kind in TYPES for path in (kind, kind[0])}
ROUTES = {
    ("POST", "/v1/m"): _route(read=figures, keeps=False),
    **{("POST", f"/v1/{path}"): _one(kind) for path, kind in _SINGLE.items()},
    **{("POST", f"/v1/{path}"): _route(read=batch) for path in ("batch", "b", "import")},
}


def _body(payload: bytes, sender: Sender, *, batched: bool) -> Body:
    """The request's JSON object, once its write key is known to be good. Basic authentication, where there is any,
    counts for more than the body; another scheme (Segment's OAuth) says nothing about the key."""
    known, user = sender.configuration.write_keys, basic_user(sender.authorization)
    if user is not None:
        check_write_key(user, known)
    body = body_of(payload, batched=batched)
    if user is None:
        check_write_key(body.value.get(FIELD), known)
    return body


def _with_shared(message: dict[str, Any], shared: dict[str, Any]) -> dict[str, Any]:
    """The message with what the batch says for all: objects are merged, and the message's own word counts."""
    merged = {**shared, **message}
    for name, value in shared.items():
        own = message.get(name)
        if own is None:
            merged[name] = value
        elif isinstance(own, dict) and isinstance(value, dict):
            merged[name] = {**value, **own}
    return merged


def _read(message: object, sender: Sender, large: bool, deep: bool) -> tuple[bytes, Outcome]:
    """large, deep: whether the request is so that its messages have to be looked at for it, one by one."""
    try:
        if isinstance(message, Refused):
            raise message
        if not isinstance(message, dict):
            raise Refused(Reason.NOT_AN_OBJECT, "a message that is no object")
        if deep and deeper_than(message, MAX_LEVELS):
            raise Refused(Reason.NESTED_TOO_DEEPLY, f"more than {MAX_LEVELS} objects and lists within each other")
        if large and (size := len(orjson.dumps(message))) > MAX_MESSAGE_BYTES:
            raise Refused(Reason.HIT_TOO_LARGE, f"{size} bytes, a message holds {MAX_MESSAGE_BYTES}")
        return b"", hit_of(message, sender)  # only what is refused keeps its bytes
    except Refused as refused:
        return _refused(message, refused)


def _refused(message: object, refused: Refused) -> tuple[bytes, Refused]:
    """What was no strict JSON has said so already, and has its own text; every other message's is written again."""
    if isinstance(message, Refused):
        return b"", message
    return encoded(message), refused
