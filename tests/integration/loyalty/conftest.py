"""A loyalty stack for tests: tables, bucket, queue and bus in a bare account, and the handlers run as by Lambda."""

import base64
import json
import os
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import boto3
import pytest

from loyalty import announce, handler, load, tables
from shared import clients
from shared.outlet import outlet
from shared.records import plain
from tests.integration.account import Account

PREFIXES = ("loyalty/members/", "loyalty/conversions/")
PATIENCE_SECONDS = 20.0


class Context:
    """Lambda's, of a function with so much time."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds

    def get_remaining_time_in_millis(self) -> int:
        return int(self.seconds * 1000)


@dataclass
class Stack:
    """The functions, and what they work on. `queue`: of notifications. `heard`: what a rule on the bus hands on.

    to_come: notifications of dropped files that were not received yet."""

    name: str
    queue: str
    heard: str
    environment: Mapping[str, str]
    to_come: int = 0
    handled: dict[str, int] = field(default_factory=dict)

    def drop(self, key: str, content: str | bytes) -> str:
        """Returns the object's version."""
        body = content.encode() if isinstance(content, str) else content
        self.to_come += 1
        return client("s3").put_object(Bucket=f"lake-{self.name}", Key=key, Body=body)["VersionId"]

    def receive(self) -> dict[str, Any] | None:
        """The next notification, as the queue hands it to the function; None where none is to come."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not (found := client("sqs").receive_message(QueueUrl=self.queue).get("Messages")):
            if not self.to_come:
                return None
            assert time.monotonic() < deadline, "S3 does not tell of the file"
            time.sleep(0.01)
        self.to_come = max(self.to_come - 1, 0)
        (message,) = found
        names = {"messageId": "MessageId", "body": "Body", "receiptHandle": "ReceiptHandle"}
        return {name: message[field] for name, field in names.items()}

    def hand_over(self, message: Mapping[str, Any], seconds: float = 120.0) -> dict[str, Any]:
        """Runs the function that loads files."""
        return load.handler({"Records": [message]}, Context(seconds))

    def load(self, seconds: float = 120.0, times: int = 1) -> list[dict[str, Any]]:
        """Hands every waiting notification to the function, `times` over; returns its answers."""
        answers = []
        while message := self.receive():
            answers += [self.hand_over(message, seconds) for _ in range(times)]
            client("sqs").delete_message(QueueUrl=self.queue, ReceiptHandle=message["receiptHandle"])
        return answers

    def forget_clients(self) -> None:
        """As a new process would begin: with the environment as it is now."""
        forget_clients()

    def settle(self) -> None:
        """Takes the test events out of the queue that S3 sends for each prefix."""
        self.to_come = len(PREFIXES)
        while message := self.receive():
            assert "Records" not in message["body"]
            self.hand_over(message)

    def note(self, name: str) -> dict[str, Any]:
        key = f"loyalty/results/{name}.json"
        return json.loads(client("s3").get_object(Bucket=f"lake-{self.name}", Key=key)["Body"].read())

    def bad_rows(self) -> list[dict[str, Any]]:
        s3 = client("s3")
        listed = s3.list_objects_v2(Bucket=f"lake-{self.name}", Prefix="bad/").get("Contents", [])
        bodies = [s3.get_object(Bucket=f"lake-{self.name}", Key=one["Key"])["Body"].read() for one in listed]
        return [json.loads(line) for body in bodies for line in body.splitlines()]

    def stream(self, records: Sequence[bytes]) -> dict[str, Any]:
        """Hands the streams' function a batch of records."""
        return handler.handler(kinesis_batch(records), Context(30))

    def new_changes(self) -> list[dict[str, Any]]:
        """What the table's stream has that was not looked at yet, in Lambda's shape."""
        streams = client("dynamodbstreams")
        arn = client("dynamodb").describe_table(TableName=f"customers-{self.name}")["Table"]["LatestStreamArn"]
        found = []
        for shard in streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]:
            shard_id = shard["ShardId"]
            iterator = streams.get_shard_iterator(StreamArn=arn, ShardId=shard_id, ShardIteratorType="TRIM_HORIZON")[
                "ShardIterator"
            ]
            records = []
            while iterator and (answer := streams.get_records(ShardIterator=iterator))["Records"]:
                records += answer["Records"]
                iterator = answer.get("NextShardIterator")
            found += records[self.handled.get(shard_id, 0) :]
            self.handled[shard_id] = len(records)
        return json.loads(json.dumps(found, default=str))

    def announce(self, changes: Sequence[Mapping[str, Any]] | None = None) -> dict[str, Any]:
        return announce.handler({"Records": self.new_changes() if changes is None else changes}, Context(30))

    def decisions(self, number: int) -> list[dict[str, Any]]:
        """What the bus handed on since the last time: so many decisions, or more if they are there by then."""
        found, deadline = list[dict[str, Any]](), time.monotonic() + PATIENCE_SECONDS
        while True:
            answer = client("sqs").receive_message(QueueUrl=self.heard, MaxNumberOfMessages=10)
            for message in answer.get("Messages", ()):
                found.append(json.loads(message["Body"]))
                client("sqs").delete_message(QueueUrl=self.heard, ReceiptHandle=message["ReceiptHandle"])
            if not answer.get("Messages"):
                if len(found) >= number:
                    return found
                assert time.monotonic() < deadline, f"{len(found)} of {number} decisions are on the bus"
                time.sleep(0.01)

    def customer(self, key: str) -> dict[str, Any]:
        wanted = {"TableName": f"customers-{self.name}", "Key": {"customer": {"S": key}}}
        return plain(client("dynamodb").get_item(**wanted, ConsistentRead=True).get("Item", {}))

    def counts(self) -> dict[tuple[str, str, str | None], tuple[int, int]]:
        """Conversions and promo codes by promotion, conversion and channel."""
        return {
            (item["promotion"], item["conversion"], item["where"]): (int(item["conversions"]), int(item["promos"]))
            for item in items(f"counts-{self.name}")
        }

    def entered(self) -> list[dict[str, Any]]:
        return items(f"effects-{self.name}")


