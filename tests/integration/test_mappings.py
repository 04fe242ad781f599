"""Stream mappings as Lambda has them: each setting, with real functions and streams."""

import json
import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
import pytest

from embedded.runtime.mappings.register import Mappings
from tests.integration.account import Account
from tests.integration.readers import Reader, at_work, message, put, queue, stream, table
from tests.integration.waiting import until

POISON = {"n": "poison", "do": "fail"}
TIMESTAMP = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"


@pytest.fixture(scope="module")
def mappings(emulator: Account, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mappings]:
    with at_work(emulator, tmp_path_factory.mktemp("mappings")) as made:
        yield made


@pytest.fixture
def reader(emulator: Account, mappings: Mappings, tmp_path: Path) -> Iterator[Reader]:
    made = Reader(emulator, tmp_path)
    yield made
    remove(made)


def test_records_come_in_order_in_lambdas_shape(reader: Reader):
    arn = stream()
    sequences = put(arn, *range(10), key="visitor")
    reader.reads(arn, BatchSize=4)
    until(lambda: len(reader.effects()) == 10)
    assert reader.effects() == list(range(10))
    assert [len(batch) for batch in reader.batches()] == [4, 4, 2]
    first = reader.events()[0]
    assert first.pop("invokeIdentityArn").startswith("arn:aws:iam::000000000000:role/role-")
    assert abs(first["kinesis"].pop("approximateArrivalTimestamp") - time.time()) < 600
    assert first == {
        "kinesis": {
            "kinesisSchemaVersion": "1.0",
            "partitionKey": "visitor",
            "sequenceNumber": sequences[0],
            "data": "eyJuIjogMH0=",
        },
        "eventSource": "aws:kinesis",
        "eventVersion": "1.0",
        "eventID": f"shardId-000000000000:{sequences[0]}",
        "eventName": "aws:kinesis:record",
        "awsRegion": "us-east-1",
        "eventSourceARN": arn,
    }


def test_a_tables_changes_come_in_lambdas_shape(reader: Reader):
    name, changes = table()
    dynamodb = boto3.client("dynamodb")
    dynamodb.put_item(TableName=name, Item={"id": {"S": "a"}, "many": {"NS": ["1", "2"]}, "raw": {"B": b"\x00\xff"}})
    dynamodb.update_item(
        TableName=name,
        Key={"id": {"S": "a"}},
        UpdateExpression="SET many = :two",
        ExpressionAttributeValues={":two": {"NS": ["2"]}},
    )
    dynamodb.delete_item(TableName=name, Key={"id": {"S": "a"}})
    reader.reads(changes)
    until(lambda: len(reader.effects()) == 3)
    first, second, third = reader.events()
    assert [each["eventName"] for each in (first, second, third)] == ["INSERT", "MODIFY", "REMOVE"]
    assert isinstance(first["dynamodb"].pop("ApproximateCreationDateTime"), int)
    assert isinstance(first["dynamodb"].pop("SizeBytes"), int)
    assert first["dynamodb"].pop("SequenceNumber") < second["dynamodb"]["SequenceNumber"]
    assert first["dynamodb"] == {
        "Keys": {"id": {"S": "a"}},
        "NewImage": {"id": {"S": "a"}, "many": {"NS": ["1", "2"]}, "raw": {"B": "AP8="}},
        "StreamViewType": "NEW_AND_OLD_IMAGES",
    }
    assert second["dynamodb"]["OldImage"]["many"] == {"NS": ["1", "2"]}
    assert first["eventSource"], first["eventVersion"] == ("aws:dynamodb", "1.1")
    assert (first["awsRegion"], first["eventSourceARN"]) == ("us-east-1", changes)


def test_a_poison_record_neither_blocks_its_shard_nor_repeats_its_neighbours_effects(reader: Reader):
    arn, (url, failed) = stream(), queue()
    sequences = put(arn, 0, 1, 2, POISON, 4, 5, 6, 7)
    reader.reads(
        arn,
        BisectBatchOnFunctionError=True,
        MaximumRetryAttempts=2,
        DestinationConfig={"OnFailure": {"Destination": failed}},
    )
    until(lambda: len(reader.effects()) == 7)
    assert reader.effects() == [0, 1, 2, 4, 5, 6, 7]
    assert reader.batches().count(["poison"]) == 3  # once, and two retries
    told = message(url)
    assert re.fullmatch(TIMESTAMP, told.pop("timestamp"))
    assert re.fullmatch(r"[0-9a-f-]{36}", told["requestContext"].pop("requestId"))
    assert told["requestContext"].pop("approximateInvokeCount") >= 3
    for moment in ("approximateArrivalOfFirstRecord", "approximateArrivalOfLastRecord"):
        assert re.fullmatch(TIMESTAMP, told["KinesisBatchInfo"].pop(moment))
    assert told == {
        "requestContext": {"functionArn": reader.function, "condition": "RetryAttemptsExhausted"},
        "responseContext": {"statusCode": 200, "executedVersion": "$LATEST"},
        "version": "1.0",
        "KinesisBatchInfo": {
            "shardId": "shardId-000000000000",
            "startSequenceNumber": sequences[3],
            "endSequenceNumber": sequences[3],
            "batchSize": 1,
            "streamArn": arn,
        },
    }


