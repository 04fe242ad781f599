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


def put_as(role: str, stream_name: str, secret: str | None = None) -> Any:
    """A way to put to a stream with a role's rights, by a session of its own; signed with `secret`, if it is given."""
    given = boto3.client("sts").assume_role(RoleArn=role, RoleSessionName="putting")["Credentials"]
    session = boto3.Session(given["AccessKeyId"], secret or given["SecretAccessKey"], given["SessionToken"])
    client = session.client("kinesis", config=ONCE)
    return lambda records=RECORDS: client.put_records(StreamName=stream_name, Records=records)


def by_the_shortcut(answer: Any) -> bool:
    """Whether the emulator's own parts were not asked: they say more of a request."""
    return "x-amz-id-2" not in answer["ResponseMetadata"]["HTTPHeaders"]


def test_who_puts_again_is_answered_alike_on_the_shorter_way(emulator: Account):
    put = put_as(emulator.role(), stream().rpartition("/")[2])
    first, second = put(), put()
    assert [by_the_shortcut(first), by_the_shortcut(second)] == [False, True]
    assert [set(answer) for answer in (first, second)] == [set(first)] * 2
    assert [record["ShardId"] for record in first["Records"]] == [record["ShardId"] for record in second["Records"]]
    assert first["Records"][-1]["SequenceNumber"] < second["Records"][0]["SequenceNumber"]


def test_the_shorter_way_refuses_what_the_longer_one_does(emulator: Account):
    put = put_as(emulator.role(), stream().rpartition("/")[2])
    large = [{"Data": b"x" * 1_000_000, "PartitionKey": "a"}] * 6
    before = codes(put, records=large)
    put()
    assert codes(put, records=large) == before == "ValidationException"


def test_the_shorter_way_is_for_who_signs_rightly_and_for_one_stream(emulator: Account):
    name, other = (stream().rpartition("/")[2] for _ in range(2))
    arn = f"arn:aws:kinesis:{emulator.region}:000000000000:stream/{name}"
    role = emulator.role(statements=[{"Effect": "Allow", "Action": "kinesis:PutRecords", "Resource": arn}])
    given = boto3.client("sts").assume_role(RoleArn=role, RoleSessionName="putting")["Credentials"]

    def client(secret: str, token: str = given["SessionToken"]) -> Any:
        return boto3.Session(given["AccessKeyId"], secret, token).client("kinesis", config=ONCE)

    rightly = client(given["SecretAccessKey"])
    for _ in range(2):
        rightly.put_records(StreamName=name, Records=RECORDS)
    assert codes(rightly.put_records, StreamName=other, Records=RECORDS) == "AccessDeniedException"
    wanted = {"StreamName": name, "Records": RECORDS}
    assert codes(client("wrong").put_records, **wanted) == "InvalidSignatureException"
    assert codes(client(given["SecretAccessKey"], "another").put_records, **wanted) != ""


def test_a_right_that_is_taken_away_is_soon_missed(emulator: Account):
    role = emulator.role()
    put = put_as(role, stream().rpartition("/")[2])
    put()
    boto3.client("iam").delete_role_policy(RoleName=role.rpartition("/")[2], PolicyName="policy")

    def refused() -> bool:
        try:
            put()
        except ClientError as error:
            return error.response["Error"]["Code"] == "AccessDeniedException"
        return False

    until(refused)
