"""50,000 events through a stack to which everything happens that the ledger is for: none is missing in the end."""

import json
import random
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import boto3
import pytest

from embedded.cloud.cloud import Cloud
from embedded.snowflake.catalogue import Catalogue, quoted
from embedded.snowflake.history import History
from headrace.home import PROJECT_FOLDER
from tests.integration.faults import ANSWER_LOST, PARTLY, THROTTLED, faults, kill_workers
from tests.integration.ledger.sending import Client, asked, batches, counts, function_named, hour_from_now
from tests.integration.waiting import until

EVENTS = 50_000
READERS = ("offers-function", "loyalty-function", "live-counts-place", "recommendations-function")
AGAIN = "-again"  # what an object's second name ends with
CLOCKS = (-30, -3, 2, 40)  # hours by which the gateway's clock is moved for a while


@pytest.mark.slow
def test_fifty_thousand_events_and_every_fault(cloud: Cloud, deployed: dict[str, Any]):
    collect = function_named("collect-function")
    clocks = {hours: hour_from_now(hours) for hours in CLOCKS}
    earliest = min(clocks.values())
    before = total(asked(earliest)[1], "distinct")  # what other tests sent
    running = cloud.running
    assert running is not None
    with faults(f"http://127.0.0.1:{running.ports.aws}") as proxy:
        proxy.refuse("PutRecords", THROTTLED, share=0.05, seed=1)
        proxy.refuse("PutRecords", PARTLY, share=0.1, seed=2)
        proxy.refuse("PutRecords", ANSWER_LOST, share=0.02, seed=3)
        with (
            through(collect, proxy.url),
            each(lambda: proxy.seen["PutRecords"], 300, lambda: kill_workers(collect)) as collectors_killed,
            each(lambda: proxy.seen["PutRecords"], 500, kill_a_reader) as readers_killed,
            often(lambda: twice(deployed), 2),
            often(lambda: pause_pipe(cloud, deployed), 10) as left_by_the_pipe,
        ):
            pumped = pump(cloud, EVENTS)
            for hours, hour in clocks.items():
                for hits in batches(200, f"clock-{hours}"):
                    Client(clock=hour, function=collect).send(hits)
    until(lambda: put_again() == 0, seconds=120)
    assert asked(earliest)[0] == 0
    subprocess.run([sys.executable, "-m", "headrace", "transform"], cwd=PROJECT_FOLDER, check=True, timeout=600)
    code, document = asked(earliest)

    # Each fault was one,
    assert all(proxy.refused_by[refusal] for refusal in (THROTTLED, PARTLY, ANSWER_LOST))
    assert total(document, "retried")
    assert sum(collectors_killed)
    assert sum(readers_killed)
    assert any(load.path.endswith(AGAIN) and load.rows_loaded for load in History.of_stack(cloud.folder).loads())
    assert max(left_by_the_pipe)
    assert total(document, "duplicate")
    # all events were sent, whatever the clocks said,
    assert (pumped["sent"], pumped["accepted"]) == (EVENTS, EVENTS)
    assert {hours: counts(document, hour)["distinct"] for hours, hour in clocks.items()} == dict.fromkeys(CLOCKS, 200)
    # and none is missing anywhere.
    assert (code, document["missing"]) == (0, [])
    assert total(document, "distinct") - before == EVENTS - pumped["duplicates"] + 200 * len(CLOCKS)
    assert total(document, "modelled") == total(document, "distinct")


def total(document: dict[str, Any], hop: str) -> int:
    """Of all hours and items."""
    return sum(row["count"] for row in document["hours"] if row["hop"] == hop)


def pump(cloud: Cloud, events: int) -> dict[str, Any]:
    """Sends events with the pumper; returns its own account."""
    subprocess.run(
        [sys.executable, "-m", "pumper", "--n-events", str(events)], cwd=PROJECT_FOLDER, check=True, timeout=900
    )
    return json.loads((cloud.folder / "pumps.jsonl").read_text().splitlines()[-1])


