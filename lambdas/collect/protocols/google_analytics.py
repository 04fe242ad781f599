"""Google Analytics' Measurement Protocol v1: hits as real clients send them, and as JSON with the same names.

`/collect` takes one hit, as a body (urlencoded or a JSON object) or as a query string; `/batch` takes up to 20, one a
line, or as a JSON array. Google's clients send any content type, so the body itself says how it is written.
Limits are the protocol's: 8,192 bytes a hit, 16,384 a batch, 20 hits a batch.
https://developers.google.com/analytics/devguides/collection/protocol/v1/devguide
"""

import json
from collections.abc import Mapping, Sized
from uuid import UUID, uuid4

import orjson

from collect.answers import pixel
from collect.formats import MAX_DIGITS, json_object, json_value, looks_like_json, urlencoded
from collect.protocols.route import Route
from collect.reasons import Reason, Refused
from collect.sender import Outcomes, Sender
from shared.envelope import MAX_CLIENT_ID_CHARACTERS, Hit, derived_id
from shared.privacy import address_of, truncated_address

PROTOCOL = "google-analytics-v1"

HIT_TYPES = frozenset({"pageview", "screenview", "event", "transaction", "item", "social", "exception", "timing"})

# What JSON senders must write as text. Figures (tr, ev, qt, pr1pr, …) may be JSON numbers.
TEXT_PARAMETERS = frozenset({"cid", "uid", "t", "dl", "dr", "ua", "uip", "z"})

MAX_HIT_BYTES = 8_192
MAX_BATCH_BYTES = 16_384
MAX_BATCH_HITS = 20
# Beyond the twentieth a hit is a bad row of its own, up to here: 500 are one put to a stream. More is no batch.
MAX_BATCH_LINES = 500

_HIT_NAMESPACE = UUID("8a0f0a4e-6b0c-4f6c-9f43-7c5b5e0f2f0e")
_CLIENT_NAMESPACE = UUID("0f7f3c0e-50c5-4d1b-8b0e-2f4d0f5f7a39")


def single(payload: bytes, sender: Sender) -> Outcomes:
    """The one hit of `/collect`."""
    yield _read(payload.strip(), _UNREAD, sender)


def batch(payload: bytes, sender: Sender) -> Outcomes:
    """The hits of `/batch`, each with the bytes it came from, each good or refused by itself.

    Raises Refused where the batch as a whole can not be taken apart.
    """
    payload = payload.strip()
    hits = _elements(payload) if payload.startswith(b"[") else _lines(payload)
    size = 0
    for number, (raw, value) in enumerate(hits, start=1):
        size += len(raw)
        if number > MAX_BATCH_HITS:
            yield raw, Refused(Reason.TOO_MANY_HITS, f"hit {number}, a batch holds {MAX_BATCH_HITS}")
        elif len(raw) > MAX_HIT_BYTES:
            size -= len(raw)  # it is refused for itself, not at its neighbours' cost
            yield _read(raw, value, sender)
        elif size > MAX_BATCH_BYTES:
            yield raw, Refused(Reason.BATCH_TOO_LARGE, f"beyond the batch's first {MAX_BATCH_BYTES} bytes")
        else:
            yield _read(raw, value, sender)


_SINGLE = Route(protocol=PROTOCOL, read=single, answer=pixel)
ROUTES = {
    ("GET", "/collect"): _SINGLE,
    ("POST", "/collect"): _SINGLE,
    ("POST", "/batch"): Route(protocol=PROTOCOL, read=batch, answer=pixel),
}

_UNREAD = object()


def _lines(payload: bytes) -> list[tuple[bytes, object]]:
    """Split before anything is decoded, so that one line of wrong bytes does not cost the others."""
    lines = [(line, _UNREAD) for line in map(bytes.strip, payload.split(b"\n")) if line]
    _refuse_endless(lines)
    return lines


def _elements(payload: bytes) -> list[tuple[bytes, object]]:
    """A JSON array's elements, each with a text of its own: what a bad row holds, and what the limits are about."""
    values = json_value(payload)
    if not isinstance(values, list):
        raise Refused(Reason.INVALID_JSON, "neither lines nor a JSON array")
    if not values:
        raise Refused(Reason.EMPTY_REQUEST, "an empty array")
    _refuse_endless(values)
    try:
        texts = [json.dumps(value, ensure_ascii=False, separators=(",", ":")) for value in values]
    except RecursionError:
        raise Refused(Reason.INVALID_JSON, "nested too deeply") from None
    return [(text.encode("utf-8", "surrogatepass"), value) for text, value in zip(texts, values, strict=True)]


