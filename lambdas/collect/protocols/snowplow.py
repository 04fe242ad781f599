"""Snowplow's tracker protocol, version 2: what its trackers send to a collector, and what a collector answers.

`POST /com.snowplowanalytics.snowplow/tp2` takes events as a self-describing JSON of payload_data 1-0-x, `GET /i`, of
`/ice.png` and of `…/tp2` one event as a query string. A POST is at most 1,000,000 bytes, as in Snowplow's collector for
Kinesis, and 5,000 events. Parameters in its URL are every event's, and count for more than the event's own.
https://docs.snowplow.io/docs/events/going-deeper/
"""

import re
from functools import partial
from http import HTTPStatus
from urllib.parse import parse_qsl

from collect.answers import common_headers, pixel, refusal
from collect.formats import urlencoded
from collect.intake import Intake, Response
from collect.protocols.route import Reader, Route
from collect.protocols.snowplow_bad_rows import MAX_BODY_BYTES, describe
from collect.protocols.snowplow_event import hit_of
from collect.protocols.snowplow_json import Unreadable, value_of, written
from collect.protocols.snowplow_network_user import with_cookie
from collect.protocols.snowplow_people import hidden
from collect.reasons import Reason, Refused
from collect.registry import Invalid
from collect.sender import Outcome, Outcomes, Sender

PROTOCOL = "snowplow"
PATH = "/com.snowplowanalytics.snowplow/tp2"
QUERY_PATHS = ("/i", "/ice.png", PATH)

# A tracker's smallest event has 200 bytes, so that these are a body of 1,000,000. Beyond the 5,000th an event is a bad
# row of its own, up to here. More is no payload, and a request of nothing but `{}` makes so many bad rows at most.
MAX_EVENTS = 5_000
MAX_ELEMENTS = 6_000

# All that is wrong is told of a request's first invalid events: of so many bytes. Of the others, the first thing is.
MAX_EXPLAINED_BYTES = 20_000

_PAYLOAD_DATA = re.compile(r"iglu:com\.snowplowanalytics\.snowplow/payload_data/jsonschema/1-0-\d{1,3}")


def payload(body: bytes, sender: Sender) -> Outcomes:
    """The events of a payload_data, each good or refused by itself.

    Raises Refused where the payload as a whole can not be taken apart.
    """
    envelope = value_of(body)
    if not isinstance(envelope, dict) or not isinstance(events := envelope.get("data"), list):
        raise Refused(Reason.NOT_AN_OBJECT, "no self-describing JSON with a list as its 'data'")
    schema = envelope.get("schema")
    if not isinstance(schema, str) or not _PAYLOAD_DATA.fullmatch(schema):
        raise Refused(Reason.UNKNOWN_SCHEMA, "the payload's schema is no payload_data 1-0-x")
    if not events:
        raise Refused(Reason.EMPTY_REQUEST, "no events in the payload")
    if len(events) > MAX_ELEMENTS:
        raise Refused(Reason.TOO_MANY_HITS, f"{len(events)} events, a payload holds {MAX_EVENTS}")
    beside = dict(parse_qsl(sender.query.decode("utf-8", "replace")))
    suspicious = bool(beside) or b"\\u0000" in body
    opening = b'{"schema":"%b","data":[' % schema.encode()
    for number, event in enumerate(events, start=1):
        if beside and isinstance(event, dict):
            event = {**event, **beside}
        if number > MAX_EVENTS:
            outcome: Outcome = Refused(Reason.TOO_MANY_HITS, f"event {number}, a payload holds {MAX_EVENTS}")
        else:
            outcome = _read(event, sender, suspicious)
        yield _raw(event, opening), outcome


def query(text: bytes, sender: Sender) -> Outcomes:
    """The one event of a query string."""
    yield text, _read(urlencoded(text), sender, suspicious=False)


def explained(payload: bytes, sender: Sender, read: Reader) -> Outcomes:
    """What a reader finds; its first invalid events say all that is wrong with them."""
    room = MAX_EXPLAINED_BYTES
    for raw, outcome in read(payload, sender):
        if isinstance(outcome, Invalid) and len(raw) <= room:
            room -= len(raw)
            outcome.explain()
        yield raw, outcome


def ok(intake: Intake) -> Response:
    """What a collector answers a POST: trackers look at the status alone."""
    if intake.status != HTTPStatus.OK:
        return refusal(intake)
    headers = {**common_headers(intake), "content-type": "text/plain"}
    return with_cookie({"statusCode": 200, "headers": headers, "body": "ok", "isBase64Encoded": False}, intake)


def pixel_with_cookie(intake: Intake) -> Response:
    """What a collector answers a GET."""
    return with_cookie(pixel(intake), intake)


_route = partial(Route, protocol=PROTOCOL, describe=describe, only_400=True, hide=hidden)

ROUTES = {
    ("POST", PATH): _route(
        read=partial(explained, read=payload), answer=ok, max_body_bytes=MAX_BODY_BYTES, refuse_replaced=False
    ),
    **{("GET", path): _route(read=partial(explained, read=query), answer=pixel_with_cookie) for path in QUERY_PATHS},
}


def _read(event: object, sender: Sender, suspicious: bool) -> Outcome:
    """suspicious: whether a parameter may hold a NUL."""
    try:
        if isinstance(event, Unreadable):
            raise event.refused
        if not isinstance(event, dict):
            raise Refused(Reason.NOT_AN_OBJECT, "an event is a JSON object")
        if suspicious and any("\0" in name or "\0" in str(value) for name, value in event.items()):
            raise Refused(Reason.INVALID_CHARACTER, "NUL in a parameter")
        return hit_of(event, sender)
    except Refused as refused:
        return refused


def _raw(event: object, opening: bytes) -> bytes:
    """A payload of this event alone, so that a bad row can be sent again as it stands."""
    return opening + written(event) + b"]}"
