"""What the collector would make of a mended hit, found out by running the collector's own code on it, here."""

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass

import orjson

from collect.configuration import Configuration
from collect.taking import take_in
from headrace.recover.mending import Left, Mended
from headrace.recover.trackers.tracker import Tracker

DECLINED = "declined"
HASHED = "hashed"

# What a collector with a key leaves of the ids in a bad row, under the names by which it knows them: those of
# shared.privacy, and a person's `id` and `email` in a protocol's own shapes.
_HASH = re.compile(rb'"(?:uid|user_id|userId|previousId|id|email)":"\s*[0-9a-f]{64}\s*"')


@dataclass(frozen=True)
class Good:
    """It would be an event: the id it would have."""

    event_id: str


def tried(mended: Mended, tracker: Tracker, configuration: Configuration, write_key: str, now: int) -> Good | Left:
    """now: epoch ms.

    An id that was hashed as the row was stored would be hashed again, and nobody's: such a hit is not good. Where a
    sender's own ids look like hashes nobody can tell, and they are left too.
    """
    if configuration.user_id_key and _HASH.search(orjson.dumps(mended.hit)):
        return Left(reason=HASHED, message="its user's id was hashed when the row was stored, and would be again")
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
