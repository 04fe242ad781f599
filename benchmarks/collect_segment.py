"""What a Segment message costs the collector, beside a handler that only parses the JSON and puts it.

    python -m benchmarks.collect_segment

As in benchmarks.collect, AWS is left out. The minimal handler is what a first version would be: json.loads, one record
a message, one put; nothing is checked, corrected or truncated.
"""

import base64
import contextlib
import gzip
import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest import mock

from rich.console import Console
from rich.table import Table

from benchmarks.collect import ENVIRONMENT, EVENTS, HITS_A_BATCH, JSON, Instant, hit, microseconds_an_event, request

BUDGET_MICROSECONDS = 60
WRITE_KEY = "benchmark"


def message(number: int) -> dict[str, Any]:
    """An add-to-cart as analytics.js sends it: 1,050 bytes."""
    return {
        "timestamp": f"2025-11-22T02:16:{number % 60:02d}.{number % 1000:03d}Z",
        "integrations": {},
        "anonymousId": f"35009a79-1a05-49d7-b876-{number % 4096:012x}",
        "userId": f"user-{number % 977}" if number % 3 else None,
        "type": "track",
        "event": "Product Added",
        "properties": {
            "cart_id": "skdjsidjsdkdj29j", "product_id": f"507f1f77bcf86cd7{number:08x}", "sku": f"sku-{number % 977}",
            "category": "Shoes/Trail", "name": "Chaussures de randonnée", "brand": "Head & Race", "variant": "42",
            "price": 119.9, "quantity": 1, "coupon": None, "position": number % 20, "currency": "EUR",
            "url": f"https://shop.example/products/{number}", "image_url": f"https://shop.example/images/{number}.jpg",
        },
        "context": {
            "page": {
                "path": f"/products/{number}", "referrer": "https://shop.example/", "search": "?utm_source=newsletter",
                "title": "Chaussures de randonnée", "url": f"https://shop.example/products/{number}?utm_source=news",
            },
            "userAgent": hit(0)["ua"], "locale": "fr-BE", "timezone": "Europe/Brussels",
            "library": {"name": "analytics.js", "version": "next-1.70.0"},
            "campaign": {"source": "newsletter"},
        },
        "messageId": f"ajs-next-{1_763_777_777_000 + number}-{number:032x}",
    }  # fmt: skip


def batch(messages: list[dict[str, Any]], compressed: bool) -> dict[str, Any]:
    """A request of a library that gives its key by Basic authentication. compressed: as servers' libraries can."""
    body = json.dumps({"batch": messages, "sentAt": "2025-11-22T02:16:17.250Z"}, separators=(",", ":"))
    event = request("/v1/batch", body, JSON, False)
    event["headers"]["authorization"] = f"Basic {base64.b64encode(f'{WRITE_KEY}:'.encode()).decode()}"
    if compressed:
        event["headers"]["content-encoding"] = "gzip"
        event["body"] = base64.b64encode(gzip.compress(body.encode())).decode()
        event["isBase64Encoded"] = True
    return event


def minimal(event: dict[str, Any], client: Instant) -> dict[str, Any]:
    """Parse and put."""
    body = json.loads(event["body"])
    records = [{"Data": json.dumps(one).encode(), "PartitionKey": one["anonymousId"]} for one in body["batch"]]
    client.put_records(Records=records)
    return {"statusCode": 200, "body": '{"success": true}'}


def processor_time() -> dict[str, float]:
    """Microseconds an event."""
    from collect import handler
    from shared.outlet import Outlet

    streams, client = Outlet(ENVIRONMENT, lambda _service: Instant()), Instant()
    messages = [message(number) for number in range(EVENTS)]
    chunks = [messages[at : at + HITS_A_BATCH] for at in range(0, EVENTS, HITS_A_BATCH)]
    plain, compressed = ([batch(chunk, zipped) for chunk in chunks] for zipped in (False, True))
    singles = [request("/v1/t", json.dumps({**one, "writeKey": WRITE_KEY}), "text/plain", False) for one in messages]

    def collect(requests: list[dict[str, Any]]) -> None:
        for event in requests:
            answer = handler.handler(event, None)
            assert answer["statusCode"] == 200
            assert "x-headrace-bad-rows" not in str(answer["headers"])

    def parse_and_put() -> None:
        for event in plain:
            minimal(event, client)

    configuration = replace(handler.CONFIGURATION, write_keys=frozenset({WRITE_KEY}))
    with (
        mock.patch.object(handler, "outlet", return_value=streams),
        mock.patch.object(handler, "CONFIGURATION", new=configuration),
    ):
        return microseconds_an_event(
            {
                "collect, batches of 20": lambda: collect(plain),
                "collect, batches of 20, gzip": lambda: collect(compressed),
                "collect, one a request": lambda: collect(singles),
                "parse and put only, batches of 20": parse_and_put,
            }
        )


def main() -> None:
    """Prints the figures beside the budget."""
    os.environ.update(ENVIRONMENT)
    with Path(os.devnull).open("w") as nowhere, contextlib.redirect_stdout(nowhere):
        figures = processor_time()
    table = Table("Segment, own processor time", "µs an event", "budget")
    for name, figure in figures.items():
        table.add_row(name, f"{figure:.1f}", f"{BUDGET_MICROSECONDS}" if name.startswith("collect, batches") else "")
    Console().print(table)


if __name__ == "__main__":
    main()
