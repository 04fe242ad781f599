"""What shop visitors send, as records of a stream, and batches of them in Lambda's shape."""

import base64
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

BEGIN = 1_763_777_777_000  # epoch ms
SECOND = 1000
DAY = 86_400 * SECOND


class Record(NamedTuple):
    """data, and when the stream took it: epoch ms."""

    data: bytes
    arrived: int


def hit(
    event_id: str,
    action: str,
    at: int,
    client: str | None = "c1",
    user: str | None = None,
    skus: Iterable[str] = (),
    value: str | None = None,
    order: str | None = None,
    late: int = 0,
) -> Record:
    """A Google Analytics hit in the collector's envelope. action: GA's `pa`, `pageview` for a page.

    at: epoch ms. late: how long it waited before it was sent, ms.
    """
    body: dict[str, Any] = (
        {"v": "1", "t": "pageview"} if action == "pageview" else {"v": "1", "t": "event", "pa": action}
    )
    for number, sku in enumerate(skus, start=1):
        body |= {f"pr{number}id": sku, f"pr{number}nm": f"the {sku}"}
    body |= {name: text for name, text in (("tr", value), ("ti", order)) if text is not None}
    if late:
        body["qt"] = str(late)
    envelope = {
        "service": {"id": "api.collect"},
        "context": {"protocol": "google-analytics-v1", "client_id": client, "user_id": user},
        "request": {"id": event_id, "timestamp": at + late, "body": body},
    }
    return Record(json.dumps(envelope).encode(), at + late)


def identify(event_id: str, at: int, client: str, user: str, email: str) -> Record:
    """Segment's identify call."""
    message = {
        "type": "identify",
        "messageId": event_id,
        "anonymousId": client,
        "userId": user,
        "traits": {"email": email},
        "timestamp": datetime.fromtimestamp(at / 1000, UTC).isoformat(),
        "receivedAt": datetime.fromtimestamp(at / 1000, UTC).isoformat(),
    }
    return Record(json.dumps(message).encode(), at)


def batch(records: Iterable[Record], first: int = 1) -> Mapping[str, Any]:
    """As a Kinesis mapping hands records over, with sequence numbers from `first` on."""
    return {
        "Records": [
            {
                "eventID": f"shardId-000000000000:{number}",
                "kinesis": {
                    "partitionKey": "key",
                    "sequenceNumber": str(number),
                    "data": base64.b64encode(record.data).decode(),
                    "approximateArrivalTimestamp": record.arrived / 1000,
                },
            }
            for number, record in enumerate(records, start=first)
        ]
    }
