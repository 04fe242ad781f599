"""The engine and its providers against the emulator: what is declared is set, changed, found again and removed."""

# ruff: noqa: ARG002 - a reporter hears more than is looked at here

import json
import socket
from pathlib import Path
from typing import Any

import boto3
import pytest

from embedded import engine
from headrace.console import Problem

PRELUDE = """
import json
import pulumi
import pulumi_aws as aws
from pulumi import Output, ResourceOptions

settings = pulumi.Config()
days = settings.get_int("days") or 14
account = aws.get_caller_identity().account_id

def trust(service):
    return json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": service}}]})
"""
LAKE = """
lake = aws.s3.Bucket("lake", force_destroy=True, tags={"days": str(days)})
aws.s3.BucketVersioning("lake", bucket=lake.id, versioning_configuration={"status": "Enabled"})
aws.s3.BucketServerSideEncryptionConfiguration("lake", bucket=lake.id, rules=[
    {"apply_server_side_encryption_by_default": {"sse_algorithm": "AES256"}, "bucket_key_enabled": True}])
aws.s3.BucketPublicAccessBlock("lake", bucket=lake.id, block_public_acls=True, block_public_policy=True,
    ignore_public_acls=True, restrict_public_buckets=True)
aws.s3.BucketOwnershipControls("lake", bucket=lake.id, rule={"object_ownership": "BucketOwnerEnforced"})
aws.s3.BucketLifecycleConfiguration("lake", bucket=lake.id, rules=[
    {"id": "raw", "status": "Enabled", "filter": {"prefix": "raw/"}, "expiration": {"days": days},
     "noncurrent_version_expiration": {"noncurrent_days": 7},
     "abort_incomplete_multipart_upload": {"days_after_initiation": 1}}])
aws.s3.BucketPolicy("lake", bucket=lake.id, policy=aws.iam.get_policy_document_output(statements=[{
    "sid": "Tls", "effect": "Deny", "actions": ["s3:*"], "resources": [lake.arn, Output.concat(lake.arn, "/*")],
    "principals": [{"type": "*", "identifiers": ["*"]}],
    "conditions": [{"test": "Bool", "variable": "aws:SecureTransport", "values": ["false"]}]}]).json)
pulumi.export("bucket", lake.bucket)
"""
STREAMS = """
events = aws.kinesis.Stream("events", shard_count=1, retention_period=24 + days, encryption_type="KMS",
    kms_key_id="alias/aws/kinesis", tags={"days": str(days)})
role = aws.iam.Role("delivery", assume_role_policy=trust("firehose.amazonaws.com"), max_session_duration=3600)
policy = aws.iam.RolePolicy("delivery", role=role.id, policy=Output.json_dumps({"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Action": ["s3:PutObject"], "Resource": [Output.concat(lake.arn, "/*")]},
    {"Effect": "Allow", "Action": ["kinesis:Get*", "kinesis:List*", "kinesis:Describe*"], "Resource": [events.arn]}]}))
delivery = aws.kinesis.FirehoseDeliveryStream("raw", destination="extended_s3",
    kinesis_source_configuration={"kinesis_stream_arn": events.arn, "role_arn": role.arn},
    extended_s3_configuration={"bucket_arn": lake.arn, "role_arn": role.arn, "prefix": "raw/",
        "error_output_prefix": "errors/", "buffering_interval": 60 + days, "buffering_size": 4,
        "compression_format": "GZIP", "file_extension": ".json.gz",
        "processing_configuration": {"enabled": True, "processors": [{"type": "AppendDelimiterToRecord",
            "parameters": [{"parameter_name": "Delimiter", "parameter_value": "\\\\n"}]}]},
        "cloudwatch_logging_options": {"enabled": True, "log_group_name": "g", "log_stream_name": "s"}},
    opts=ResourceOptions(depends_on=[policy]))
pulumi.export("stream", events.name)
pulumi.export("delivery", delivery.name)
"""
FUNCTION = """
logs = aws.cloudwatch.LogGroup("collect", retention_in_days=days)
runs = aws.iam.Role("collect", assume_role_policy=trust("lambda.amazonaws.com"))
function = aws.lambda_.Function("collect", role=runs.arn, runtime="python3.13", handler="app.handler", timeout=10,
    code=pulumi.FileArchive(settings.require("code")), memory_size=128 + days, architectures=["arm64"],
    reserved_concurrent_executions=days, environment={"variables": {"DAYS": str(days)}},
    tracing_config={"mode": "Active"}, logging_config={"log_format": "Text", "log_group": logs.name})
topic = aws.sns.Topic("alarms", display_name=f"{days} days")
aws.cloudwatch.MetricAlarm("errors", namespace="AWS/Lambda", metric_name="Errors", statistic="Sum", period=60,
    evaluation_periods=1, threshold=days, comparison_operator="GreaterThanThreshold", alarm_actions=[topic.arn],
    dimensions={"FunctionName": function.name}, treat_missing_data="notBreaching")
aws.cloudwatch.Dashboard("dashboard", dashboard_name=Output.concat(function.name, "-dashboard"),
    dashboard_body=json.dumps({"widgets": [{"type": "text", "width": days, "properties": {"markdown": "x"}}]}))
queue = aws.sqs.Queue("dead", message_retention_seconds=days * 86400 if days < 15 else 1209600,
    visibility_timeout_seconds=days)
again = aws.iam.Role("again", assume_role_policy=trust("scheduler.amazonaws.com"))
aws.scheduler.Schedule("again", schedule_expression=f"rate({days} minutes)", flexible_time_window={"mode": "OFF"},
    target={"arn": function.arn, "role_arn": again.arn, "input": "{}", "retry_policy": {"maximum_retry_attempts": 1},
            "dead_letter_config": {"arn": queue.arn}})
api = aws.apigatewayv2.Api("api", protocol_type="HTTP", cors_configuration={"allow_origins": ["*"], "max_age": days})
integration = aws.apigatewayv2.Integration("collect", api_id=api.id, integration_type="AWS_PROXY",
    integration_uri=function.arn, payload_format_version="2.0", timeout_milliseconds=1000 * days)
for key in ("POST /collect", "GET /collect"):
    aws.apigatewayv2.Route(key, api_id=api.id, route_key=key, target=Output.concat("integrations/", integration.id))
stage = aws.apigatewayv2.Stage("api", api_id=api.id, name="$default", auto_deploy=True,
    default_route_settings={"throttling_rate_limit": 100.5, "throttling_burst_limit": days},
    access_log_settings={"destination_arn": logs.arn, "format": '{"status":"$context.status"}'})
aws.lambda_.Permission("api", action="lambda:InvokeFunction", function=function.name,
    principal="apigateway.amazonaws.com", source_arn=Output.concat(api.execution_arn, "/*/*"))
pulumi.export("function", function.name)
pulumi.export("api", api.id)
pulumi.export("url", stage.invoke_url)
pulumi.export("endpoint", api.api_endpoint)
pulumi.export("logs", logs.name)
pulumi.export("queue", queue.url)
"""


