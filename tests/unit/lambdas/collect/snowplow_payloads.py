"""What Snowplow's trackers send, for the collector's tests."""

import base64
import json
from collections.abc import Callable
from typing import Any

from collect.configuration import Configuration
from collect.intake import Intake
from collect.taking import take_in
from tests.unit.lambdas.conftest import http_event

TP2 = "/com.snowplowanalytics.snowplow/tp2"
SNOWPLOW = "iglu:com.snowplowanalytics.snowplow"
PAYLOAD_DATA = f"{SNOWPLOW}/payload_data/jsonschema/1-0-4"
EVENT_ID = "5a305bf5-32fc-40d9-b0e8-66052f0f2c95"
VISITOR = "7d9f1f6e-8a1c-4f2b-9a55-2b884d0f825b"

WEB_PAGE = {"schema": f"{SNOWPLOW}/web_page/jsonschema/1-0-0", "data": {"id": EVENT_ID}}
LINK_CLICK = {
    "schema": f"{SNOWPLOW}/link_click/jsonschema/1-0-1",
    "data": {"targetUrl": "https://shop.example/shoes", "elementClasses": ["été"]},
}


def unstruct(described: object) -> dict[str, object]:
    return {"schema": f"{SNOWPLOW}/unstruct_event/jsonschema/1-0-0", "data": described}


def contexts(*described: object) -> dict[str, object]:
    return {"schema": f"{SNOWPLOW}/contexts/jsonschema/1-0-0", "data": list(described)}


def encoded(value: object) -> str:
    """As trackers do: URL-safe base64 of JSON."""
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode()


def tracked(**changes: Any) -> dict[str, Any]:
    """A page view with what a browser's tracker says of it; None leaves a parameter out."""
    parameters = {
        "e": "pv", "tv": "js-4.10.1", "p": "web", "tna": "sp", "aid": "shop", "eid": EVENT_ID,
        "dtm": "1763777770000", "stm": "1763777776000", "duid": VISITOR, "sid": EVENT_ID, "vid": "3",
        "url": "https://shop.example/shoes?a=1", "page": "Chaussures d'été", "refr": "https://search.example/",
        "lang": "fr-BE", "cs": "UTF-8", "res": "1920x1080", "cx": encoded(contexts(WEB_PAGE)),
    } | changes  # fmt: skip
    return {name: value for name, value in parameters.items() if value is not None}


def clicked(**changes: Any) -> dict[str, Any]:
    """A self-describing event."""
    return tracked(**{"e": "ue", "ue_px": encoded(unstruct(LINK_CLICK))} | changes)


def payload(*events: object) -> str:
    return json.dumps({"schema": PAYLOAD_DATA, "data": list(events)})


def sent(*events: object, configuration: Configuration | None = None, **changes: Any) -> Intake:
    """What a POST of these events comes to."""
    request = http_event(payload(*events), **{"path": TP2, **changes})
    return take_in(request, configuration or Configuration())


def asked(query: str, configuration: Configuration | None = None, **changes: Any) -> Intake:
    """What a GET comes to."""
    request = http_event(None, path="/i", method="GET", rawQueryString=query, **changes)
    return take_in(request, configuration or Configuration())


def only(intake: Intake, read: Callable[..., list[dict[str, Any]]]) -> dict[str, Any]:
    """The one event of an intake without bad rows."""
    assert not intake.bad_rows, intake.message
    (line,) = read(intake.events)
    return line