def items(table_name: str) -> list[dict[str, Any]]:
    return [plain(item) for item in client("dynamodb").scan(TableName=table_name)["Items"]]


def client(service: str) -> Any:
    return made_client(service, os.environ["AWS_ENDPOINT_URL"])


@cache
def made_client(service: str, _endpoint: str) -> Any:
    return boto3.client(service)


def kinesis_batch(records: Sequence[bytes]) -> dict[str, Any]:
    return {
        "Records": [
            {
                "kinesis": {
                    "sequenceNumber": str(10**20 + number),
                    "data": base64.b64encode(data).decode(),
                    "approximateArrivalTimestamp": 1_795_000_000.123,
                }
            }
            for number, data in enumerate(records)
        ]
    }


@pytest.fixture
def stack(emulator: Account, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stack]:
    """A stack of the test's own; the functions run in this process, where a test can stop them."""
    made = make_stack(uuid.uuid4().hex[:8])
    for name, value in made.environment.items():
        monkeypatch.setenv(name, value)
    forget_clients()
    made.settle()
    yield made
    forget_clients()


def forget_clients() -> None:
    for made_once in (
        tables.customers,
        tables.files,
        tables.ledger,
        clients.client,
        outlet,
    ):
        made_once.cache_clear()


def make_stack(name: str) -> Stack:
    table("customers", name, "customer", changes=True)
    for kind, key in (("files", "file"), ("counts", "counter"), ("effects", "effect_id")):
        table(kind, name, key)
    s3, sqs, events = client("s3"), client("sqs"), client("events")
    bucket = f"lake-{name}"
    s3.create_bucket(Bucket=bucket)
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    queue = sqs.create_queue(QueueName=f"files-{name}", Attributes={"VisibilityTimeout": "600"})["QueueUrl"]
    allow(queue, "s3.amazonaws.com")
    wanted = [
        {
            "QueueArn": arn_of(queue),
            "Events": ["s3:ObjectCreated:*"],
            "Filter": {"Key": {"FilterRules": [{"Name": "prefix", "Value": prefix}]}},
        }
        for prefix in PREFIXES
    ]
    s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration={"QueueConfigurations": wanted})
    heard = sqs.create_queue(QueueName=f"heard-{name}")["QueueUrl"]
    allow(heard, "events.amazonaws.com")
    events.create_event_bus(Name=f"bus-{name}")
    events.put_rule(Name="all", EventBusName=f"bus-{name}", EventPattern='{"source": ["headrace.loyalty"]}')
    events.put_targets(Rule="all", EventBusName=f"bus-{name}", Targets=[{"Id": "heard", "Arn": arn_of(heard)}])
    delivery = {"RoleARN": role(), "BucketARN": f"arn:aws:s3:::{bucket}", "Prefix": "bad/"}
    client("firehose").create_delivery_stream(
        DeliveryStreamName=f"bad-{name}", ExtendedS3DestinationConfiguration=delivery
    )
    environment = {
        "STATE_TABLE": f"customers-{name}",
        "FILES_TABLE": f"files-{name}",
        "COUNTS_TABLE": f"counts-{name}",
        "EFFECTS_TABLE": f"effects-{name}",
        "EFFECTS_BUS": f"bus-{name}",
        "QUEUE_URL": queue,
        "BUCKET": bucket,
        "BAD_DELIVERY_STREAM": f"bad-{name}",
        "PROMOTION": "default",
    }
    return Stack(name, queue, heard, environment)


def table(kind: str, name: str, key: str, changes: bool = False) -> None:
    client("dynamodb").create_table(
        TableName=f"{kind}-{name}",
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"}],
        KeySchema=[{"AttributeName": key, "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamEnabled": changes, **({"StreamViewType": "NEW_AND_OLD_IMAGES"} if changes else {})},
    )


@cache
def arn_of(queue: str) -> str:
    found = client("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])
    return found["Attributes"]["QueueArn"]


def allow(queue: str, service: str) -> None:
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": "sqs:SendMessage",
        "Resource": arn_of(queue),
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    client("sqs").set_queue_attributes(QueueUrl=queue, Attributes={"Policy": policy})


def role() -> str:
    return "arn:aws:iam::000000000000:role/delivery"
