"""A request's payload taken apart into hits, within the protocol's limits: 8,192 bytes a hit, 16,384 a batch, 20 hits a
batch. Google's clients send any content type, so the body itself says how it is written.
https://developers.google.com/analytics/devguides/collection/protocol/v1/devguide#batch-limitations
"""

import json
from collections.abc import Sized

from collect.formats import json_object, json_value, looks_like_json, urlencoded
from collect.protocols.google_analytics.hits import TEXT_PARAMETERS, hit_of
from collect.reasons import Reason, Refused
from collect.sender import Outcome, Outcomes, Sender

MAX_HIT_BYTES = 8_192
MAX_BATCH_BYTES = 16_384
MAX_BATCH_HITS = 20
# Beyond the twentieth a hit is a bad row of its own, up to here: 500 are one put to a stream. More is no batch.
MAX_BATCH_LINES = 500

_UNREAD = object()


def single(payload: bytes, sender: Sender) -> Outcomes:
    """The one hit of a `/collect`."""
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


def single_or_lines(payload: bytes, sender: Sender) -> Outcomes:
    """For debugging, where one path takes what is meant for either: a batch where there are several lines, unless they
    are one JSON object's."""
    first, *others = payload.strip().splitlines() or [b""]
    object_goes_on = first.startswith(b"{") and not first.rstrip().endswith(b"}")
    return (batch if others and not object_goes_on else single)(payload, sender)


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


def _read(raw: bytes, value: object, sender: Sender) -> tuple[bytes, Outcome]:
    try:
        if len(raw) > MAX_HIT_BYTES:
            raise Refused(Reason.HIT_TOO_LARGE, f"{len(raw)} bytes, a hit holds {MAX_HIT_BYTES}")
        if value is _UNREAD and not looks_like_json(raw, sender.content_type):
            parameters = urlencoded(raw)
        else:
            value = json_value(raw) if value is _UNREAD else value
            parameters = json_object(raw, value, TEXT_PARAMETERS)
        return raw, hit_of(parameters, sender)
    except Refused as refused:
        return raw, refused