class Quiet:
    """A reporter that remembers what was done."""

    def __init__(self) -> None:
        self.steps: list[str] = []
        self.said: list[str] = []

    def step(self, action: str, type: str, name: str, detail: str) -> None:
        self.steps.append(f"{action} {type.rpartition(':')[2]} {name}")

    def done(self, action: str, type: str, name: str, seconds: float) -> None:
        assert seconds >= 0

    def diagnostic(self, severity: str, message: str) -> None:
        self.said.append(message)


class Project:
    """One stack deployed to the emulator, in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.state, self.report = folder, folder / "home" / "state.json", Quiet()
        code = folder / "code"
        code.mkdir()
        (code / "app.py").write_text(
            "def handler(event, context):\n    print('called')\n    return {'statusCode': 200}\n"
        )
        (folder / "Pulumi.yaml").write_text(f"name: p{folder.parent.name[-6:]}{folder.name[-6:]}\nruntime: python\n")
        self.configure()

    def configure(self, **settings: Any) -> None:
        config = {"aws:region": "us-east-1", "code": str(self.folder / "code"), **settings}
        (self.folder / "Pulumi.local.yaml").write_text(json.dumps({"config": config}))

    def up(self, program: str | None = None) -> engine.Outcome:
        if program is not None:
            (self.folder / "__main__.py").write_text(PRELUDE + program)
        self.report = Quiet()
        return engine.up(self.folder, "local", self.state, self.report)

    def destroy(self) -> engine.Outcome:
        self.report = Quiet()
        return engine.destroy(self.folder, "local", self.state, self.report)


@pytest.fixture
def project(cloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Destroyed after the test, which must leave nothing in the services it uses."""
    monkeypatch.setenv("HEADRACE_SNOWFLAKE_CATALOGUE", str(tmp_path / "snowflake" / "catalogue.json"))
    before = inventory()
    made = Project(tmp_path)
    yield made
    made.destroy()
    assert inventory() == before


