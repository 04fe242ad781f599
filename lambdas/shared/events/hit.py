"""What the collector's envelope says of a hit, whatever its protocol: what the protocols' decoders begin with."""

from collections.abc import Container, Mapping
from typing import Any, NamedTuple

from shared.events.event import NAMES


class Hit(NamedTuple):
    """received_at: epoch ms. body: the hit as its protocol has it (docs/events.md). Ids are as an Event has them.

    detailed: see `shared.events.decode`.
    """

    event_id: str
    received_at: int
    client_id: str | None
    user_id: str | None
    page: str | None
    referrer: str | None
    body: Mapping[str, Any]
    detailed: Container[str] = NAMES