@contextmanager
def through(function: str, proxy: str) -> Iterator[None]:
    """Has a function reach Kinesis through a proxy."""
    lambdas = boto3.client("lambda")
    variables = lambdas.get_function_configuration(FunctionName=function)["Environment"]["Variables"]

    def change(more: dict[str, str]) -> None:
        lambdas.update_function_configuration(FunctionName=function, Environment={"Variables": variables | more})

    change({"AWS_ENDPOINT_URL_KINESIS": proxy})
    try:
        yield
    finally:
        change({})


@contextmanager
def often(do: Callable[[], int | None], seconds: float) -> Iterator[list[int]]:
    """Does something again and again beside what is done inside; gives what came of it each time. It fails where that
    failed."""
    came: list[int] = []
    ended = threading.Event()

    def repeat() -> None:
        while not ended.wait(seconds):
            found = do()
            if found is not None:
                came.append(found)

    with ThreadPoolExecutor(1) as worker:
        running = worker.submit(repeat)
        try:
            yield came
        finally:
            ended.set()
        running.result()


@contextmanager
def each(counted: Callable[[], int], step: int, do: Callable[[], int]) -> Iterator[list[int]]:
    """The same, whenever a count has grown by so much: so a slow machine is not hit more often than it gets on."""
    reached = 0

    def look() -> int | None:
        nonlocal reached
        if counted() - reached < step:
            return None
        reached = counted()
        return do()

    with often(look, 0.05) as came:
        yield came


def kill_a_reader() -> int:
    return kill_workers(function_named(random.choice(READERS)))


def twice(deployed: dict[str, Any]) -> None:
    """Delivers one object under a second name, as Firehose may; and tells the pipe of another once more, as S3 may."""
    s3, bucket = boto3.client("s3"), deployed["bucket"]
    objects = [one for one in delivered_objects(deployed) if not one["Key"].endswith(AGAIN)]
    if not objects:
        return
    copied, told = random.choice(objects), random.choice(objects)
    s3.copy_object(Bucket=bucket, Key=f"{copied['Key']}{AGAIN}", CopySource={"Bucket": bucket, "Key": copied["Key"]})
    told = {"key": told["Key"], "size": told["Size"], "eTag": told["ETag"].strip('"')}
    about = {"bucket": {"name": bucket}, "object": told}
    message = {"Records": [{"eventSource": "aws:s3", "eventName": "ObjectCreated:Put", "s3": about}]}
    boto3.client("sqs").send_message(QueueUrl=pipe_queue(deployed), MessageBody=json.dumps(message))


def pause_pipe(cloud: Cloud, deployed: dict[str, Any]) -> int:
    """Takes the pipe out of the account for some seconds; returns how many objects of the beginning of that time lay
    there unloaded at its end."""
    catalogue, name = Catalogue.from_environment(), pipe_name(deployed)
    properties = catalogue.get("PIPE", name)
    catalogue.drop("PIPE", name)
    try:
        time.sleep(3)
        delivered = {one["Key"] for one in delivered_objects(deployed)}
        time.sleep(2)
        return len(delivered - {load.path for load in History.of_stack(cloud.folder).loads()})
    finally:
        catalogue.put("PIPE", name, properties)


def delivered_objects(deployed: dict[str, Any]) -> list[dict[str, Any]]:
    pages = boto3.client("s3").get_paginator("list_objects_v2").paginate(Bucket=deployed["bucket"], Prefix="raw/")
    return [one for page in pages for one in page.get("Contents", [])]


def put_again() -> int:
    """Runs `reingest`; returns how many items it left in spill/."""
    answer = boto3.client("lambda").invoke(FunctionName=function_named("reingest-function"))
    return json.loads(answer["Payload"].read())["left"]


def pipe_name(deployed: dict[str, Any]) -> str:
    return quoted(deployed["snowflake_database"], deployed["snowflake_schema"], deployed["snowflake_pipe"])


def pipe_queue(deployed: dict[str, Any]) -> str:
    configured = boto3.client("s3").get_bucket_notification_configuration(Bucket=deployed["bucket"])
    (arn,) = (
        one["QueueArn"]
        for one in configured["QueueConfigurations"]
        if any(rule["Value"] == "raw/" for rule in one["Filter"]["Key"]["FilterRules"])
    )
    return boto3.client("sqs").get_queue_url(QueueName=arn.rpartition(":")[2])["QueueUrl"]
