"""The platform's own envelope to an Event: what is the same for all protocols is read here, the hit by its protocol."""

from collections.abc import Callable, Container, Mapping
from typing import Any

from shared.events import google_analytics, segment, snowplow_hit
from shared.events.event import NAMES, Event, Undecodable
from shared.events.hit import Hit
from shared.events.values import identifier, milliseconds, text

# By `context.protocol`, as the collector writes it. Each is total.
DECODERS: Mapping[str, Callable[[Hit], Event | Undecodable]] = {
    google_analytics.PROTOCOL: google_analytics.decode_hit,
    segment.PROTOCOL: segment.decode_hit,
    snowplow_hit.PROTOCOL: snowplow_hit.decode_hit,
}


def decode_envelope(envelope: Mapping[str, Any], detailed: Container[str] = NAMES) -> Event | Undecodable:
    """The event in an envelope. Total. detailed: see `shared.events.decode`."""
    context, request = envelope.get("context"), envelope.get("request")
    if not isinstance(context, dict) or not isinstance(request, dict):
        return Undecodable("wrong_type", "'context' and 'request' are no objects", "envelope")
    protocol = context.get("protocol")
    decode = DECODERS.get(protocol) if isinstance(protocol, str) else None
    if not isinstance(protocol, str) or decode is None:
        return Undecodable("unknown_protocol", f"an envelope of none of {', '.join(DECODERS)}", "envelope")
    body = request.get("body")
    if not isinstance(body, dict):
        return Undecodable("wrong_type", "'request.body' is no object", protocol)
    event_id = identifier(request.get("id"))
    if event_id is None:
        return Undecodable("missing_event_id", "no 'request.id'", protocol)
    received_at = milliseconds(request.get("timestamp"))
    if received_at is None:
        return Undecodable("invalid_timestamp", "'request.timestamp' is no time in ms", protocol)
    return decode(
        Hit(
            event_id,
            received_at,
            identifier(context.get("client_id")),
            identifier(context.get("user_id")),
            text(context.get("document_location")),
            text(context.get("document_referrer")),
            body,
            detailed,
        )
    )
