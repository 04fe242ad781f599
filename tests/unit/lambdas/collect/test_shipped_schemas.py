"""The schemas that come with the registry: what Snowplow's trackers send with ordinary settings is valid."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import snowplow_tracker
from snowplow_tracker import constants

from collect.registry import SCHEMAS, validate
from tests.unit.lambdas.collect.snowplow_payloads import EVENT_ID, VISITOR, contexts, sent, tracked

SOURCES = [
    *(Path(__file__).parents[3] / "integration" / "trackers" / "snowplow").glob("*.js"),
    *Path(snowplow_tracker.__file__).parent.rglob("*.py"),
]
_URI = re.compile(r"iglu:([\w.]+/\w+/jsonschema/\d-\d-\d)")
_PYTHON_URI = re.compile(r'"%s/(\w+)/%s/(\d-\d-\d)"\s*% \((\w+), SCHEMA_TAG\)')


def named_in(source: str) -> set[str]:
    """The schemas that a tracker's source names, without that of the payload, which the collector takes apart."""
    found = set(_URI.findall(source)) | {
        f"{getattr(constants, vendor).removeprefix('iglu:')}/{name}/jsonschema/{version}"
        for name, version, vendor in _PYTHON_URI.findall(source)
    }
    return {uri for uri in found if "/payload_data/" not in uri}


def test_every_schema_that_the_trackers_of_the_tests_name_is_shipped() -> None:
    named = {uri for source in SOURCES for uri in named_in(source.read_text())}
    assert len(named) > 12
    assert sorted(uri for uri in named if not (SCHEMAS / uri).is_file()) == []


APP = [  # of an event of the iOS and Android trackers' default configuration
    (
        "com.snowplowanalytics.snowplow/mobile_context/jsonschema/1-0-2",
        {
            "osType": "ios",
            "osVersion": "17.2",
            "deviceManufacturer": "Apple Inc.",
            "deviceModel": "iPhone15,4",
            "networkType": "wifi",
            "batteryState": "unplugged",
            "batteryLevel": 81,
            "appAvailableMemory": 3_000_000_000,
        },
    ),
    (
        "com.snowplowanalytics.snowplow/client_session/jsonschema/1-0-2",
        {
            "userId": VISITOR,
            "sessionId": EVENT_ID,
            "sessionIndex": 3,
            "previousSessionId": None,
            "storageMechanism": "LOCAL_STORAGE",
            "eventIndex": 7,
            "firstEventId": EVENT_ID,
            "firstEventTimestamp": "2025-11-22T02:16:17.000Z",
        },
    ),
    ("com.snowplowanalytics.mobile/application/jsonschema/1-0-0", {"version": "1.1.0", "build": "3"}),
    ("com.snowplowanalytics.mobile/application_lifecycle/jsonschema/1-0-0", {"isVisible": True, "index": 1}),
    (
        "com.snowplowanalytics.mobile/screen/jsonschema/1-0-0",
        {"name": "Basket", "id": EVENT_ID, "viewController": "BasketController"},
    ),
    ("com.snowplowanalytics.mobile/screen_summary/jsonschema/1-0-0", {"foreground_sec": 3.3, "background_sec": 0}),
    ("com.snowplowanalytics.mobile/deep_link/jsonschema/1-0-0", {"url": "com.acme.shop-app://basket?id=7"}),
]


def test_an_event_of_an_app_is_valid_with_all_that_its_tracker_says_of_it() -> None:
    described = [{"schema": f"iglu:{uri}", "data": data} for uri, data in APP]
    intake = sent(tracked(p="mob", co=json.dumps(contexts(*described)), cx=None))
    assert (len(intake.events), intake.message) == (1, "")


@pytest.mark.parametrize(
    ("uri", "data"),
    [
        ("com.snowplowanalytics.snowplow/application/jsonschema/1-0-0", {"version": "1.4.0"}),
        (
            "com.snowplowanalytics.snowplow/application_error/jsonschema/1-0-1",
            {"programmingLanguage": "JAVASCRIPT", "message": "x is undefined", "lineNumber": 3, "fileName": "a.js"},
        ),
        (
            "com.snowplowanalytics.snowplow/ad_impression/jsonschema/1-0-0",
            {"impressionId": "67965967893", "costModel": "cpm", "cost": 5.5, "targetUrl": "http://www.example.com"},
        ),
        (
            "com.snowplowanalytics.snowplow/media_player/jsonschema/2-0-0",
            {"currentTime": 1.5, "ended": False, "paused": True},
        ),
        ("com.snowplowanalytics.snowplow.media/play_event/jsonschema/1-0-0", {}),
        (
            "com.google.ga4/cookies/jsonschema/1-0-0",
            {"_ga": "GA1.1.1.2", "session_cookies": [{"measurement_id": "G-1", "session_cookie": "_ga_1"}]},
        ),
        (
            "org.w3/PerformanceNavigationTiming/jsonschema/1-0-0",
            {"fetchStart": 2.1, "entryType": "navigation", "serverTiming": [{"name": "cache", "duration": 1}]},
        ),
    ],
)
def test_so_are_what_browsers_and_plug_ins_say(uri: str, data: dict[str, Any]) -> None:
    validate({"schema": f"iglu:{uri}", "data": data})
