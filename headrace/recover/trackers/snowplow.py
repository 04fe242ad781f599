"""Snowplow's tracker protocol: events go to `tp2`; the distance of `dtm` and `stm` keeps when they happened."""

import base64
import binascii
import json
from collections.abc import Sequence
from typing import Any

from collect.formats import urlencoded
from collect.reasons import Refused
from headrace.recover.rows import BadRow
from headrace.recover.trackers.tracker import WRITTEN_AS_ESCAPES, Tracker, no_constant, unpacked

PAYLOAD = b'{"schema":"iglu:com.snowplowanalytics.snowplow/payload_data/jsonschema/1-0-4","data":[%b]}'

# Self-describing JSON, plain and in base64.
DESCRIBED = {"ue_pr": "ue_px", "co": "cx"}

HAPPENED = "_happened_at"  # between settling and sending; no parameter of the protocol begins so


def read(payload: str, row: BadRow) -> list[Any]:
    """The parameters of the event, or of each in a payload; self-describing JSON in them as objects, `ue_pr` and
    `co`, whichever way it was sent."""
    payload = unpacked(payload).strip()
    if row.reason in WRITTEN_AS_ESCAPES:
        return [payload]
    try:
        value = (
            json.loads(payload, parse_constant=no_constant) if payload.startswith("{") else urlencoded(payload.encode())
        )
    except (ValueError, RecursionError, Refused):
        return [payload]
    if not isinstance(value, dict):
        return [payload]
    data = value.get("data")
    events = data if isinstance(data, list) and data else [value]
    return [_described(event) if isinstance(event, dict) else json.dumps(event) for event in events]


def _described(event: dict[str, Any]) -> dict[str, Any]:
    event = dict(event)
    for plain, encoded in DESCRIBED.items():
        for name in (plain, encoded):
            value = event.get(name)
            decoded = _decoded(value, in_base64=name == encoded) if isinstance(value, str) else None
            if decoded is not None:
                del event[name]
                event.setdefault(plain, decoded)
    return event


def _decoded(text: str, *, in_base64: bool) -> dict[str, Any] | None:
    """None where it can not be read: then it stays as it was sent."""
    try:
        if in_base64:
            plain = text.replace("-", "+").replace("_", "/").replace(" ", "+").rstrip("=")
            text = base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True).decode()
        value = json.loads(text)
    except (ValueError, RecursionError, binascii.Error):
        return None
    return value if isinstance(value, dict) else None


def settle(event: dict[str, Any], row: BadRow, event_id: str) -> dict[str, Any]:
    """The id is `eid`."""
    event = {name: value for name, value in event.items() if value is not None}
    event["eid"] = event.get("eid") or event_id
    if row.user_ip and not event.get("ip"):
        event["ip"] = row.user_ip
    created, sent = _time(event.get("dtm")), _time(event.get("stm"))
    happened = row.received_at
    if created is not None and sent is not None:
        happened = row.received_at - max(sent - created, 0)
    return {"dtm": str(happened), **event, HAPPENED: happened}


def encode(event: dict[str, Any], received_at: int, now: int) -> bytes:  # noqa: ARG001 - settled already
    event = dict(event)
    happened, created = event.pop(HAPPENED), _time(event["dtm"])
    if created is not None:
        event["stm"] = str(created + max(now - happened, 0))
    return json.dumps({name: _text(value) for name, value in event.items()}, ensure_ascii=False).encode()


def _text(value: object) -> str:
    """Every parameter is text."""
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def body(events: Sequence[bytes], now: int) -> bytes:  # noqa: ARG001 - each event has its own time
    return PAYLOAD % b",".join(events)


def _time(value: object) -> int | None:
    return int(value) if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 16 else None


TRACKER = Tracker(
    protocol="snowplow",
    path="/com.snowplowanalytics.snowplow/tp2",
    content_type="application/json",
    most_hits=100,
    most_bytes=500_000,
    taken=b"ok",
    read=read,
    settle=settle,
    encode=encode,
    body=body,
)
