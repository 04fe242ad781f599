"""What the function answers Lambda, and what becomes of records that are no events."""

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest

from live_counts import place
from shared import refusals

NOW = 1_763_000_000_000


class Time:
    @staticmethod
    def time_ns() -> int:
        return NOW * 1_000_000


class Context:
    @staticmethod
    def get_remaining_time_in_millis() -> int:
        return 30_000


def batch(*records: bytes) -> dict[str, Any]:
    return {
        "Records": [
            {
                "eventID": f"shardId-000000000003:{number}",
                "eventSourceARN": "arn:aws:kinesis:eu-west-1:000000000000:stream/events",
                "kinesis": {
                    "sequenceNumber": str(number),
                    "data": base64.b64encode(data).decode(),
                    "approximateArrivalTimestamp": NOW / 1000,
                },
            }
            for number, data in enumerate(records)
        ]
    }


def event(player: str, at: int = NOW, **hit: str) -> bytes:
    context = {"protocol": "google-analytics-v1", "client_id": player}
    return json.dumps(
        {"context": context, "request": {"id": f"{player}-{at}", "timestamp": at, "body": {"t": "pageview", **hit}}}
    ).encode()


@pytest.fixture(autouse=True)
def stage(monkeypatch: pytest.MonkeyPatch, cloud: Any) -> None:
    """The one that keeps bad rows, at a time of the tests, with tables that are nowhere."""
    monkeypatch.setattr(place, "time", Time)
    monkeypatch.setattr(place, "outlet", lambda: cloud.outlet)
    monkeypatch.setattr(refusals, "KEEPS_UNDECODABLE", True)
    for name in ("STATE", "LEVELS", "TRANSITIONS", "SIGHTINGS"):
        monkeypatch.setenv(f"{name}_TABLE", name.lower())


@pytest.fixture
def throttled(monkeypatch: pytest.MonkeyPatch, failure: Callable[[str], Exception]) -> None:
    """DynamoDB refuses everything."""

    class Refusing:
        def __getattr__(self, _name: str) -> Any:
            raise failure("ProvisionedThroughputExceededException")

    monkeypatch.setattr(place, "client", lambda _service: Refusing())


def test_what_is_no_event_becomes_a_bad_row(cloud: Any):
    assert place.handler(batch(b"\xff", b"{}"), Context()) == {"batchItemFailures": []}
    assert [json.loads(row)["reason"] for row in cloud.firehose.taken] == ["not_utf8", "unknown_format"]


@pytest.mark.usefixtures("throttled")
def test_a_batch_comes_again_from_the_first_event_that_was_not_counted(
    cloud: Any, printed: Callable[[], list[dict[str, Any]]]
):
    old = event("old", NOW - place.GONE_AFTER_MS - 1)
    answer = place.handler(batch(b"\xff", old, event("ann"), b"{}", event("bob")), Context())
    assert answer == {"batchItemFailures": [{"itemIdentifier": "2"}]}
    # What comes again is refused then.
    assert [json.loads(row)["reason"] for row in cloud.firehose.taken] == ["not_utf8"]
    line = printed()[0]
    assert (line["players"], line["late"], line["refused"], line["unsettled"]) == (2, 1, 1, 2)
    assert line["errors"] == ["ProvisionedThroughputExceededException"]


def test_events_that_say_nothing_of_players_need_no_table():
    assert place.handler(batch(event("ann", t="timing"), event("bob", NOW - 10**9)), Context()) == {
        "batchItemFailures": []
    }


def test_a_shard_is_known_by_its_stream_and_id():
    assert place.shard_of(batch(event("ann"))) == "events/shardId-000000000003"
