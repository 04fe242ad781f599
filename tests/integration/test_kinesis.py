"""The collector's own PutRecords, held to what the SDK's client says of the same calls."""

from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from shared.kinesis import Kinesis
from tests.integration.account import Account
from tests.integration.faults import THROTTLED, faults
from tests.integration.readers import stream
from tests.integration.waiting import until

ONCE = Config(retries={"total_max_attempts": 1})
RECORDS = [
    {"Data": b"\x00\xff not text", "PartitionKey": "a"},
    {"Data": "ä 日本".encode(), "PartitionKey": "ä"},
    {"Data": b"", "PartitionKey": "empty"},
]


def codes(call: Any, **request: Any) -> str:
    """The code of the error with which a put is refused."""
    with pytest.raises(ClientError) as refused:
        call(**request)
    return refused.value.response["Error"]["Code"]


def test_records_arrive_as_they_were_put(emulator: Account):
    name = stream().rpartition("/")[2]
    answer = Kinesis(1, 5).put_records(StreamName=name, Records=RECORDS)
    assert [each.get("ErrorCode") for each in answer["Records"]] == [None, None, None]
    kinesis = boto3.client("kinesis")
    shard = {"StreamName": name, "ShardId": "shardId-000000000000", "ShardIteratorType": "TRIM_HORIZON"}
    iterator = kinesis.get_shard_iterator(**shard)["ShardIterator"]
    found = until(lambda: kinesis.get_records(ShardIterator=iterator)["Records"])
    assert [{name: each[name] for name in ("Data", "PartitionKey")} for each in found] == RECORDS
    assert [each["SequenceNumber"] for each in found] == [each["SequenceNumber"] for each in answer["Records"]]


def test_refusals_have_the_sdks_codes(emulator: Account, monkeypatch: pytest.MonkeyPatch):
    missing = {"StreamName": "not-there", "Records": RECORDS}
    assert codes(Kinesis(1, 5).put_records, **missing) == codes(boto3.client("kinesis").put_records, **missing)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wrong")
    theirs = boto3.Session().client("kinesis")
    assert codes(Kinesis(1, 5).put_records, **missing) == codes(theirs.put_records, **missing)


def test_throttling_and_silence_are_told_as_the_sdk_tells_them(emulator: Account, monkeypatch: pytest.MonkeyPatch):
    name = stream().rpartition("/")[2]
    with faults(emulator.url) as proxy:
        monkeypatch.setenv("AWS_ENDPOINT_URL_KINESIS", proxy.url)
        ours, theirs = Kinesis(1, 5), boto3.client("kinesis", config=ONCE)
        proxy.refuse("PutRecords", THROTTLED, times=2)
        request = {"StreamName": name, "Records": RECORDS}
        assert codes(ours.put_records, **request) == codes(theirs.put_records, **request) == THROTTLED.code
        assert ours.put_records(**request)["FailedRecordCount"] == 0
    with pytest.raises(BotoCoreError):
        Kinesis(1, 5).put_records(**request)
