"""The faults that tests inject are those that they say."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ReadTimeoutError

from tests.integration.account import Account
from tests.integration.faults import ANSWER_LOST, THROTTLED, Refusal, faults, kill_workers
from tests.integration.readers import table
from tests.integration.waiting import until

ONCE = Config(retries={"total_max_attempts": 1}, read_timeout=0.3)
FUNCTION = """
import boto3, os, time

def handler(event, context):
    print("called")
    if "marks" in event:
        open(event["marks"], "w").close()
        time.sleep(60)
    boto3.client("dynamodb").put_item(TableName=event["table"], Item={"id": {"S": "a"}})
"""


def test_chosen_calls_are_refused_and_the_others_pass(emulator: Account):
    name, _ = table()
    with faults(emulator.url) as proxy:
        dynamodb = boto3.client("dynamodb", endpoint_url=proxy.url, config=ONCE)
        proxy.refuse("PutItem", THROTTLED, times=1)
        with pytest.raises(dynamodb.exceptions.ProvisionedThroughputExceededException):
            dynamodb.put_item(TableName=name, Item={"id": {"S": "a"}})
        dynamodb.put_item(TableName=name, Item={"id": {"S": "b"}})
        assert [item["id"]["S"] for item in dynamodb.scan(TableName=name)["Items"]] == ["b"]
        assert proxy.refused == {"PutItem": 1}
        assert proxy.seen == {"PutItem": 2, "Scan": 1}


def test_an_answer_may_be_lost_and_a_call_hang(emulator: Account):
    name, _ = table()
    with faults(emulator.url) as proxy:
        dynamodb = boto3.client("dynamodb", endpoint_url=proxy.url, config=ONCE)
        proxy.refuse("PutItem", ANSWER_LOST, times=1)
        with pytest.raises(ClientError, match="refused on purpose"):
            dynamodb.put_item(TableName=name, Item={"id": {"S": "a"}})
        assert dynamodb.scan(TableName=name)["Count"] == 1
        proxy.refuse(None, Refusal(hangs_seconds=0.5), times=1)
        with pytest.raises(ReadTimeoutError):
            dynamodb.scan(TableName=name)


def test_a_share_is_the_same_at_every_run(emulator: Account):
    name, _ = table()
    refused = []
    for _ in range(2):
        with faults(emulator.url) as proxy:
            proxy.refuse("DescribeTable", share=0.3, seed=7)
            dynamodb = boto3.client("dynamodb", endpoint_url=proxy.url, config=ONCE)
            outcomes = ""
            for _ in range(20):
                try:
                    dynamodb.describe_table(TableName=name)
                    outcomes += "."
                except ClientError:
                    outcomes += "x"
            refused.append(outcomes)
    assert refused[0] == refused[1]
    assert 2 <= refused[0].count("x") <= 10


def test_a_function_reaches_a_service_through_the_proxy_with_its_own_rights(emulator: Account):
    name, _ = table()
    with faults(emulator.url) as proxy:
        function = emulator.function(FUNCTION, {"AWS_ENDPOINT_URL_DYNAMODB": proxy.url})
        answer = boto3.client("lambda").invoke(FunctionName=function, Payload=json.dumps({"table": name}))
        assert "FunctionError" not in answer, answer["Payload"].read()
        assert proxy.seen == {"PutItem": 1}


def test_a_worker_can_be_killed_in_the_midst_of_an_invocation(emulator: Account, tmp_path: Path):
    function = emulator.function(FUNCTION)
    mark = tmp_path / "running"
    with ThreadPoolExecutor() as pool:
        running = pool.submit(
            boto3.client("lambda").invoke, FunctionName=function, Payload=json.dumps({"marks": str(mark)})
        )
        until(mark.exists)
        assert kill_workers(function) == 1
        assert running.result()["FunctionError"]
