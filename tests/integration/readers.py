"""Streams, the functions that read them, and what these saw: for tests of stream mappings."""

import asyncio
import json
import threading
import time
import uuid
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3

from embedded.runtime.functions.functions import Functions
from embedded.runtime.logs import Logs
from embedded.runtime.mappings.definition import ENABLED_TAG, SINCE_TAG
from embedded.runtime.mappings.register import Mappings
from embedded.runtime.streams.sharing import SharedShards
from embedded.runtime.wake import Wake
from tests.integration.account import Account
from tests.integration.waiting import until

# Effects of a batch come one after another, until a record says otherwise; a worker that is reported to is kept warm.
FUNCTION = """
import json, os, time
from base64 import b64decode

def tell(file, what):
    with open(os.path.join(os.environ["SEEN"], file), "a") as out:
        out.write(json.dumps(what) + "\\n")

def handler(event, context):
    print("called")
    tell("batches", {"at": time.time(), "records": event["Records"]})
    for record in event["Records"]:
        if "kinesis" in record:
            sequence, value = record["kinesis"]["sequenceNumber"], json.loads(b64decode(record["kinesis"]["data"]))
        else:
            sequence, value = record["dynamodb"]["SequenceNumber"], {"n": record["dynamodb"]["Keys"]["id"]["S"]}
        time.sleep(value.get("takes", 0))
        if value.get("do") == "raise":
            raise ValueError("poison")
        if value.get("do") == "fail":
            return {"batchItemFailures": [{"itemIdentifier": sequence}]}
        tell("effects", value["n"])
    return {"batchItemFailures": []}
"""


class Reader:
    """A function that reads a stream, and what it saw. stream: a Kinesis stream's name, or a table's stream's ARN."""

    def __init__(self, account: Account, folder: Path, **more: Any) -> None:
        self.seen = folder / f"seen-{uuid.uuid4().hex[:8]}"
        self.seen.mkdir()
        self.function = account.function(FUNCTION, {"SEEN": str(self.seen)}, **more)

    def reads(self, source: str, *, enabled: bool = True, since: str | None = None, **settings: Any) -> str:
        """Maps the source to the function, as the embedded cloud's provider does; returns the mapping's id."""
        tags = {ENABLED_TAG: str(enabled).lower()} | ({SINCE_TAG: since} if since else {})
        defaults = {"StartingPosition": "TRIM_HORIZON", "BatchSize": 100, "Enabled": False, "Tags": tags}
        reports = {"FunctionResponseTypes": ["ReportBatchItemFailures"]}
        made = boto3.client("lambda").create_event_source_mapping(
            **{**defaults, **reports, **settings, "EventSourceArn": source, "FunctionName": self.function}
        )
        return made["UUID"]

    def effects(self) -> list[Any]:
        """What the function did, in order."""
        return _lines(self.seen / "effects")

    def batches(self) -> list[list[Any]]:
        """The values of the records of each invocation."""
        return [[value_of(record) for record in batch["records"]] for batch in _lines(self.seen / "batches")]

    def events(self) -> list[dict[str, Any]]:
        """All records as the function got them."""
        return [record for batch in _lines(self.seen / "batches") for record in batch["records"]]


@contextmanager
def functions(account: Account, folder: Path) -> Iterator[tuple[Functions, Wake]]:
    """What runs functions in an account without a runtime, and hears the emulator's hints."""
    loop, wake, logs = asyncio.new_event_loop(), Wake(account.hints), Logs()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    for each in (thread, wake, logs):
        each.start()

    async def make() -> Functions:
        return Functions(folder, wake, logs)

    made = asyncio.run_coroutine_threadsafe(make(), loop).result()
    yield made, wake
    asyncio.run_coroutine_threadsafe(made.stop(), loop).result()
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    wake.stop()
    logs.stop()


@contextmanager
def at_work(account: Account, folder: Path) -> Iterator[Mappings]:
    """The stream mappings of an account without a runtime."""
    with functions(account, folder / "functions") as (made, wake):
        mappings = Mappings(folder, made, SharedShards(wake))
        mappings.start()
        yield mappings
        mappings.stop()


def stream(shards: int = 1) -> str:
    """The ARN of a new Kinesis stream."""
    name, kinesis = f"stream-{uuid.uuid4().hex[:8]}", boto3.client("kinesis")
    kinesis.create_stream(StreamName=name, ShardCount=shards)

    def active() -> str | None:
        found = kinesis.describe_stream_summary(StreamName=name)["StreamDescriptionSummary"]
        return found["StreamARN"] if found["StreamStatus"] == "ACTIVE" else None

    return until(active)


def put(arn: str, *values: Any, key: str = "key") -> list[str]:
    """Puts a record for each value: a number, or what the function is to do with it. Returns sequence numbers."""
    documents = [value if isinstance(value, dict) else {"n": value} for value in values]
    records = [{"Data": json.dumps(each).encode(), "PartitionKey": key} for each in documents]
    answer = boto3.client("kinesis").put_records(StreamARN=arn, Records=records)
    return [each["SequenceNumber"] for each in answer["Records"]]


def table() -> tuple[str, str]:
    """The name of a new table, and the ARN of its stream."""
    name = f"table-{uuid.uuid4().hex[:8]}"
    made = boto3.client("dynamodb").create_table(
        TableName=name,
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
    )
    return name, made["TableDescription"]["LatestStreamArn"]


def queue() -> tuple[str, str]:
    """The URL and ARN of a new queue, to which topics may send."""
    sqs = boto3.client("sqs")
    url = sqs.create_queue(QueueName=f"queue-{uuid.uuid4().hex[:8]}")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    allowed = {"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:*", "Resource": arn}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [allowed]})
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
    return url, arn


def message(url: str, seconds: int = 20) -> dict[str, Any]:
    """The next message of a queue, which holds JSON."""
    sqs, deadline = boto3.client("sqs"), time.monotonic() + seconds
    while time.monotonic() < deadline:
        for found in sqs.receive_message(QueueUrl=url, WaitTimeSeconds=5).get("Messages", []):
            sqs.delete_message(QueueUrl=url, ReceiptHandle=found["ReceiptHandle"])
            return json.loads(found["Body"])
    raise AssertionError("no message came")


def value_of(record: dict[str, Any]) -> Any:
    """What identifies a record: its number, or its item's key."""
    if "kinesis" in record:
        return json.loads(b64decode(record["kinesis"]["data"]))["n"]
    return record["dynamodb"]["Keys"]["id"]["S"]


def _lines(path: Path) -> list[Any]:
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
