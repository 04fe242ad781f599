"""What the collector's envelope says of a hit, whatever its protocol: what the protocols' decoders begin with."""

from collections.abc import Mapping
from typing import Any, NamedTuple


class Hit(NamedTuple):
    """received_at: epoch ms. body: the hit as its protocol has it (docs/events.md). Ids are as an Event has them."""

    event_id: str
    received_at: int
    client_id: str | None
    user_id: str | None
    page: str | None
    referrer: str | None
    body: Mapping[str, Any]
