"""One record of any stream to an Event: told apart by its content, so that a stream may carry any of them.

    {"context": …, "request": …}     the platform's own envelope
    {"type": …, "messageId": …}      a message of Segment's Kinesis destination
    fields with tabs between         Snowplow's enriched event

Reasons that a record is no event: not_utf8, not_json, nested_too_deeply, unknown_format, wrong_type, missing_event_id,
invalid_timestamp; of one protocol unknown_protocol (envelope), unknown_type (Segment), wrong_field_count and
invalid_unstruct_event (Snowplow).

Who looks at the products, the value and the currency of some events only says which, by their names (`detailed`): those
of a hit of Google Analytics take as long to read as all else, and are left out of the other events.
"""

from collections.abc import Container

import orjson

from shared.events.envelope import decode_envelope
from shared.events.event import NAMES, Event, Undecodable
from shared.events.segment import decode_segment
from shared.events.snowplow import decode_snowplow
from shared.events.values import MAX_DEPTH, too_deep


def decode(data: bytes, detailed: Container[str] = NAMES) -> Event | Undecodable:
    """The event in a record's bytes. Total: whatever the bytes are, it raises nothing."""
    if data[:1] == b"{" or data.lstrip(b" \r\n")[:1] == b"{":
        return _decode_json(data, detailed)
    try:
        line = data.decode()
    except UnicodeDecodeError as error:
        return Undecodable("not_utf8", f"byte {error.start} is not UTF-8", "")
    if "\t" not in line:
        return Undecodable("unknown_format", "neither a JSON object nor fields with tabs between", "")
    return decode_snowplow(line.rstrip("\r\n"))


def _decode_json(data: bytes, detailed: Container[str]) -> Event | Undecodable:
    try:
        value = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        return _unreadable(data, error)
    # Most records are shallow and hold no list, which is found out sooner than how deep they are. `count` would look at
    # every byte by itself, four times as long.
    if (b"[" in data or len(data) - len(data.replace(b"{", b"")) > MAX_DEPTH) and too_deep(value):
        return Undecodable("nested_too_deeply", f"more than {MAX_DEPTH} levels", "")
    if "request" in value and "context" in value:
        return decode_envelope(value, detailed)
    if "type" in value or "messageId" in value:
        return decode_segment(value)
    return Undecodable("unknown_format", "a JSON object, but neither an envelope nor a Segment message", "")


def _unreadable(data: bytes, error: orjson.JSONDecodeError) -> Undecodable:
    try:
        data.decode()
    except UnicodeDecodeError as wrong:
        return Undecodable("not_utf8", f"byte {wrong.start} is not UTF-8", "")
    return Undecodable("not_json", f"no JSON at character {error.pos}: {error.msg}", "")
