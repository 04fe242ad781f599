"""What the collector makes of hits: sent to it anew as their trackers send them, since only its envelopes are read."""

import json
import uuid
from collections.abc import Iterable, Iterator
from typing import Any

from collect.configuration import Configuration
from collect.taking import take_in
from tests.integration.every_message import SNOWPLOW
from tests.unit.headrace.raw_logs import BEGINNING, Hit
from tests.unit.lambdas.conftest import http_event

KEY = "write-key"
PAYLOAD = f"{SNOWPLOW}/payload_data/jsonschema/1-0-4"
CONFIGURATION = Configuration(write_keys=frozenset({KEY}))


def collected(hits: Iterable[Hit]) -> Iterator[bytes]:
    """The envelopes of those that it takes."""
    for hit in hits:
        path, body = _request(hit, hit.envelope()["context"])
        event = http_event(json.dumps(body), path)
        event["requestContext"]["timeEpoch"] = round((BEGINNING + hit.received).timestamp() * 1000)
        event["headers"] = {"content-type": "application/json", **hit.headers}
        yield from (item.data for item in take_in(event, CONFIGURATION).events)


def _request(hit: Hit, context: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    match context["protocol"]:
        case "segment":
            said = {"messageId": hit.request_id, "anonymousId": hit.client_id, "userId": context["user_id"]}
            return "/v1/batch", {"writeKey": KEY, "batch": [{**said, **hit.body}]}
        case "snowplow":
            common = {"tv": "py-1", "p": "web", "duid": hit.client_id, "url": context["document_location"]}
            said = {**common, "eid": str(uuid.uuid5(uuid.NAMESPACE_URL, str(hit.request_id))), **hit.body}
            data = {name: _text(value) for name, value in said.items() if value is not None}
            return "/com.snowplowanalytics.snowplow/tp2", {"schema": PAYLOAD, "data": [data]}
        case _:
            return "/collect", {"cid": hit.client_id, **hit.body}


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)
