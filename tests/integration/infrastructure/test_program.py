"""The program as deployed, in each of its shapes, held to what a security reviewer would ask."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import parliament
import pytest
import yaml

from embedded import engine
from embedded.cloud.cloud import Cloud
from infrastructure.components.policies import WITHOUT_RESOURCE
from tests.integration.waiting import until

PROJECT = Path(__file__).parents[3]
WITHOUT_APPLICATIONS = {"headrace:applications": {}, "headrace:sources": {}}
SHAPES = {
    "full": {},
    "direct": {**WITHOUT_APPLICATIONS, "headrace:realtime": False},
    "lake": {**WITHOUT_APPLICATIONS, "headrace:snowflake": False},
    "cheapest": {**WITHOUT_APPLICATIONS, "headrace:realtime": False, "headrace:snowflake": False},
}


class Silent:
    """A reporter that shows nothing."""

    def step(self, *_: Any) -> None: ...
    def done(self, *_: Any) -> None: ...
    def diagnostic(self, *_: Any) -> None: ...


@dataclass(frozen=True)
class Resource:
    type: str
    name: str
    inputs: dict[str, Any]
    outputs: dict[str, Any]
    dependencies: list[str]


@dataclass(frozen=True)
class Stack:
    """What stands after the first `up`, and how a second went."""

    name: str
    outputs: dict[str, Any]
    resources: list[Resource]
    second: dict[str, int]

    def all(self, type_: str) -> list[Resource]:
        return [resource for resource in self.resources if resource.type == type_]

    def policies(self) -> dict[str, dict[str, Any]]:
        found = self.all("aws:iam/rolePolicy:RolePolicy")
        return {policy.name: json.loads(policy.inputs["policy"]) for policy in found}


def name_of(urn: str) -> str:
    return urn.rpartition("::")[2]


@pytest.fixture(scope="module", params=SHAPES)
def stack(request: pytest.FixtureRequest, cloud: Cloud, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    folder = tmp_path_factory.mktemp(request.param)
    project = yaml.safe_load((PROJECT / "Pulumi.yaml").read_text())
    (folder / "Pulumi.yaml").write_text(yaml.safe_dump({**project, "main": str(PROJECT / "infrastructure")}))
    local = yaml.safe_load((PROJECT / "Pulumi.local.yaml").read_text())["config"]
    config = {**local, **SHAPES[request.param]}
    (folder / f"Pulumi.{request.param}.yaml").write_text(yaml.safe_dump({"config": config}))
    place = (folder, request.param, folder / "state.json", Silent())
    try:
        first = engine.up(*place)
        second = engine.up(*place)
        recorded = json.loads((folder / "state.json").read_text())["resources"]
        resources = [
            Resource(
                type=entry["type"],
                name=name_of(urn),
                inputs=entry["inputs"],
                outputs=entry["outputs"],
                dependencies=[name_of(one) for one in entry["dependencies"]],
            )
            for urn, entry in recorded.items()
            if entry["custom"]
        ]
        yield Stack(request.param, first.outputs, resources, {str(k): n for k, n in second.counts.items()})
    finally:
        engine.destroy(*place)


def test_a_second_up_changes_nothing(stack: Stack):
    assert list(stack.second) == ["same"]


def test_outputs_name_what_the_shape_has(stack: Stack):
    realtime, snowflake = stack.name in ("full", "lake"), stack.name in ("full", "direct")
    assert ("events_stream" in stack.outputs) == realtime
    assert ("snowflake_table" in stack.outputs) == snowflake
    assert bool(stack.all("aws:kinesis/stream:Stream")) == realtime
    assert bool(stack.all("snowflake:index/pipe:Pipe")) == snowflake
    assert {"collect_url", "batch_url", "bucket", "raw_delivery_stream", "bad_delivery_stream"} <= set(stack.outputs)


def test_an_event_reaches_the_lake_and_a_bad_one_the_bad_rows(stack: Stack):
    """The function is invoked as the API does it, with the role, the environment and the deliveries of the shape."""
    (collect,) = [f for f in stack.all("aws:lambda/function:Function") if f.name == "collect-function"]
    client, bucket = boto3.client("lambda"), stack.outputs["bucket"]
    for query in ("v=1&t=pageview&cid=somebody&z=1", "v=1&t=pageview"):
        http = {"method": "GET", "path": "/collect", "sourceIp": "127.0.0.1"}
        event = {"version": "2.0", "rawPath": "/collect", "rawQueryString": query, "requestContext": {"http": http}}
        answer = client.invoke(FunctionName=collect.outputs["name"], Payload=json.dumps(event))
        assert json.loads(answer["Payload"].read())["statusCode"] == 200

    def under(prefix: str) -> list[dict[str, Any]]:
        return boto3.client("s3").list_objects_v2(Bucket=bucket, Prefix=prefix).get("Contents", [])

    assert len(until(lambda: under("raw/"))) == 1
    assert len(until(lambda: under("bad/"))) == 1
    assert not under("spill/")


def test_policies_allow_named_actions_on_named_resources(stack: Stack):
    for name, policy in stack.policies().items():
        for statement in policy["Statement"]:
            assert not [action for action in statement["Action"] if "*" in action], name
            if "*" in statement["Resource"]:
                assert WITHOUT_RESOURCE.issuperset(statement["Action"]), name


def test_policies_pass_the_linter(stack: Stack):
    for name, policy in stack.policies().items():
        findings = parliament.analyze_policy_string(json.dumps(policy)).findings
        assert [str(finding) for finding in findings] == [], name


def test_every_role_trusts_one_principal(stack: Stack):
    roles = stack.all("aws:iam/role:Role")
    assert len({role.name for role in roles}) == len(roles)
    for role in roles:
        (statement,) = json.loads(role.inputs["assumeRolePolicy"])["Statement"]
        (principal,) = statement["Principal"].values()
        assert isinstance(principal, str), role.name
        assert "*" not in principal, role.name
        if "AWS" in statement["Principal"]:
            assert statement["Condition"]["StringEquals"]["sts:ExternalId"], role.name


def test_a_function_and_a_delivery_have_a_role_of_their_own(stack: Stack):
    functions = [f.inputs["role"] for f in stack.all("aws:lambda/function:Function")]
    deliveries = [
        d.inputs["extendedS3Configuration"]["roleArn"]
        for d in stack.all("aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream")
    ]
    assert len(set(functions + deliveries)) == len(functions + deliveries)


def test_the_bucket_is_encrypted_versioned_private_and_tls_only(stack: Stack):
    (bucket,) = stack.all("aws:s3/bucket:Bucket")
    assert bucket
    (encryption,) = stack.all("aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration")
    assert encryption.inputs["rules"][0]["applyServerSideEncryptionByDefault"]["sseAlgorithm"] == "AES256"
    (versioning,) = stack.all("aws:s3/bucketVersioning:BucketVersioning")
    assert versioning.inputs["versioningConfiguration"]["status"] == "Enabled"
    (private,) = stack.all("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock")
    flags = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
    assert all(private.inputs[flag] for flag in flags)
    (policy,) = stack.all("aws:s3/bucketPolicy:BucketPolicy")
    (statement,) = json.loads(policy.inputs["policy"])["Statement"]
    assert statement["Effect"] == "Deny"
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_streams_are_encrypted(stack: Stack):
    for stream in stack.all("aws:kinesis/stream:Stream"):
        assert stream.inputs["encryptionType"] == "KMS"
    for delivery in stack.all("aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream"):
        encrypted_here = delivery.inputs.get("serverSideEncryption", {}).get("enabled", False)
        assert encrypted_here != ("kinesisSourceConfiguration" in delivery.inputs)


def test_every_log_is_kept_for_a_while_and_not_for_ever(stack: Stack):
    groups = stack.all("aws:cloudwatch/logGroup:LogGroup")
    assert groups
    assert all(group.inputs["retentionInDays"] > 0 for group in groups)
    for function in stack.all("aws:lambda/function:Function"):
        assert function.inputs["loggingConfig"]["logGroup"], "else Lambda makes a group that keeps logs for ever"


def test_functions_run_what_the_cloud_runs_and_are_traced(stack: Stack):
    for function in stack.all("aws:lambda/function:Function"):
        assert function.inputs["runtime"] == "python3.13"
        assert function.inputs["architectures"] == ["arm64"]
        assert function.inputs["tracingConfig"] == {"mode": "Active"}


def test_the_collector_can_write_what_it_must_and_nothing_else(stack: Stack):
    policy = stack.policies()["collect-function"]
    actions = {action for statement in policy["Statement"] for action in statement["Action"]}
    puts = {"kinesis:PutRecords"} if stack.name in ("full", "lake") else set()
    assert actions == puts | {
        "firehose:PutRecord",
        "firehose:PutRecordBatch",
        "logs:CreateLogStream",
        "logs:PutLogEvents",
        "s3:PutObject",
        "xray:PutTraceSegments",
        "xray:PutTelemetryRecords",
    }


def test_failures_raise_alarms(stack: Stack):
    watched = {
        (a.inputs["namespace"], a.inputs["metricName"]) for a in stack.all("aws:cloudwatch/metricAlarm:MetricAlarm")
    }
    assert {
        ("AWS/Lambda", "Errors"),
        ("AWS/Lambda", "Throttles"),
        ("AWS/ApiGateway", "5xx"),
        ("AWS/Firehose", "DeliveryToS3.DataFreshness"),
    } <= watched


def test_the_api_is_throttled_logged_and_has_the_three_routes(stack: Stack):
    (stage,) = stack.all("aws:apigatewayv2/stage:Stage")
    assert stage.inputs["defaultRouteSettings"]["throttlingRateLimit"] > 0
    assert stage.inputs["accessLogSettings"]["destinationArn"]
    routes = {route.inputs["routeKey"] for route in stack.all("aws:apigatewayv2/route:Route")}
    assert routes == {"GET /collect", "POST /collect", "POST /batch", "POST /v1/{call}"}


def test_the_read_only_role_can_change_nothing(stack: Stack):
    grants = stack.all("snowflake:index/grantPrivilegesToAccountRole:GrantPrivilegesToAccountRole")
    assert bool(grants) == (stack.name in ("full", "direct"))
    for grant in grants:
        if grant.inputs["accountRoleName"].endswith("_RO"):
            assert set(grant.inputs["privileges"]) <= {"USAGE", "SELECT"}, grant.name


def test_grants_on_future_tables_stand_before_the_table_is_made(stack: Stack):
    for table in stack.all("snowflake:index/table:Table"):
        assert {"warehouse-ro-future-tables", "warehouse-rw-future-tables"} <= set(table.dependencies)


def test_the_pipe_waits_for_the_permission_to_read(stack: Stack):
    for pipe in stack.all("snowflake:index/pipe:Pipe"):
        assert "logs-snowpipe" in pipe.dependencies
