"""A good or a bad row as a person looks at it, from the line that a stream or S3 holds. Total: every line is a row."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import orjson

from headrace.home import PROJECT_FOLDER

# What stands in the streams and in S3 is read by the code that the functions read it with.
sys.path.append(str(PROJECT_FOLDER / "lambdas"))

from shared.events.decode import decode
from shared.events.event import CUSTOM, Event, Undecodable

UNREADABLE = "unreadable"
SHOWN_PRODUCTS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row. received_at: epoch ms, 0 where the line does not say. line: as it is stored, without its newline.

    name: the event's canonical name, of a custom event its own. what: products, value, order. page: an address; of a
    bad row, the path it came to. reason, message: why a bad row is one, and of a good row, why it is no event after
    all; else empty.
    """

    good: bool
    received_at: int
    line: bytes
    protocol: str = ""
    name: str = ""
    client: str = ""
    user: str = ""
    page: str = ""
    what: str = ""
    reason: str = ""
    message: str = ""


def good_row(line: bytes) -> Row:
    """The row of an envelope."""
    event = decode(line)
    if isinstance(event, Undecodable):
        request = _mapping(_object(line).get("request"))
        return Row(
            good=True,
            received_at=_milliseconds(request.get("timestamp")),
            line=line,
            protocol=_protocol(line) or event.protocol,
            page=_text(request.get("path")),
            reason=event.reason,
            message=event.message,
        )
    own_name = event.properties.get("event_name") if event.name == CUSTOM else None
    return Row(
        good=True,
        received_at=event.received_at,
        line=line,
        protocol=event.source,
        name=own_name if isinstance(own_name, str) and own_name else event.name,
        client=event.client_id or "",
        user=event.user_id or "",
        page=event.page or "",
        what=_what(event),
    )


def bad_row(line: bytes) -> Row:
    """The row of a line under `bad/`."""
    row = _object(line)
    if not isinstance(row.get("reason"), str):
        return Row(good=False, received_at=0, line=line, reason=UNREADABLE, message="no bad row of this platform")
    request = _mapping(row.get("request"))
    return Row(
        good=False,
        received_at=_milliseconds(row.get("timestamp")),
        line=line,
        protocol=_text(row.get("protocol")),
        page=f"{_text(request.get('method'))} {_text(request.get('path'))}".strip(),
        reason=_text(row.get("reason")),
        message=_text(row.get("message")),
    )


def payload_of(row: Row) -> str:
    """What the sender sent, of a bad row: its payload as far as it is kept."""
    return _text(_object(row.line).get("payload")) or row.line.decode("utf-8", "backslashreplace")


def decoded(row: Row) -> dict[str, Any] | None:
    """What the applications see of a good row, in JSON's types; None of a bad one."""
    if not row.good:
        return None
    event = decode(row.line)
    if isinstance(event, Undecodable):
        return event._asdict()
    return {**event._asdict(), "products": [product._asdict() for product in event.products]}


def plain(value: object) -> object:
    """Of what JSON has no type for: money as text, so that it stays exact."""
    return str(value)


def _what(event: Event) -> str:
    said = [
        f"{product.quantity} x {product.sku}" if product.quantity > 1 else product.sku
        for product in event.products[:SHOWN_PRODUCTS]
    ]
    more = len(event.products) - SHOWN_PRODUCTS
    if more > 0:
        said.append(f"{more} more")
    if event.value is not None:
        said.append(f"{_money(event.value)} {event.currency or ''}".strip())
    if event.order_id:
        said.append(f"order {event.order_id}")
    return ", ".join(said)


def _money(amount: Decimal) -> str:
    return f"{amount:f}"


def _protocol(line: bytes) -> str:
    return _text(_mapping(_object(line).get("context")).get("protocol"))


def _object(line: bytes) -> Mapping[str, Any]:
    try:
        return _mapping(orjson.loads(line))
    except orjson.JSONDecodeError:
        return {}


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _milliseconds(value: object) -> int:
    return value if type(value) is int and 0 <= value < 253_402_300_800_000 else 0  # the year 10000
