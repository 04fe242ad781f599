"""Batches of a stream, handed to the function as Lambda does it."""

import json
import time
from base64 import b64encode
from types import SimpleNamespace
from typing import Any

import pytest

from recommendations import handler as feed
from shared import refusals
from tests.unit.lambdas.recommendations.conftest import Personalize

CONTEXT = SimpleNamespace(get_remaining_time_in_millis=lambda: 60_000)

# The reference's own event, as Segment's event tester sends it.
REFERENCE = {
    "messageId": "test-message-33dlvn",
    "timestamp": "2019-02-25T15:55:05.905Z",
    "type": "track",
    "email": "test@example.org",
    "properties": {"sku": "ocean-blue-shirt", "property2": "test", "property3": True},
    "userId": "2941404340",
    "anonymousId": "2941404340",
    "event": "Product Clicked",
}


@pytest.fixture
def tell(personalize: Personalize, cloud: Any, monkeypatch: pytest.MonkeyPatch):
    """Hands a batch over; returns the positions of the records that Lambda is to hand over again."""
    monkeypatch.setenv("TRACKING_ID", "tracker")
    monkeypatch.setattr(feed, "outlet", lambda: cloud.outlet)
    monkeypatch.setattr("recommendations.feed.FIRST_PAUSE_SECONDS", 0.0)
    feed.client.cache_clear()

    def hand_over(*messages: object) -> list[int]:
        answer = feed.handler({"Records": [record(at, one) for at, one in enumerate(messages)]}, CONTEXT)
        return [int(failure["itemIdentifier"]) for failure in answer["batchItemFailures"]]

    return hand_over


def record(position: int, message: object) -> dict[str, Any]:
    data = message if isinstance(message, bytes) else json.dumps(message).encode()
    kinesis = {"data": b64encode(data).decode(), "approximateArrivalTimestamp": 1_551_110_106.5}
    return {"kinesis": {**kinesis, "sequenceNumber": str(position)}}


def click(number: int, **changes: object) -> dict[str, object]:
    return {**REFERENCE, "messageId": f"click-{number}", "anonymousId": f"visitor-{number}", **changes}


def bad_rows(cloud: Any) -> list[tuple[str, str]]:
    rows = [json.loads(line) for line in cloud.firehose.taken]
    return [(row["reason"], json.loads(row["payload"])["messageId"]) for row in rows]


@pytest.mark.parametrize("zone", ["UTC", "America/Los_Angeles"])
def test_the_references_event_reaches_put_events(tell, personalize: Personalize, zone: str, monkeypatch):
    with monkeypatch.context() as elsewhere:
        elsewhere.setenv("TZ", zone)
        time.tzset()
        assert tell(REFERENCE) == []
    time.tzset()
    assert personalize.taken == [
        {
            "trackingId": "tracker",
            "userId": "2941404340",
            "sessionId": "2941404340",
            "eventList": [
                {
                    "eventId": "test-message-33dlvn",
                    "eventType": "Product Clicked",
                    "itemId": "ocean-blue-shirt",
                    "sentAt": 1_551_110_105,
                    "properties": '{"itemId":"ocean-blue-shirt"}',
                }
            ],
        }
    ]


def test_a_batch_that_is_handed_over_again_tells_the_same_ids(tell, personalize: Personalize):
    products = [{"sku": "shirt", "price": 9.5}, {"sku": "hat", "price": "0.10", "quantity": 3}]
    order = click(1, event="Order Completed", properties={"order_id": "7", "products": products})
    for _ in range(2):
        assert tell(order, REFERENCE) == []
    told = personalize.told()
    assert len(told) == 6
    assert len(set(told)) == 3


def test_what_lacks_a_field_is_a_bad_row_and_what_is_of_no_interest_is_not(tell, personalize: Personalize, cloud):
    viewed = click(1, event="Product Viewed", anonymousId="null")
    nobody = click(2, anonymousId="null")
    nothing = click(3, properties={})
    assert tell(viewed, nobody, click(4), nothing, {**REFERENCE, "type": "page"}) == []
    assert personalize.told() == ["click-4"]
    assert bad_rows(cloud) == [("missing_session", "click-2"), ("missing_item", "click-3")]


def test_what_is_rejected_is_a_bad_row_with_the_services_words(tell, personalize: Personalize, cloud):
    personalize.decide = lambda body: (400, "InvalidInputException") if "cursed" in json.dumps(body) else None
    same = {"anonymousId": "visitor"}
    cursed = click(2, **same, properties={"sku": "cursed"})
    assert tell(click(1, **same), cursed, click(3, **same)) == []
    assert personalize.told() == ["click-1", "click-3"]
    assert bad_rows(cloud) == [("rejected", "click-2")]
    assert "InvalidInputException it is" in cloud.firehose.taken[0].decode()


def test_a_throttled_session_comes_again_without_its_neighbours_or_bad_rows_twice(tell, personalize, cloud):
    personalize.decide = lambda body: (400, "ThrottlingException") if body["sessionId"] == "visitor-2" else None
    batch = [click(0, properties={}), click(1), click(2), click(3, properties={}), click(4)]
    assert tell(*batch) == [2]
    assert sorted(personalize.told()) == ["click-1", "click-4"]
    assert bad_rows(cloud) == [("missing_item", "click-0")], "what follows the failure is handed over again"
    personalize.decide = lambda _: None
    assert tell(*batch[2:]) == []
    assert set(personalize.told()) == {"click-1", "click-2", "click-4"}
    assert bad_rows(cloud) == [("missing_item", "click-0"), ("missing_item", "click-3")]


def test_what_nobody_can_read_is_kept_by_one_application_only(tell, cloud, monkeypatch: pytest.MonkeyPatch):
    assert tell(b"\xff\x00", click(1)) == []
    assert cloud.firehose.taken == []
    monkeypatch.setattr(refusals, "KEEPS_UNDECODABLE", True)
    assert tell(b"\xff\x00") == []
    assert len(cloud.firehose.taken) == 1


def test_a_bad_row_that_can_not_be_kept_comes_again(tell, cloud, failure):
    cloud.firehose.plan = [failure("AccessDeniedException")]
    cloud.bucket.broken = True
    assert tell(click(0, properties={}), click(1)) == [0]


def test_a_batch_is_one_line_in_the_log(tell, printed):
    tell(click(1), click(2, properties={}))
    line, *metrics = printed()
    counts = {"records": 2, "fed": 1, "calls": 1, "retried": 0, "refused": {"missing_item": 1}, "undecodable": 0}
    assert {name: line[name] for name in counts} == counts
    assert metrics[0]["Fed"] == 1
    assert metrics[1]["reason"] == "missing_item"
