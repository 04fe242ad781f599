"""The bare account that other tests stand on: it runs functions with the rights of their roles, and no others."""

import json

import boto3

from tests.integration.account import Account

WRITES = """
import boto3, json

def handler(event, context):
    print("called")
    boto3.client("dynamodb").put_item(TableName=event["table"], Item={"key": {"S": "written"}})
    return {"region": boto3.session.Session().region_name}
"""


def test_a_function_runs_with_its_roles_rights_only(emulator: Account):
    dynamodb = boto3.client("dynamodb")
    dynamodb.create_table(
        TableName="things",
        AttributeDefinitions=[{"AttributeName": "key", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "key", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
    )
    event = json.dumps({"table": "things"}).encode()
    answers = {
        allowed: boto3.client("lambda").invoke(
            FunctionName=emulator.function(WRITES, statements=statements), Payload=event
        )
        for allowed, statements in (
            (True, [{"Effect": "Allow", "Action": "dynamodb:PutItem", "Resource": "*"}]),
            (False, [{"Effect": "Allow", "Action": "dynamodb:GetItem", "Resource": "*"}]),
        )
    }
    assert json.load(answers[True]["Payload"]) == {"region": "us-east-1"}
    assert answers[False]["FunctionError"] == "Unhandled"
    assert "AccessDenied" in json.load(answers[False]["Payload"])["errorMessage"]
