"""The ledger of a deployed stack: at zero whatever happens to functions, and not when something is taken away."""

import gzip
import shutil
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

import boto3
import duckdb
import pytest

from embedded.cloud.cloud import Cloud
from headrace.forget import forget
from tests.integration.faults import kill_workers
from tests.integration.ledger.sending import Client, asked, batches, counts, function_named, hour_from_now

EVENTS = 2_000


@pytest.fixture(scope="module")
def sent(deployed: dict[str, Any]) -> datetime:
    """The hour in which the gateway took 2,000 events, while the functions behind it were killed again and again.

    It is days ahead: that clock is set wrong, and no other test's events are in that hour.
    """
    hour = hour_from_now(60)
    client = Client(clock=hour, function=function_named("collect-function"))

    def send(numbered: tuple[int, list[str]]) -> int:
        number, hits = numbered
        # Whatever the others' functions are doing.
        killed = kill_workers(client.function) if number % 30 == 29 else 0
        client.send(hits)
        return killed

    with ThreadPoolExecutor(4) as clients:
        killed = sum(clients.map(send, enumerate(batches(EVENTS, "ledger"))))
    assert killed
    return hour


def test_every_event_is_accounted_for_though_functions_were_killed(sent: datetime):
    code, document = asked(sent)
    assert (code, document["missing"]) == (0, [])
    found = counts(document, sent)
    assert found["distinct"] == EVENTS
    assert found["accepted"] >= EVENTS
    assert found["put"] == found["delivered"] == found["loaded"] == found["distinct"] + found["duplicate"]


def test_cloudwatch_is_given_what_is_missing(sent: datetime):
    assert asked(sent, metrics=True)[0] == 0
    found = boto3.client("cloudwatch").list_metrics(Namespace="Headrace", MetricName="Missing")["Metrics"]
    assert {"delivered", "loaded"} <= {one["Value"] for metric in found for one in metric["Dimensions"]}


def test_an_object_that_is_taken_away_is_missed_by_hop_hour_and_count(sent: datetime, deployed: dict[str, Any]):
    assert asked(sent)[0] == 0
    s3, bucket = boto3.client("s3"), deployed["bucket"]
    name, lines = _object_with("ledger-", s3, bucket)
    body = s3.get_object(Bucket=bucket, Key=name)["Body"].read()
    s3.delete_object(Bucket=bucket, Key=name)
    try:
        code, document = asked(sent, wait=False)
    finally:
        s3.put_object(Bucket=bucket, Key=name, Body=body)
    assert code == 1
    assert [(one["hop"], one["hour"]) for one in document["missing"]] == [("delivered", f"{sent:%Y-%m-%dT%H:00:00Z}")]
    assert document["missing"][0]["missing"] == lines
    assert asked(sent)[0] == 0


def test_rows_that_are_taken_away_are_missed(sent: datetime, cloud: Cloud, deployed: dict[str, Any]):
    assert asked(sent)[0] == 0
    table = cloud.folder / "snowflake" / deployed["snowflake_database"] / "RAW" / deployed["snowflake_table"]
    file, rows = (
        duckdb.connect()
        .execute(
            f"select filename, count(*) from read_parquet('{table}/*.parquet', filename = true) "
            "where client_id like 'ledger-%' group by 1 order by 2 limit 1"
        )
        .fetchall()[0]
    )
    shutil.move(file, f"{file}.away")
    try:
        code, document = asked(sent, wait=False)
    finally:
        shutil.move(f"{file}.away", file)
    assert code == 1
    assert [(one["hop"], one["missing"]) for one in document["missing"]] == [("loaded", rows)]


def test_who_was_forgotten_is_missing_nowhere(
    sent: datetime, deployed: dict[str, Any], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("headrace.forget.transform", lambda *_, **__: None)
    assert asked(sent)[0] == 0
    assert forget("local", "", "ledger-7", yes=True) == 0
    code, document = asked(sent)
    assert (code, document["missing"]) == (0, [])
    assert counts(document, sent)["forgotten"] >= EVENTS / 50


def _object_with(visitor: str, s3: Any, bucket: str) -> tuple[str, int]:
    """An object that holds events of these visitors, and how many that stand nowhere else."""
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix="raw/")
    names = [one["Key"] for page in pages for one in page.get("Contents", [])]
    for name in reversed(names):
        lines = gzip.decompress(s3.get_object(Bucket=bucket, Key=name)["Body"].read()).splitlines()
        ours = {line for line in lines if f'"client_id":"{visitor}'.encode() in line}
        if ours:
            return name, len(ours)
    raise AssertionError("no object holds any")