def _refuse_endless(hits: Sized) -> None:
    if len(hits) > MAX_BATCH_LINES:
        raise Refused(Reason.TOO_MANY_HITS, f"more than {MAX_BATCH_LINES} hits, a batch holds {MAX_BATCH_HITS}")


def _read(raw: bytes, value: object, sender: Sender) -> tuple[bytes, Hit | Refused]:
    try:
        if len(raw) > MAX_HIT_BYTES:
            raise Refused(Reason.HIT_TOO_LARGE, f"{len(raw)} bytes, a hit holds {MAX_HIT_BYTES}")
        if value is _UNREAD and not looks_like_json(raw, sender.content_type):
            parameters = urlencoded(raw)
        else:
            value = json_value(raw) if value is _UNREAD else value
            parameters = json_object(raw, value, TEXT_PARAMETERS)
        return raw, _hit(parameters, sender)
    except Refused as refused:
        return raw, refused


def _hit(parameters: dict[str, object], sender: Sender) -> Hit:
    request = sender.request
    user_id = _identifier(parameters, "uid")
    client_id = _identifier(parameters, "cid") or (user_id and derived_id(_CLIENT_NAMESPACE, user_id.encode()))
    if not client_id:
        raise Refused(Reason.MISSING_CLIENT_ID, "neither 'cid' nor 'uid'")
    _check_hit_type(parameters.get("t"))
    _check_queue_time(parameters.get("qt"), request.timestamp)
    request_id = _request_id(client_id, parameters)
    return Hit(
        request_id=request_id,
        client_id=client_id,
        user_id=user_id,
        user_ip=_user_ip(parameters, sender),
        user_agent=_text(parameters, "ua") or request.headers.get("user-agent"),
        document_location=_text(parameters, "dl") or request.headers.get("referer"),
        document_referrer=_text(parameters, "dr"),
        body=parameters,
    )


def _text(parameters: Mapping[str, object], name: str) -> str | None:
    """One of TEXT_PARAMETERS; JSON's null and the empty text mean that it was not sent."""
    value = parameters.get(name)
    return value if isinstance(value, str) and value else None


def _identifier(parameters: Mapping[str, object], name: str) -> str | None:
    value = (_text(parameters, name) or "").strip()
    if len(value) > MAX_CLIENT_ID_CHARACTERS:
        raise Refused(Reason.CLIENT_ID_TOO_LONG, f"'{name}' has more than {MAX_CLIENT_ID_CHARACTERS} characters")
    return value or None


def _check_hit_type(hit_type: object) -> None:
    if not hit_type:
        raise Refused(Reason.MISSING_HIT_TYPE, "no 't'")
    if hit_type not in HIT_TYPES:
        raise Refused(Reason.UNKNOWN_HIT_TYPE, f"'t' is none of {', '.join(sorted(HIT_TYPES))}")


def _check_queue_time(queue_time: object, received_at: int) -> None:
    """`qt`: how many milliseconds before it was received the event happened; readers subtract it, unchecked."""
    if queue_time is None:
        return
    if isinstance(queue_time, str) and queue_time.isascii() and queue_time.isdigit() and len(queue_time) <= MAX_DIGITS:
        queue_time = int(queue_time)
    if type(queue_time) is not int or not 0 <= queue_time <= received_at:
        raise Refused(Reason.INVALID_QUEUE_TIME, "'qt' is no whole number of ms since the event, within this epoch")


def _request_id(client_id: str, parameters: Mapping[str, object]) -> str:
    """The hit's own id: the same however often, in whatever order or format it is sent; generated where `z` is missing.

    `z` alone does not do: Google means it for busting caches, and clients repeat it. The queue time is left out, since
    it grows until a hit gets through.
    """
    if not parameters.get("z"):
        return str(uuid4())
    content = {**parameters}
    content.pop("qt", None)
    if set(map(type, content.values())) != {str}:
        content = {name: _canonical(value) for name, value in content.items() if value is not None}
    return derived_id(_HIT_NAMESPACE, orjson.dumps((client_id, content), option=orjson.OPT_SORT_KEYS))


def _canonical(value: object) -> str:
    """A JSON value as a urlencoded hit would spell it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _user_ip(parameters: dict[str, object], sender: Sender) -> str | None:
    """The address to store; the hit's own override is made the same. `aip`, whatever its value, asks to truncate."""
    override = _text(parameters, "uip")
    truncate = not sender.configuration.full_addresses or parameters.get("aip") is not None
    if not truncate:
        return override if override and address_of(override) else sender.request.source_ip or None
    if override:
        shortened = truncated_address(override)
        parameters["uip"] = shortened or ""  # what is no address can not be truncated, so it is not kept
        if shortened:
            return shortened
    return truncated_address(sender.request.source_ip)
