import json

import pytest

from embedded.providers.cloud import Clients, Cloud
from embedded.providers.functions import FUNCTIONS
from headrace.console import Problem

DOCUMENT = FUNCTIONS["aws:iam/getPolicyDocument:getPolicyDocument"]
CLOUD = Cloud(Clients(), {"region": "eu-west-1"})


def document(**arguments) -> dict:
    return json.loads(DOCUMENT(CLOUD, arguments)["json"])


def test_a_policy_document_reads_as_terraforms():
    assert document(
        statements=[
            {
                "sid": "Read",
                "actions": ["s3:GetObject"],
                "resources": ["arn:b", "arn:a"],
                "principals": [{"type": "Service", "identifiers": ["lambda.amazonaws.com"]}],
                "conditions": [{"test": "StringEquals", "variable": "aws:SourceAccount", "values": ["1"]}],
            },
            {
                "effect": "Deny",
                "notActions": ["s3:*"],
                "resources": ["*"],
                "principals": [{"type": "*", "identifiers": ["*"]}],
            },
        ]
    ) == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "Read",
                "Effect": "Allow",
                "Principal": {"Service": "lambda.amazonaws.com"},
                "Action": "s3:GetObject",
                "Resource": ["arn:a", "arn:b"],
                "Condition": {"StringEquals": {"aws:SourceAccount": "1"}},
            },
            {"Effect": "Deny", "Principal": "*", "NotAction": "s3:*", "Resource": "*"},
        ],
    }


def test_an_overriding_statement_takes_the_place_of_its_namesake():
    base = json.dumps({"Statement": [{"Sid": "A", "Effect": "Allow"}, {"Sid": "B", "Effect": "Allow"}]})
    other = json.dumps({"Statement": {"Sid": "A", "Effect": "Deny"}})
    found = document(sourcePolicyDocuments=[base], overridePolicyDocuments=[other])
    assert found["Statement"] == [{"Sid": "B", "Effect": "Allow"}, {"Sid": "A", "Effect": "Deny"}]


def test_a_misspelt_part_of_a_statement_is_an_error():
    with pytest.raises(ValueError, match="'action' is not part of a policy statement"):
        document(statements=[{"action": ["s3:*"]}])


def test_the_region_is_the_providers_unless_asked_otherwise():
    region = FUNCTIONS["aws:index/getRegion:getRegion"]
    assert region(CLOUD, {})["region"] == "eu-west-1"
    assert region(CLOUD, {"region": "us-west-2"})["region"] == "us-west-2"


def test_without_a_region_the_setting_is_named(monkeypatch):
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(Problem, match="aws:region"):
        _ = Cloud(Clients(), {}).region