def test_without_bisection_the_rest_of_the_batch_is_given_up_and_the_shard_goes_on(reader: Reader):
    arn, (url, failed) = stream(), queue()
    put(arn, 0, {"n": "poison", "do": "raise"}, 2)
    put(arn, 3)
    reader.reads(arn, BatchSize=3, MaximumRetryAttempts=0, DestinationConfig={"OnFailure": {"Destination": failed}})
    until(lambda: 3 in reader.effects())
    assert reader.effects() == [0, 3]
    told = message(url)
    assert told["responseContext"]["functionError"] == "Unhandled"
    assert told["KinesisBatchInfo"]["batchSize"] == 3
    assert told["requestContext"]["approximateInvokeCount"] == 1


def test_a_record_that_is_too_old_is_given_up_however_many_retries_are_left(reader: Reader):
    name, changes = table()
    topics, (url, failed) = boto3.client("sns"), queue()
    topic = topics.create_topic(Name="failures")["TopicArn"]
    topics.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=failed, Attributes={"RawMessageDelivery": "true"})
    boto3.client("dynamodb").put_item(TableName=name, Item={"id": {"S": "old"}})
    boto3.client("lambda").put_function_concurrency(FunctionName=reader.function, ReservedConcurrentExecutions=0)
    reader.reads(changes, MaximumRecordAgeInSeconds=1, DestinationConfig={"OnFailure": {"Destination": topic}})
    told = message(url)
    assert told["requestContext"]["condition"] == "RecordAgeExceeded"
    assert told["requestContext"]["approximateInvokeCount"] == 0
    assert told["DDBStreamBatchInfo"]["streamArn"] == changes
    assert told["DDBStreamBatchInfo"]["batchSize"] == 1
    assert reader.effects() == []


def test_a_throttled_function_uses_up_no_retries(reader: Reader, mappings: Mappings):
    functions = boto3.client("lambda")
    functions.put_function_concurrency(FunctionName=reader.function, ReservedConcurrentExecutions=0)
    arn = stream()
    put(arn, 1)
    reader.reads(arn, MaximumRetryAttempts=0)
    status = until(lambda: (found := status_of(mappings, reader)) and found["failed_invocations"] > 1 and found)
    assert "TooManyRequests" in status["error"]
    functions.delete_function_concurrency(FunctionName=reader.function)
    until(lambda: reader.effects() == [1])
    until(lambda: status_of(mappings, reader)["error"] is None)


def test_a_batch_gathers_for_its_window_unless_it_is_full(reader: Reader):
    arn = stream()
    reader.reads(arn, BatchSize=3, MaximumBatchingWindowInSeconds=2)
    put(arn, 0)
    put(arn, 1)
    until(lambda: reader.batches())
    assert reader.batches() == [[0, 1]]
    put(arn, 2, 3, 4, 5, 6, 7)
    until(lambda: len(reader.batches()) == 3)
    assert reader.batches()[1:] == [[2, 3, 4], [5, 6, 7]]


def test_each_key_keeps_its_order_where_batches_of_a_shard_run_side_by_side(reader: Reader, mappings: Mappings):
    arn = stream()
    put(arn, {"n": "slow 0", "do": "fail"}, {"n": "slow 1"}, key="slow")
    for number in range(5):
        for key in ("b", "c", "d", "e"):
            put(arn, f"{key} {number}", key=key)
    reader.reads(arn, BatchSize=2, ParallelizationFactor=4, MaximumRetryAttempts=30)
    others = until(lambda: (done := reader.effects()) and len(done) >= 20 - 5 and done)
    assert not any(each.startswith("slow") for each in others)  # its lane waits, and with it whoever shares it
    for key in ("b", "c", "d", "e"):
        mine = [each for each in others if each.startswith(key)]
        assert mine == [f"{key} {number}" for number in range(len(mine))]


