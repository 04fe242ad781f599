"""What Snowplow's browser tracker sends to the collector, for its benchmark."""

import base64
import json
from typing import Any

TP2 = "/com.snowplowanalytics.snowplow/tp2"
SNOWPLOW = "iglu:com.snowplowanalytics.snowplow"

# In batches of 20: with a self-describing event and a context validated, which Google Analytics has nothing like.
BUDGET_MICROSECONDS = 100


def event(number: int) -> dict[str, str]:
    """An add-to-cart with the page it happened on, 1,300 bytes as JSON."""
    page = {"schema": f"{SNOWPLOW}/web_page/jsonschema/1-0-0", "data": {"id": f"5a305bf5-32fc-40d9-b0e8-{number:012x}"}}
    cart = {
        "schema": f"{SNOWPLOW}/add_to_cart/jsonschema/1-0-0",
        "data": {
            "sku": f"sku-{number % 977}",
            "name": "Trail shoe",
            "unitPrice": 119.9,
            "quantity": 1,
            "currency": "EUR",
        },
    }
    return {
        "e": "ue", "ue_px": _encoded("unstruct_event", cart), "cx": _encoded("contexts", [page]),
        "eid": f"0d9f1f6e-8a1c-4f2b-9a55-{number:012x}", "duid": f"35009a79-1a05-49d7-b876-{number % 4096:012x}",
        "sid": f"7d9f1f6e-8a1c-4f2b-9a55-{number % 4096:012x}", "vid": "3", "tv": "js-4.10.1", "tna": "sp",
        "aid": "shop", "p": "web", "dtm": str(1_763_777_770_000 + number), "stm": "1763777776000",
        "url": f"https://shop.example/products/{number}?utm_source=newsletter", "refr": "https://shop.example/",
        "page": f"Chaussures de randonnée n° {number % 977}, été", "lang": "fr-BE", "cs": "UTF-8", "tz": "Europe/Paris",
        "res": "1920x1080", "vp": "1903x969", "ds": "1903x2400", "cd": "24",
    }  # fmt: skip


def payload(events: list[dict[str, str]]) -> str:
    """The body of a POST."""
    return json.dumps({"schema": f"{SNOWPLOW}/payload_data/jsonschema/1-0-4", "data": events}, ensure_ascii=False)


def minimal(request: dict[str, Any], client: Any) -> None:
    """Only parses the JSON and puts each event: nothing is decoded, checked or kept beside it."""
    events = json.loads(request["body"])["data"]
    records = [{"Data": json.dumps(each).encode(), "PartitionKey": each["duid"]} for each in events]
    client.put_records(StreamName="events", Records=records)


def _encoded(envelope: str, data: object) -> str:
    described = {"schema": f"{SNOWPLOW}/{envelope}/jsonschema/1-0-0", "data": data}
    return base64.urlsafe_b64encode(json.dumps(described).encode()).decode().rstrip("=")
