"""One message of Segment's API to a hit, as Segment's own Kinesis destination would hand it on.

What is needed: `userId` or `anonymousId`; of a track `event`, of a group `groupId`, of an alias `previousId` and
`userId`. `context`, `integrations`, `properties` and `traits` are objects, where there are any. Everything else is kept
as it came, but write keys.

Times: `originalTimestamp` is the sender's `timestamp`, `receivedAt` the collector's clock, and `timestamp` when it
happened by that clock: receivedAt less (sentAt less originalTimestamp). A time that can not be read is left out.
https://segment.com/docs/connections/spec/common/#timestamps
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID, uuid4

from collect.protocols.segment_consent import refuses_analytics
from collect.protocols.segment_people import hide_people
from collect.protocols.snowplow_network_user import is_uuid
from collect.reasons import Reason, Refused
from collect.sender import Declined, Sender
from collect.write_keys import FIELD
from shared.envelope import MAX_CLIENT_ID_CHARACTERS, MAX_ID_CHARACTERS, Hit, derived_id
from shared.events.values import instant

# Of each type the fields without which it says nothing, beside who did it.
TYPES: Mapping[str, tuple[str, ...]] = {
    "track": ("event",),
    "page": (),
    "screen": (),
    "identify": (),
    "group": ("groupId",),
    "alias": ("userId", "previousId"),
}

OBJECTS = ("context", "integrations", "properties", "traits")
IDENTIFIERS = ("userId", "anonymousId", "previousId", "groupId")
OF_PEOPLE = frozenset({"userId", "previousId"})

_MESSAGE_NAMESPACE = UUID("b0c2f7de-8d52-4a26-9f0f-5a6f0c1d7e44")
_CLIENT_NAMESPACE = UUID("6c0d3a52-7d0e-4a55-8a4c-94b0a7c1f6e3")
_EPOCH = datetime(1970, 1, 1)


def hit_of(message: Mapping[str, Any], sender: Sender) -> Hit | Declined:
    """Raises Refused where the message is not what its type needs."""
    body = dict(message)
    body.pop(FIELD, None)
    kind = _check_type(body.get("type"))
    for name in OBJECTS:
        if name in body:
            _check_object(body, name)
    context = body.get("context") or {}
    if sender.configuration.consent and "consent" in context and refuses_analytics(context):
        return Declined()
    for name in IDENTIFIERS:
        if name in body:
            _clean_identifier(body, name, sender)
    get = body.get
    user_id, client_id = get("userId"), get("anonymousId")
    for name in TYPES[kind]:
        if not get(name):
            raise Refused(Reason.MISSING_FIELD, f"no '{name}', which a message of type {kind} needs")
    if not user_id and not client_id:
        raise Refused(Reason.MISSING_CLIENT_ID, "neither 'userId' nor 'anonymousId'")
    if "event" in body and not isinstance(body["event"], str):
        raise Refused(Reason.WRONG_TYPE, "'event' is no text")
    if sender.configuration.user_id_key:
        body = hide_people(body, kind, sender.pseudonym)
        context = body.get("context") or {}
    user_ip = _user_ip(body, context, sender)
    _set_times(body, sender.request.timestamp)
    message_id = body["messageId"] = _message_id(get("messageId"))
    page, properties = _object(context.get("page")), get("properties") or {}
    return Hit(
        _event_id(message_id),
        client_id or (kind == "alias" and body["previousId"]) or derived_id(_CLIENT_NAMESPACE, str(user_id).encode()),
        user_id,
        user_ip,
        _text(context.get("userAgent")) or sender.request.headers.get("user-agent"),
        _text(page.get("url")) or _text(properties.get("url")),
        _text(page.get("referrer")) or _text(properties.get("referrer")),
        body,
    )


def _check_type(kind: object) -> str:
    if not kind:
        raise Refused(Reason.MISSING_HIT_TYPE, "no 'type'")
    if not isinstance(kind, str) or kind not in TYPES:
        raise Refused(Reason.UNKNOWN_HIT_TYPE, f"'type' is none of {', '.join(TYPES)}")
    return kind


def _check_object(body: dict[str, Any], name: str) -> None:
    """null is as good as nothing."""
    value = body[name]
    if value is None:
        del body[name]
    elif not isinstance(value, dict):
        raise Refused(Reason.WRONG_TYPE, f"'{name}' is no object")


def _clean_identifier(body: dict[str, Any], name: str, sender: Sender) -> None:
    """Ids are texts without spaces around them; whole numbers are taken for their digits, as Segment's libraries do."""
    value = body[name]
    if type(value) is int:
        value = str(value)
    elif value is not None and not isinstance(value, str):
        raise Refused(Reason.WRONG_TYPE, f"'{name}' is neither a text nor a whole number")
    value = value and value.strip()
    if not value:
        del body[name]
        return
    if len(value) > MAX_CLIENT_ID_CHARACTERS:
        raise Refused(Reason.CLIENT_ID_TOO_LONG, f"'{name}' has more than {MAX_CLIENT_ID_CHARACTERS} characters")
    body[name] = sender.pseudonym(value) if name in OF_PEOPLE else value


def _user_ip(body: dict[str, Any], context: Mapping[str, Any], sender: Sender) -> str | None:
    """The address to store: the message's own, which is made the same in place, else the request's."""
    own = context.get("ip")
    address = sender.address(own) if isinstance(own, str) else None
    if own is not None:
        body["context"] = {**context, "ip": address}
    return address or sender.address(sender.request.source_ip)


def _set_times(body: dict[str, Any], received_at: int) -> None:
    """Sets the four times, each ISO 8601 in UTC. Nothing happens after it was received, whatever the clocks say."""
    original, sent_at = _instant(body.get("timestamp")), _instant(body.get("sentAt"))
    if original is None:
        original = _instant(body.get("originalTimestamp"))
    body["receivedAt"] = _iso(received_at)
    happened_at = received_at if original is None else original
    if original is not None and sent_at is not None:
        happened_at = received_at - (sent_at - original)
    body["timestamp"] = _iso(happened_at if 0 <= happened_at <= received_at else received_at)
    for name, time in (("originalTimestamp", original), ("sentAt", sent_at)):
        if time is not None:
            body[name] = _iso(time)
        elif name in body:
            del body[name]


def _instant(value: object) -> int | None:
    return _parsed(value) if isinstance(value, str) else None


@lru_cache(maxsize=256)  # a batch has one `sentAt`
def _parsed(text: str) -> int | None:
    return instant(text)


@lru_cache(maxsize=256)
def _iso(time: int) -> str:
    """time: epoch ms, from 1970 to 9999."""
    return f"{(_EPOCH + timedelta(milliseconds=time)).isoformat(timespec='milliseconds')}Z"


def _message_id(value: object) -> str:
    """The sender's own, or one of ours."""
    text = str(value).strip() if isinstance(value, str) or type(value) is int else ""
    return text or str(uuid4())


def _event_id(message_id: str) -> str:
    """The message's own id, unless RAW.LOGS would write it otherwise, in lower case and cut: then one derived from it,
    or two events would become one. But a UUID is the same in capitals, which Apple's libraries write."""
    lower = message_id.lower()
    if len(lower) <= MAX_ID_CHARACTERS and lower.isascii() and (lower == message_id or is_uuid(message_id)):
        return lower
    return derived_id(_MESSAGE_NAMESPACE, message_id.encode())


def _object(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