def test_only_what_comes_after_its_making_is_read_with_latest(reader: Reader, mappings: Mappings):
    arn = stream()
    put(arn, "before")
    time.sleep(0.1)
    reader.reads(arn, StartingPosition="LATEST")
    until(lambda: status_of(mappings, reader))
    put(arn, "after")
    until(lambda: reader.effects())
    assert reader.effects() == ["after"]


def test_a_mapping_may_begin_at_a_moment(reader: Reader):
    arn = stream()
    put(arn, "before")
    time.sleep(0.1)
    moment = datetime.now(UTC).isoformat()
    put(arn, "after")
    reader.reads(arn, StartingPosition="AT_TIMESTAMP", since=moment)
    until(lambda: reader.effects())
    assert reader.effects() == ["after"]


def test_every_shard_is_read(reader: Reader):
    arn = stream(shards=3)
    reader.reads(arn)
    for number in range(30):
        put(arn, number, key=str(number))
    until(lambda: len(reader.effects()) == 30)
    assert sorted(reader.effects()) == list(range(30))


def test_a_record_that_fits_no_pattern_is_passed_over(reader: Reader):
    arn = stream()
    patterns = [{"Pattern": json.dumps({"data": {"n": [{"numeric": [">", 2, "<=", 4]}]}})}]
    reader.reads(arn, FilterCriteria={"Filters": patterns})
    put(arn, 1, 2, 3, 4, 5)
    until(lambda: len(reader.effects()) == 2)
    assert reader.batches() == [[3, 4]]


def test_a_missing_permission_shows_and_nothing_is_lost_until_it_is_there(
    emulator: Account, mappings: Mappings, tmp_path: Path
):
    reader = Reader(emulator, tmp_path, statements=[])
    arn = stream()
    put(arn, 1)
    reader.reads(arn)
    status = until(lambda: (found := status_of(mappings, reader)) and found["error"] and found)
    assert "kinesis:ListShards" in status["error"]
    allow(reader, arn, "kinesis:ListShards", "kinesis:GetShardIterator", "kinesis:GetRecords")
    until(lambda: reader.effects() == [1])
    remove(reader)


def test_a_role_may_be_allowed_to_read_the_changes_of_one_table(emulator: Account, mappings: Mappings, tmp_path: Path):
    reader = Reader(emulator, tmp_path, statements=[])
    (mine, changes), (_, others) = table(), table()
    allow(reader, changes, "dynamodb:DescribeStream", "dynamodb:GetShardIterator", "dynamodb:GetRecords")
    boto3.client("dynamodb").put_item(TableName=mine, Item={"id": {"S": "a"}})
    reader.reads(others)
    until(lambda: "dynamodb:DescribeStream" in ((status_of(mappings, reader) or {}).get("error") or ""))
    remove(reader)
    reader.reads(changes)
    until(lambda: reader.effects() == ["a"])
    remove(reader)


def test_a_mapping_that_is_turned_off_rests_and_then_goes_on(reader: Reader, mappings: Mappings):
    arn = stream()
    uuid = reader.reads(arn)
    put(arn, 1)
    until(lambda: reader.effects() == [1])
    mapping_arn = f"arn:aws:lambda:us-east-1:000000000000:event-source-mapping:{uuid}"
    boto3.client("lambda").tag_resource(Resource=mapping_arn, Tags={"headrace:enabled": "false"})
    until(lambda: status_of(mappings, reader) is None)
    put(arn, 2)
    boto3.client("lambda").tag_resource(Resource=mapping_arn, Tags={"headrace:enabled": "true"})
    boto3.client("lambda").update_event_source_mapping(UUID=uuid, BatchSize=7)
    until(lambda: len(reader.effects()) == 2)
    assert reader.effects() == [1, 2]


def allow(reader: Reader, arn: str, *actions: str) -> None:
    role = boto3.client("lambda").get_function_configuration(FunctionName=reader.function)["Role"]
    statement = {"Effect": "Allow", "Action": actions, "Resource": arn}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    boto3.client("iam").put_role_policy(RoleName=role.rpartition("/")[2], PolicyName="p", PolicyDocument=document)


def status_of(mappings: Mappings, reader: Reader) -> dict[str, Any] | None:
    name = reader.function.rpartition(":")[2]
    return next((each for each in mappings.status() if each["name"] == name), None)


def remove(reader: Reader) -> None:
    functions = boto3.client("lambda")
    for each in functions.list_event_source_mappings(FunctionName=reader.function)["EventSourceMappings"]:
        functions.delete_event_source_mapping(UUID=each["UUID"])
