"""Google Analytics' Measurement Protocol: hits go to `/batch`, a line each; their queue time keeps the original one."""

import base64
import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from collect.answers import PIXEL
from collect.formats import MAX_DIGITS, Ambiguous, json_value, looks_like_json, urlencoded
from collect.reasons import Refused
from headrace.recover.rows import BadRow
from headrace.recover.trackers.tracker import WRITTEN_AS_ESCAPES, Tracker, unpacked


def read(payload: str, row: BadRow) -> list[Any]:
    """A hit a line, or a JSON array's elements."""
    payload = unpacked(payload).strip()
    if row.reason in WRITTEN_AS_ESCAPES:
        return [payload]
    if payload.startswith("["):
        values = _read(payload)
        return [value if isinstance(value, dict) else json.dumps(value) for value in values] or [payload]
    found = [_read(line) for line in map(str.strip, payload.split("\n")) if line]
    return found or [payload]


def _read(text: str) -> Any:
    raw = text.encode("utf-8", "surrogatepass")
    try:
        value = json_value(raw) if looks_like_json(raw, "") else urlencoded(raw)
    except Refused:
        return text
    if isinstance(value, dict) and any(item != item for item in value.values()):
        return text  # a number that is none, or has no end: what stands for it is not what was sent
    return text if isinstance(value, Ambiguous) or not isinstance(value, dict | list) else value


def settle(hit: dict[str, Any], row: BadRow, event_id: str) -> dict[str, Any]:
    """`z` is what the collector tells a repeated hit by; `uip` says for whom it is sent."""
    hit = {name: value for name, value in hit.items() if value is not None}
    return {**hit, "z": hit.get("z") or event_id, **({} if hit.get("uip") or not row.user_ip else {"uip": row.user_ip})}


def encode(hit: dict[str, Any], received_at: int, now: int) -> bytes:
    queued = hit.get("qt") or 0
    if isinstance(queued, str) and queued.isascii() and queued.isdigit() and len(queued) <= MAX_DIGITS:
        queued = int(queued)
    if type(queued) is int:  # anything else the collector will refuse, as it did
        hit = {**hit, "qt": str(queued + max(now - received_at, 0))}
    if all(isinstance(value, str) for value in hit.values()):
        return urlencode(hit).encode()
    return json.dumps(hit, ensure_ascii=False, separators=(",", ":")).encode()


def body(hits: Sequence[bytes], now: int) -> bytes:  # noqa: ARG001 - of other protocols, a request has a time
    return b"\n".join(hits)


TRACKER = Tracker(
    protocol="google-analytics-v1",
    path="/batch",
    content_type="text/plain",
    most_hits=20,
    most_bytes=16_384,
    taken=base64.b64decode(PIXEL),
    read=read,
    settle=settle,
    encode=encode,
    body=body,
)
