"""The embedded Firehose through AWS's own SDK: buffered, compressed, delivered once, and only with permission."""

import gzip
import json
import os
import re
import signal
import time
import uuid
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from embedded.cloud.cloud import Cloud, answers
from embedded.cloud.ports import HOST
from tests.integration.waiting import until

TRUST = {"Effect": "Allow", "Principal": {"Service": "firehose.amazonaws.com"}, "Action": "sts:AssumeRole"}
WRITE = {"Effect": "Allow", "Action": ["s3:PutObject"], "Resource": "*"}
READ = {
    "Effect": "Allow",
    "Action": ["kinesis:ListShards", "kinesis:GetShardIterator", "kinesis:GetRecords"],
    "Resource": "*",
}
NEWLINE = {
    "Enabled": True,
    "Processors": [
        {
            "Type": "AppendDelimiterToRecord",
            "Parameters": [{"ParameterName": "Delimiter", "ParameterValue": "\\n"}],
        }
    ],
}


class Account:
    """What the tests make in the emulator, under names of their own."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud
        self.name = f"test-{uuid.uuid4().hex[:8]}"
        self.iam, self.s3 = boto3.client("iam"), boto3.client("s3")
        self.firehose, self.kinesis = boto3.client("firehose"), boto3.client("kinesis")
        self.s3.create_bucket(Bucket=self.name)

    def role(self, *statements: dict, trust: dict = TRUST, name: str = "role") -> str:
        full = f"{self.name}-{name}"
        trusting = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
        arn = self.iam.create_role(RoleName=full, AssumeRolePolicyDocument=trusting)["Role"]["Arn"]
        self.grant(*statements, name=name)
        return arn

    def grant(self, *statements: dict, name: str = "role") -> None:
        document = json.dumps({"Version": "2012-10-17", "Statement": [*statements, DENY_NOTHING]})
        self.iam.put_role_policy(RoleName=f"{self.name}-{name}", PolicyName="policy", PolicyDocument=document)

    def stream(self, role: str, *, interval: int = 0, source: str | None = None, **more: Any) -> None:
        settings = {
            "RoleARN": role,
            "BucketARN": f"arn:aws:s3:::{self.name}",
            "Prefix": "raw/",
            "BufferingHints": {"SizeInMBs": 1, "IntervalInSeconds": interval},
            "CompressionFormat": "GZIP",
            "ProcessingConfiguration": NEWLINE,
            **more,
        }
        kinesis = {
            "DeliveryStreamType": "KinesisStreamAsSource",
            "KinesisStreamSourceConfiguration": {"KinesisStreamARN": source, "RoleARN": role},
        }
        self.firehose.create_delivery_stream(
            DeliveryStreamName=self.name, ExtendedS3DestinationConfiguration=settings, **(kinesis if source else {})
        )

    def put(self, *records: bytes) -> None:
        self.firehose.put_record_batch(DeliveryStreamName=self.name, Records=[{"Data": record} for record in records])

    def keys(self) -> list[str]:
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=self.name)
        return [entry["Key"] for page in pages for entry in page.get("Contents", [])]

    def lines(self) -> list[bytes]:
        bodies = [self.s3.get_object(Bucket=self.name, Key=key)["Body"].read() for key in self.keys()]
        return [line for body in bodies for line in gzip.decompress(body).split(b"\n")[:-1]]

    def status(self) -> dict[str, Any]:
        running = self.cloud.running
        assert running is not None
        health = answers(f"http://{HOST}:{running.ports.firehose}/_headrace/health")
        assert health is not None
        return next(stream for stream in health["delivery"] if stream["name"] == self.name)


DENY_NOTHING = {"Effect": "Allow", "Action": "sts:GetCallerIdentity", "Resource": "*"}


@pytest.fixture
def account(cloud: Cloud):
    made = Account(cloud)
    yield made
    if made.name in made.firehose.list_delivery_streams(Limit=1000)["DeliveryStreamNames"]:
        made.firehose.delete_delivery_stream(DeliveryStreamName=made.name)


def test_records_become_one_gzip_object_with_firehoses_key_and_a_line_each(account: Account):
    account.stream(account.role(WRITE), interval=1)
    account.put(b"one", b"two")
    account.put(b"three")
    (key,) = until(account.keys)
    uuid_pattern = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
    stamp = r"\d{4}-\d\d-\d\d-\d\d-\d\d-\d\d"
    assert re.fullmatch(rf"raw/\d{{4}}/\d\d/\d\d/\d\d/{account.name}-1-{stamp}-{uuid_pattern}\.gz", key)
    assert account.lines() == [b"one", b"two", b"three"]


def test_a_full_buffer_does_not_wait_for_its_interval(account: Account):
    account.stream(account.role(WRITE), interval=900)
    account.put(*[b"x" * 100_000] * 11)
    until(account.keys)
    assert account.status()["delivered_records"] == 11


def test_a_kinesis_stream_is_delivered_whole_once_it_is_the_source(account: Account):
    account.kinesis.create_stream(StreamName=account.name, ShardCount=2)
    described = until(
        lambda: (
            (summary := account.kinesis.describe_stream_summary(StreamName=account.name)["StreamDescriptionSummary"])[
                "StreamStatus"
            ]
            == "ACTIVE"
            and summary
        )
    )
    account.stream(account.role(WRITE, READ), source=described["StreamARN"])
    sent = {f"record {number}".encode() for number in range(1200)}
    records = [{"Data": record, "PartitionKey": record.decode()} for record in sorted(sent)]
    for start in range(0, len(records), 500):
        account.kinesis.put_records(StreamName=account.name, Records=records[start : start + 500])
    until(lambda: account.status()["delivered_records"] >= len(sent))
    lines = account.lines()
    assert len(lines) == len(sent)
    assert set(lines) == sent
    with pytest.raises(ClientError, match="InvalidArgumentException"):
        account.put(b"past the source")


def test_a_missing_permission_shows_and_the_records_are_kept_until_it_is_there(account: Account):
    account.stream(account.role())
    account.put(b"kept")
    status = until(lambda: (found := account.status())["error"] and found)
    assert "s3:PutObject" in status["error"]
    assert status["buffered_records"] == 1
    account.grant(WRITE)
    until(account.keys)
    assert account.lines() == [b"kept"]
    assert until(lambda: account.status()["error"] is None)


def test_a_role_that_does_not_trust_firehose_is_refused_when_the_stream_is_made(account: Account):
    role = account.role(WRITE, trust={**TRUST, "Principal": {"Service": "lambda.amazonaws.com"}})
    with pytest.raises(ClientError, match="unable to assume role"):
        account.stream(role)


def test_a_caller_may_put_only_what_its_policy_allows(account: Account):
    account.stream(account.role(WRITE))
    arn = account.firehose.describe_delivery_stream(DeliveryStreamName=account.name)["DeliveryStreamDescription"][
        "DeliveryStreamARN"
    ]
    trust = {**TRUST, "Principal": {"Service": "lambda.amazonaws.com"}}
    allowed = {"Effect": "Allow", "Action": "firehose:PutRecordBatch", "Resource": arn}
    caller = account.role(allowed, trust=trust, name="caller")
    given = boto3.client("sts").assume_role(RoleArn=caller, RoleSessionName="test")["Credentials"]
    firehose = boto3.client(
        "firehose",
        aws_access_key_id=given["AccessKeyId"],
        aws_secret_access_key=given["SecretAccessKey"],
        aws_session_token=given["SessionToken"],
    )
    for _ in range(2):
        firehose.put_record_batch(DeliveryStreamName=account.name, Records=[{"Data": b"mine"}])
    with pytest.raises(ClientError, match="AccessDenied"):
        firehose.put_record(DeliveryStreamName=account.name, Record={"Data": b"not allowed"})
    with pytest.raises(ClientError, match="AccessDenied"):
        firehose.put_record_batch(DeliveryStreamName="another", Records=[{"Data": b"not allowed"}])
    with pytest.raises(ClientError, match="AccessDenied"):
        firehose.delete_delivery_stream(DeliveryStreamName=account.name)
    until(lambda: account.status()["delivered_records"] == 2)


def test_an_unsigned_or_unknown_caller_is_refused(account: Account):
    account.stream(account.role(WRITE))
    stranger = boto3.client("firehose", aws_access_key_id="AKIASTRANGER00000000", aws_secret_access_key="x")
    with pytest.raises(ClientError, match="UnrecognizedClientException"):
        stranger.put_record(DeliveryStreamName=account.name, Record={"Data": b"x"})


def test_a_stream_is_described_changed_tagged_and_deleted_as_by_aws(account: Account):
    firehose, name = account.firehose, account.name
    account.stream(account.role(WRITE))
    with pytest.raises(firehose.exceptions.ResourceInUseException):
        account.stream(account.role(WRITE, name="again"))
    described = firehose.describe_delivery_stream(DeliveryStreamName=name)["DeliveryStreamDescription"]
    destination = described["Destinations"][0]
    assert described["DeliveryStreamStatus"] == "ACTIVE"
    assert destination["ExtendedS3DestinationDescription"]["Prefix"] == "raw/"
    firehose.update_destination(
        DeliveryStreamName=name,
        CurrentDeliveryStreamVersionId=described["VersionId"],
        DestinationId=destination["DestinationId"],
        ExtendedS3DestinationUpdate={"Prefix": "other/"},
    )
    firehose.tag_delivery_stream(DeliveryStreamName=name, Tags=[{"Key": "a", "Value": "1"}, {"Key": "b"}])
    firehose.untag_delivery_stream(DeliveryStreamName=name, TagKeys=["b"])
    assert firehose.list_tags_for_delivery_stream(DeliveryStreamName=name)["Tags"] == [{"Key": "a", "Value": "1"}]
    account.put(b"x")
    assert until(account.keys)[0].startswith("other/")
    assert f"{name}-2-" in account.keys()[0]
    firehose.delete_delivery_stream(DeliveryStreamName=name)
    with pytest.raises(firehose.exceptions.ResourceNotFoundException):
        firehose.describe_delivery_stream(DeliveryStreamName=name)


def test_deleting_a_stream_delivers_what_it_still_holds(account: Account):
    account.stream(account.role(WRITE), interval=900)
    account.put(b"last")
    account.firehose.delete_delivery_stream(DeliveryStreamName=account.name)
    assert account.lines() == [b"last"]


def test_nothing_acknowledged_is_lost_or_doubled_when_the_runtime_is_killed(account: Account):
    account.stream(account.role(WRITE))
    sent = []
    for number in range(300):
        record = f"record {number}".encode()
        account.put(record)
        sent.append(record)
        if number % 100 == 50:
            running = account.cloud.running
            assert running is not None
            assert running.runtime is not None
            os.kill(running.runtime.pid, signal.SIGKILL)
            while running.runtime.alive:
                time.sleep(0.01)
            account.cloud.start(print)
    until(lambda: account.status()["buffered_records"] == 0)
    assert sorted(account.lines()) == sorted(sent)
