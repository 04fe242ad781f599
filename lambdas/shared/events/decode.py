"""One record of any stream to an Event: told apart by its content, so that a stream may carry any of them."""

from shared.events import envelope, segment, snowplow
from shared.events.event import Event, Undecodable


def decode(data: bytes) -> Event | Undecodable:
    """The event in a record's bytes. Total: whatever the bytes are, it raises nothing."""
