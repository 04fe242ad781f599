"""The embedded PutEvents through AWS's own SDK: held to the API's model and to the caller's rights, and recorded."""

import json
import os
import time
import urllib.request
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from embedded.cloud.cloud import Cloud
from tests.integration.faults import TOO_MANY, faults

EVENT = {"eventType": "Product Clicked", "sentAt": 1_700_000_000}
# What the SDK would refuse itself is sent all the same: the service must not depend on who calls.
UNCHECKED = Config(parameter_validation=False, retries={"total_max_attempts": 1})


def put(client: Any, *events: dict[str, Any], **more: Any) -> None:
    client.put_events(**{"trackingId": "tracker", "sessionId": "session", "eventList": list(events), **more})


def recorded(cloud: Cloud) -> list[dict[str, Any]]:
    path = cloud.folder / "personalize.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def test_events_are_recorded_as_they_were_put(cloud: Cloud):
    properties = json.dumps({"itemId": "sku-1"})
    before = len(recorded(cloud))
    put(boto3.client("personalize-events"), {**EVENT, "eventId": "a", "properties": properties}, EVENT, userId="me")
    (call,) = recorded(cloud)[before:]
    assert (call["trackingId"], call["userId"], call["sessionId"]) == ("tracker", "me", "session")
    first, second = call["eventList"]
    assert first["eventId"] == "a"
    assert json.loads(first["properties"]) == {"itemId": "sku-1"}
    assert first["sentAt"] == 1_700_000_000
    assert second["eventId"]


def test_what_the_service_would_not_take_is_refused_with_the_reason(cloud: Cloud):
    before = recorded(cloud)
    client = boto3.client("personalize-events", config=UNCHECKED)
    for event, code, words in (
        ({**EVENT, "itemId": ""}, "ValidationException", r"'eventList\.2\.member\.itemId' failed"),
        ({**EVENT, "properties": '{"userId": "x"}'}, "InvalidInputException", "reserved keyword"),
    ):
        with pytest.raises(ClientError, match=words) as refused:
            put(client, EVENT, event)
        assert refused.value.response["Error"]["Code"] == code
    assert recorded(cloud) == before


def test_a_session_called_null_is_dropped_without_a_word(cloud: Cloud):
    before = recorded(cloud)
    put(boto3.client("personalize-events"), EVENT, sessionId="null")
    assert recorded(cloud) == before


@pytest.mark.parametrize("body", [b"", b"[]", b"not json", b"null", b'{"eventList": "x"}', b'{"eventList": [1]}'])
def test_no_body_is_too_odd_for_an_answer(cloud: Cloud, body: bytes):
    request = urllib.request.Request(os.environ["AWS_ENDPOINT_URL_PERSONALIZE_EVENTS"] + "/events", data=body)
    request.add_header("Authorization", f"AWS4-HMAC-SHA256 Credential={os.environ['AWS_ACCESS_KEY_ID']}/x")
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request)
    assert refused.value.code == 400
    assert json.load(refused.value)["message"]


def test_other_operations_are_unknown(cloud: Cloud):
    with pytest.raises(ClientError) as refused:
        boto3.client("personalize-events").put_users(
            datasetArn="arn:aws:personalize:us-east-1:000000000000:dataset/a/USERS", users=[{"userId": "u"}]
        )
    assert refused.value.response["Error"]["Code"] == "UnknownOperationException"


def test_a_role_may_put_only_if_its_policy_says_so(cloud: Cloud):
    iam, name = boto3.client("iam"), f"feed-{time.time_ns()}"
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=document)["Role"]["Arn"]
    given = boto3.client("sts").assume_role(RoleArn=role, RoleSessionName="test")["Credentials"]
    client = boto3.client(
        "personalize-events",
        aws_access_key_id=given["AccessKeyId"],
        aws_secret_access_key=given["SecretAccessKey"],
        aws_session_token=given["SessionToken"],
    )
    try:
        with pytest.raises(ClientError, match="personalize:PutEvents") as refused:
            put(client, EVENT)
        assert refused.value.response["Error"]["Code"] == "AccessDeniedException"
        allowed = {"Effect": "Allow", "Action": "personalize:PutEvents", "Resource": "*"}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [allowed]})
        iam.put_role_policy(RoleName=name, PolicyName="put", PolicyDocument=policy)
        put(client, EVENT)
    finally:
        iam.delete_role_policy(RoleName=name, PolicyName="put")
        iam.delete_role(RoleName=name)


def test_throttling_can_be_provoked(cloud: Cloud):
    with faults(os.environ["AWS_ENDPOINT_URL_PERSONALIZE_EVENTS"]) as proxy:
        proxy.refuse("POST /events", TOO_MANY, times=1)
        client = boto3.client("personalize-events", endpoint_url=proxy.url, config=UNCHECKED)
        with pytest.raises(ClientError) as refused:
            put(client, EVENT)
        assert refused.value.response["Error"]["Code"] == "ThrottlingException"
        put(client, EVENT)
