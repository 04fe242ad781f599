"""What the collector would make of a mended hit, found out by running the collector's own code on it, here."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass

import orjson

from collect.configuration import Configuration
from collect.taking import take_in
from headrace.recover.mending import Left, Mended
from headrace.recover.trackers.tracker import Tracker

DECLINED = "declined"


@dataclass(frozen=True)
class Good:
    """It would be an event: the id it would have."""

    event_id: str


def tried(mended: Mended, tracker: Tracker, configuration: Configuration, write_key: str, now: int) -> Good | Left:
    """now: epoch ms."""
    hit = tracker.encode(mended.hit, mended.received_at, now)
    intake = take_in(_request(tracker, tracker.body([hit], now), mended.headers, write_key, now), configuration)
    if intake.events:
        return Good(orjson.loads(intake.events[0].data)["request"]["id"])
    if intake.declined:
        return Left(reason=DECLINED, message="its visitor does not want to be tracked")
    reason = next(iter(intake.reasons), "")
    return Left(reason=str(reason), message=intake.message)


def _request(tracker: Tracker, body: bytes, headers: Mapping[str, str], write_key: str, now: int) -> dict[str, object]:
    """As an HTTP API hands it to the function (payload 2.0)."""
    return {
        "version": "2.0",
        "rawPath": tracker.path,
        "rawQueryString": "",
        "headers": {**headers, **request_headers(tracker, write_key)},
        "requestContext": {
            "http": {"method": "POST", "path": tracker.path, "sourceIp": "127.0.0.1"},
            "requestId": "recover",
            "domainName": "recover",
            "timeEpoch": now,
        },
        "body": body.decode(),
        "isBase64Encoded": False,
    }


def request_headers(tracker: Tracker, write_key: str) -> dict[str, str]:
    """What a request with mended hits says beside what the rows' own requests said."""
    found = {"content-type": tracker.content_type}
    if tracker.protocol == "segment" and write_key:
        found["authorization"] = f"Basic {base64.b64encode(f'{write_key}:'.encode()).decode()}"
    return found
