"""Segment's messages: they go to `/v1/batch`; `timestamp` and `sentAt` keep when they happened."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from headrace.recover.rows import BadRow
from headrace.recover.trackers.tracker import WRITTEN_AS_ESCAPES, Tracker, no_constant, unpacked
from shared.events.values import instant

TYPES = {name[0]: name for name in ("track", "page", "identify", "group", "alias")} | {"s": "screen"}
SHARED = ("context", "integrations", "sentAt", "timestamp")


def read(payload: str, row: BadRow) -> list[Any]:
    """The message, or those of a batch, each with what the batch says for all of them, and never a write key."""
    payload = unpacked(payload).strip()
    try:
        value = json.loads(payload, parse_constant=no_constant)
    except (ValueError, RecursionError):
        return [payload]
    if row.reason in WRITTEN_AS_ESCAPES or not isinstance(value, dict):
        return [payload]
    batch = value.get("batch")
    messages = batch if isinstance(batch, list) and batch else [value]
    shared = {name: value[name] for name in SHARED if name in value} if messages is batch else {}
    return [_message(one, shared, row.path) if isinstance(one, dict) else json.dumps(one) for one in messages]


def _message(message: dict[str, Any], shared: dict[str, Any], path: str) -> dict[str, Any]:
    kind = path.removeprefix("/v1/")
    of_path = {"type": TYPES[kind[0]]} if kind in TYPES or kind in TYPES.values() else {}
    message = {**of_path, **shared, **message}
    message.pop("writeKey", None)
    return message


def settle(message: dict[str, Any], row: BadRow, event_id: str) -> dict[str, Any]:
    """The id is `messageId`. `timestamp` becomes when it happened by the collector's clock, as it would have then."""
    message = {name: value for name, value in message.items() if value is not None}
    message["messageId"] = str(message.get("messageId", "")).strip() or event_id
    sent = _time(message.pop("sentAt", None))
    original = _time(message.pop("originalTimestamp", None))
    original = _time(message.get("timestamp")) or original
    happened = row.received_at if original is None else original
    if original is not None and sent is not None:
        happened = row.received_at - (sent - original)
    message["timestamp"] = _iso(happened if 0 <= happened <= row.received_at else row.received_at)
    context = message.get("context", {})
    if row.user_ip and isinstance(context, dict):
        message["context"] = {"ip": row.user_ip, **context}
    return message


def encode(message: dict[str, Any], received_at: int, now: int) -> bytes:  # noqa: ARG001 - settled already
    return json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode()


def body(messages: Sequence[bytes], now: int) -> bytes:
    return b'{"batch":[%b],"sentAt":"%b"}' % (b",".join(messages), _iso(now).encode())


def _time(value: object) -> int | None:
    return instant(value) if isinstance(value, str) else None


def _iso(milliseconds: int) -> str:
    moment = datetime.fromtimestamp(milliseconds / 1000, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


TRACKER = Tracker(
    protocol="segment",
    path="/v1/batch",
    content_type="application/json",
    most_hits=200,
    most_bytes=400_000,
    taken=b'{"success":true}',
    read=read,
    settle=settle,
    encode=encode,
    body=body,
)
