"""Segment's own Python library against the whole stack: what it tracked is in RAW, and applications worked from it."""

import json
from typing import Any

import boto3
import duckdb
import pytest
from segment.analytics import Client
from segment.analytics.request import APIError

from embedded.cloud.cloud import Cloud
from embedded.snowflake.history import History
from shared.records import plain
from tests.integration.waiting import until

WRITE_KEY = "local-write-key"  # Pulumi.local.yaml

# What analytics-python gives of itself in each message, and what the collector must hand on as it came.
KEPT = (
    "type", "userId", "anonymousId", "event", "name", "category", "properties", "traits", "groupId", "previousId",
    "context", "integrations", "messageId",
)  # fmt: skip

REMOVED = {"sku": "segment-removed", "name": "Trail shoe", "price": 119.9}
ORDER = {"order_id": "segment-order", "total": 80.5, "currency": "EUR", "products": [{"sku": "other", "price": 80.5}]}


@pytest.fixture(scope="module")
def host(deployed: dict[str, Any]) -> str:
    return deployed["collect_url"].removesuffix("/collect")


def track_everything(client: Client, user: str, browser: str) -> list[dict[str, Any]]:
    """One message of each type, and what it takes to earn an offer. Returns what the library says it sent."""
    answers = [
        client.page(anonymous_id=browser, category="Shop", name="Home", properties={"url": "https://shop.example/é"}),
        client.screen(anonymous_id=browser, name="Home"),
        client.track(anonymous_id=browser, event="Product Removed", properties=dict(REMOVED)),
        client.identify(user, {"email": "jane@example.org", "age": 42}, anonymous_id=browser),
        client.group(user, "acme", {"employees": 420}),
        client.alias(f"{user}-before", user),
        client.track(user, "Order Completed", dict(ORDER), integrations={"All": True}),
    ]
    assert all(queued for queued, _ in answers)
    return [json.loads(json.dumps(message)) for _, message in answers]


def test_what_the_library_tracks_is_in_raw_and_earns_an_offer(
    cloud: Cloud, deployed: dict[str, Any], host: str
) -> None:
    history = History.of_stack(cloud.folder)
    before = history.totals()["rows_loaded"]
    faults: list[Exception] = []
    sent: list[dict[str, Any]] = []
    for user, options in (
        ("segment-one", {"sync_mode": True}),
        ("segment-two", {"gzip": True, "upload_interval": 0.2}),
    ):
        client = Client(WRITE_KEY, host=host, max_retries=1, on_error=lambda error, _: faults.append(error), **options)
        sent += track_everything(client, user, f"{user}-browser")
        if "sync_mode" not in options:
            client.shutdown()
    assert not faults

    until(lambda: history.totals()["rows_loaded"] - before >= len(sent), seconds=120)
    until(lambda: len(envelopes(cloud, deployed, sent)) == len(sent))
    stored = envelopes(cloud, deployed, sent)
    for message in sent:
        envelope = stored[message["messageId"]]
        body = envelope["request"]["body"]
        assert {name: body.get(name) for name in KEPT} == {name: message.get(name) for name in KEPT}
        assert envelope["context"]["user_id"] == message.get("userId")
        assert "writeKey" not in body
        # Its clock is this machine's: what the library said is what happened, but for the way to the collector.
        assert body["originalTimestamp"] <= body["timestamp"] <= body["receivedAt"]

    for user in ("segment-one", "segment-two"):
        (offer,) = until(lambda user=user: [one for one in offers(deployed) if user in str(one)])
        assert REMOVED["sku"] in str(offer)


def test_a_wrong_key_is_the_senders_to_know(host: str) -> None:
    faults: list[Exception] = []
    client = Client("nobodys-key", host=host, on_error=lambda error, _: faults.append(error), upload_interval=0.2)
    client.track("somebody", "Signed Up")
    client.shutdown()
    (fault,) = faults
    assert isinstance(fault, APIError)
    assert (fault.status, fault.code) == (401, "unknown_write_key")


def envelopes(cloud: Cloud, deployed: dict[str, Any], messages: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """The rows of RAW with the messages' ids."""
    rows = cloud.folder / "snowflake" / deployed["snowflake_database"] / "RAW" / deployed["snowflake_table"]
    if not any(rows.glob("*.parquet")):
        return {}
    query = f"SELECT REQUEST_ID, DATA FROM read_parquet('{rows}/*.parquet') WHERE REQUEST_ID IN (SELECT unnest(?))"
    found = duckdb.execute(query, [[message["messageId"] for message in messages]]).fetchall()
    return {request_id: json.loads(data) for request_id, data in found}


def offers(deployed: dict[str, Any]) -> list[dict[str, Any]]:
    """The offers that were decided on, whoever for."""
    pages = boto3.client("dynamodb").get_paginator("scan").paginate(TableName=deployed["effects_table"])
    found = [plain(item) for page in pages for item in page["Items"]]
    return [effect for effect in found if effect.get("application") == "offers"]