def inventory() -> dict[str, int]:
    """How many resources of each kind there are."""
    return {
        "buckets": len(boto3.client("s3").list_buckets()["Buckets"]),
        "roles": len(boto3.client("iam").list_roles()["Roles"]),
        "functions": len(boto3.client("lambda").list_functions()["Functions"]),
        "streams": len(boto3.client("kinesis").list_streams()["StreamNames"]),
        "deliveries": len(boto3.client("firehose").list_delivery_streams()["DeliveryStreamNames"]),
        "apis": len(boto3.client("apigatewayv2").get_apis()["Items"]),
        "log groups": len(boto3.client("logs").describe_log_groups()["logGroups"]),
        "alarms": len(boto3.client("cloudwatch").describe_alarms()["MetricAlarms"]),
        "dashboards": len(boto3.client("cloudwatch").list_dashboards()["DashboardEntries"]),
        "queues": len(boto3.client("sqs").list_queues().get("QueueUrls", [])),
        "topics": len(boto3.client("sns").list_topics()["Topics"]),
        "schedules": len(boto3.client("scheduler").list_schedules()["Schedules"]),
    }


def test_a_bucket_gets_all_its_settings_and_goes_with_all_its_versions(project):
    outputs = project.up(LAKE).outputs
    s3, bucket = boto3.client("s3"), {"Bucket": outputs["bucket"]}
    assert s3.get_bucket_versioning(**bucket)["Status"] == "Enabled"
    rule = s3.get_bucket_encryption(**bucket)["ServerSideEncryptionConfiguration"]["Rules"][0]
    assert rule["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256"
    assert all(s3.get_public_access_block(**bucket)["PublicAccessBlockConfiguration"].values())
    assert s3.get_bucket_ownership_controls(**bucket)["OwnershipControls"]["Rules"] == [
        {"ObjectOwnership": "BucketOwnerEnforced"}
    ]
    (rule,) = s3.get_bucket_lifecycle_configuration(**bucket)["Rules"]
    assert (rule["Filter"], rule["Expiration"]) == ({"Prefix": "raw/"}, {"Days": 14})
    assert rule["NoncurrentVersionExpiration"] == {"NoncurrentDays": 7}
    statement = json.loads(s3.get_bucket_policy(**bucket)["Policy"])["Statement"][0]
    assert statement["Condition"]["Bool"] == {"aws:SecureTransport": "false"}
    for body in (b"one", b"two"):
        s3.put_object(**bucket, Key="raw/x", Body=body)
    s3.delete_object(**bucket, Key="raw/x")


def test_a_bucket_that_may_not_be_emptied_is_kept_with_its_objects(project):
    bucket = project.up(LAKE.replace("force_destroy=True", "force_destroy=False")).outputs["bucket"]
    boto3.client("s3").put_object(Bucket=bucket, Key="raw/x", Body=b"precious")
    with pytest.raises(Problem, match=r"delete of aws:s3/bucket:Bucket 'lake' failed.*not empty"):
        project.destroy()
    assert boto3.client("s3").get_object(Bucket=bucket, Key="raw/x")["Body"].read() == b"precious"
    boto3.client("s3").delete_object(Bucket=bucket, Key="raw/x")
    project.up(LAKE)  # as a user would: allow it


def test_streams_and_deliveries_are_as_declared_and_change_in_place(project):
    outputs = project.up(LAKE + STREAMS).outputs
    name = outputs["delivery"]
    described = delivery_of(name)
    s3 = described["Destinations"][0]["ExtendedS3DestinationDescription"]
    assert described["DeliveryStreamType"] == "KinesisStreamAsSource"
    assert s3["BufferingHints"] == {"IntervalInSeconds": 74, "SizeInMBs": 4}
    assert (s3["CompressionFormat"], s3["Prefix"], s3["FileExtension"]) == ("GZIP", "raw/", ".json.gz")
    assert stream_of(outputs["stream"])["RetentionPeriodHours"] == 38
    project.configure(days=20)
    assert project.up().counts == {"same": 7, "update": 4}
    s3 = delivery_of(name)["Destinations"][0]["ExtendedS3DestinationDescription"]
    assert s3["BufferingHints"] == {"IntervalInSeconds": 80, "SizeInMBs": 4}
    assert stream_of(outputs["stream"])["RetentionPeriodHours"] == 44


def test_a_function_with_its_api_is_as_declared(project):
    outputs = project.up(FUNCTION).outputs
    check_function(outputs, 14)
    assert outputs["endpoint"] + "/" == outputs["url"]
    assert outputs["url"].startswith("http://127.0.0.1:")
    assert project.up().counts == {"same": 15}


def test_a_function_with_its_api_changes_in_place(project):
    before = project.up(FUNCTION).outputs
    project.configure(days=7)
    outcome = project.up()
    assert outcome.counts == {"update": 10, "same": 5}
    assert outcome.outputs == before
    check_function(before, 7)


def test_new_code_changes_the_function_alone(project):
    name = project.up(FUNCTION).outputs["function"]
    before = boto3.client("lambda").get_function_configuration(FunctionName=name)["CodeSha256"]
    (project.folder / "code" / "app.py").write_text("def handler(event, context):\n    return {}\n")
    project.up()
    assert project.report.steps == ["update Function collect"]
    assert boto3.client("lambda").get_function_configuration(FunctionName=name)["CodeSha256"] != before


def test_a_run_that_lost_its_state_finds_everything_again(project):
    before = project.up(LAKE + STREAMS + FUNCTION)
    resources = json.loads(project.state.read_text())["resources"]
    project.state.write_text(
        json.dumps(
            {
                "format": 1,
                "resources": {
                    urn: {**entry, "pending": True, "id": "", "outputs": {}} for urn, entry in resources.items()
                },
                "retired": [],
                "outputs": {},
                "secret_outputs": [],
            }
        )
    )
    counted = inventory()
    after = project.up()
    assert after.outputs == before.outputs
    assert inventory() == counted
    assert project.up().counts == {"same": 26}


def test_tags_and_region_come_from_the_providers_configuration(project):
    project.configure(**{"aws:defaultTags": {"tags": {"team": "data", "stack": "test"}}})
    program = """
west = aws.Provider("west", region="us-west-2", default_tags={"tags": {"where": "west"}})
pulumi.export("here", aws.kinesis.Stream("here", shard_count=1, tags={"stack": "own"}).name)
pulumi.export("there", aws.kinesis.Stream("there", shard_count=1, opts=ResourceOptions(provider=west)).arn)
pulumi.export("region", aws.get_region(opts=pulumi.InvokeOptions(provider=west)).region)
"""
    outputs = project.up(program).outputs
    tags = {
        tag["Key"]: tag["Value"]
        for tag in boto3.client("kinesis").list_tags_for_stream(StreamName=outputs["here"])["Tags"]
    }
    assert tags == {"team": "data", "stack": "own"}
    assert outputs["there"].startswith("arn:aws:kinesis:us-west-2:")
    assert outputs["region"] == "us-west-2"
    project.configure(**{"aws:defaultTags": {"tags": {"team": "events"}}})
    assert project.up().counts == {"update": 1, "same": 1}


TAGGED = """
aws.s3.Bucket("b")
aws.iam.Role("r", assume_role_policy=trust("lambda.amazonaws.com"))
aws.kinesis.Stream("k", shard_count=1)
aws.cloudwatch.LogGroup("l")
aws.sqs.Queue("q")
aws.sns.Topic("t")
aws.apigatewayv2.Api("a", protocol_type="HTTP")
aws.cloudwatch.MetricAlarm("m", namespace="N", metric_name="M", statistic="Sum", period=60, evaluation_periods=1,
    threshold=1, comparison_operator="GreaterThanThreshold")
"""


def test_default_tags_reach_every_kind_of_resource_and_leave_again(project):
    project.configure(**{"aws:defaultTags": {"tags": {"team": "data"}}})
    project.up(TAGGED)
    assert all(tags == {"team": "data"} for tags in tags_of_all().values())
    project.configure()
    assert project.up().counts == {"update": 8}
    assert not any(tags_of_all().values())


def tags_of_all() -> dict[str, dict[str, str]]:
    """The tags of the one resource of each kind."""
    s3, iam, kinesis, logs = (boto3.client(name) for name in ("s3", "iam", "kinesis", "logs"))
    sqs, sns, api, alarms = (boto3.client(name) for name in ("sqs", "sns", "apigatewayv2", "cloudwatch"))

    def pairs(tags: list[dict[str, str]]) -> dict[str, str]:
        return {tag["Key"]: tag["Value"] for tag in tags}

    try:
        of_bucket = s3.get_bucket_tagging(Bucket=s3.list_buckets()["Buckets"][0]["Name"])["TagSet"]
    except s3.exceptions.ClientError:
        of_bucket = []
    alarm = alarms.describe_alarms()["MetricAlarms"][0]["AlarmArn"]
    stream = kinesis.list_streams()["StreamNames"][0]
    (queue,) = sqs.list_queues()["QueueUrls"]
    (http_api,) = api.get_apis()["Items"]
    (topic,) = sns.list_topics()["Topics"]
    return {
        "bucket": pairs(of_bucket),
        "role": pairs(iam.list_role_tags(RoleName=iam.list_roles()["Roles"][0]["RoleName"])["Tags"]),
        "stream": pairs(kinesis.list_tags_for_stream(StreamName=stream)["Tags"]),
        "log group": logs.list_tags_for_resource(resourceArn=logs.describe_log_groups()["logGroups"][0]["logGroupArn"])[
            "tags"
        ],
        "queue": sqs.list_queue_tags(QueueUrl=queue).get("Tags", {}),
        "topic": pairs(sns.list_tags_for_resource(ResourceArn=topic["TopicArn"])["Tags"]),
        "api": api.get_tags(ResourceArn=f"arn:aws:apigateway:us-east-1::/apis/{http_api['ApiId']}")["Tags"],
        "alarm": pairs(alarms.list_tags_for_resource(ResourceARN=alarm)["Tags"]),
    }


def test_a_mistake_of_the_program_names_the_resource_and_the_input(project):
    with pytest.raises(
        Problem, match=r"create of aws:s3/bucket:Bucket 'lake' failed: input 'website' fits no parameter"
    ):
        project.up('aws.s3.Bucket("lake", website={"index_document": "index.html"})')


def test_a_type_that_is_not_known_here_is_said(project):
    with pytest.raises(Problem, match="the embedded cloud has no resource type aws:ec2/vpc:Vpc"):
        project.up('aws.ec2.Vpc("net", cidr_block="10.0.0.0/16")')


def test_a_stack_whose_cloud_is_gone_can_be_destroyed(cloud, tmp_path, monkeypatch):
    project = Project(tmp_path)
    project.up('aws.sns.Topic("alarms")')
    with monkeypatch.context() as elsewhere:
        elsewhere.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{unused_port()}")
        project.destroy()
    assert not project.state.exists()
    assert any("not running" in line for line in project.report.said)
    for topic in boto3.client("sns").list_topics()["Topics"]:
        boto3.client("sns").delete_topic(TopicArn=topic["TopicArn"])


def delivery_of(name: str) -> dict[str, Any]:
    return boto3.client("firehose").describe_delivery_stream(DeliveryStreamName=name)["DeliveryStreamDescription"]


def stream_of(name: str) -> dict[str, Any]:
    return boto3.client("kinesis").describe_stream_summary(StreamName=name)["StreamDescriptionSummary"]


def check_function(outputs: dict[str, Any], days: int) -> None:
    found = boto3.client("lambda").get_function(FunctionName=outputs["function"])
    assert found["Configuration"]["MemorySize"] == 128 + days
    assert found["Configuration"]["Environment"]["Variables"] == {"DAYS": str(days)}
    assert found["Configuration"]["TracingConfig"]["Mode"] == "Active"
    assert found["Concurrency"]["ReservedConcurrentExecutions"] == days
    (group,) = boto3.client("logs").describe_log_groups(logGroupNamePrefix=outputs["logs"])["logGroups"]
    assert group["retentionInDays"] == days
    (alarm,) = boto3.client("cloudwatch").describe_alarms()["MetricAlarms"]
    assert (alarm["Threshold"], alarm["Dimensions"][0]["Value"]) == (days, outputs["function"])
    api = boto3.client("apigatewayv2")
    stage = api.get_stage(ApiId=outputs["api"], StageName="$default")
    assert stage["DefaultRouteSettings"]["ThrottlingBurstLimit"] == days
    assert api.get_api(ApiId=outputs["api"])["CorsConfiguration"]["MaxAge"] == days
    (integration,) = api.get_integrations(ApiId=outputs["api"])["Items"]
    assert integration["TimeoutInMillis"] == 1000 * days
    assert len(api.get_routes(ApiId=outputs["api"])["Items"]) == 2
    queue = boto3.client("sqs").get_queue_attributes(QueueUrl=outputs["queue"], AttributeNames=["All"])["Attributes"]
    assert queue["VisibilityTimeout"] == str(days)
    (schedule,) = boto3.client("scheduler").list_schedules()["Schedules"]
    assert (
        boto3.client("scheduler").get_schedule(Name=schedule["Name"])["ScheduleExpression"] == f"rate({days} minutes)"
    )


def unused_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
