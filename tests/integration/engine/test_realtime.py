"""What real-time applications are made of: tables, mappings, buses, senders, notifications."""

import json
import os
from typing import Any

import boto3
import pytest

from embedded.cloud import inventory
from headrace.console import Problem

TABLE = """
table = aws.dynamodb.Table("state", billing_mode="PAY_PER_REQUEST", hash_key="id",
    attributes=[{"name": "id", "type": "S"}], stream_enabled=True,
    stream_view_type="NEW_AND_OLD_IMAGES" if days == 14 else "KEYS_ONLY",
    ttl={"attribute_name": "gone_at" if days == 14 else "expires_at", "enabled": True},
    server_side_encryption={"enabled": True}, point_in_time_recovery={"enabled": days == 14},
    deletion_protection_enabled=days == 15, tags={"days": str(days)})
pulumi.export("table", table.name)
pulumi.export("changes", table.stream_arn)
"""
MAPPINGS = """
events = aws.kinesis.Stream("events", shard_count=1)
jobs = aws.sqs.Queue("jobs")
failed = aws.sqs.Queue("failed")
role = aws.iam.Role("function", assume_role_policy=trust("lambda.amazonaws.com"))
function = aws.lambda_.Function("function", code=pulumi.FileArchive(settings.require("code")), handler="app.handler",
    runtime="python3.13", role=role.arn)
more = {"batch_size": 50, "maximum_retry_attempts": 3, "maximum_record_age_in_seconds": 60,
    "maximum_batching_window_in_seconds": 2, "parallelization_factor": 4, "bisect_batch_on_function_error": True,
    "function_response_types": ["ReportBatchItemFailures"],
    "destination_config": {"on_failure": {"destination_arn": failed.arn}},
    "filter_criteria": {"filters": [{"pattern": '{"partitionKey": ["a"]}'}]}} if days == 14 else {}
kinesis = aws.lambda_.EventSourceMapping("kinesis", event_source_arn=events.arn, function_name=function.arn,
    starting_position="AT_TIMESTAMP", starting_position_timestamp="2026-01-02T03:04:05Z", **more)
queue = aws.lambda_.EventSourceMapping("queue", event_source_arn=jobs.arn, function_name=function.arn, batch_size=5)
pulumi.export("kinesis", kinesis.uuid)
pulumi.export("arn", kinesis.arn)
pulumi.export("queue", queue.uuid)
pulumi.export("failed", failed.arn)
"""
EVENTS = """
bus = aws.cloudwatch.EventBus("effects", description=f"of {days} days")
queue = aws.sqs.Queue("offers")
allowed = aws.sqs.QueuePolicy("offers", queue_url=queue.url, policy=Output.json_dumps({"Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": ["events.amazonaws.com", "s3.amazonaws.com"]},
                   "Action": "sqs:SendMessage", "Resource": queue.arn}]}))
rule = aws.cloudwatch.EventRule("offers", event_bus_name=bus.name,
    event_pattern=json.dumps({"detail-type": ["OfferSent"], "detail": {"days": [days]}}))
aws.cloudwatch.EventTarget("offers", rule=rule.name, event_bus_name=bus.name, arn=queue.arn, input_path="$.detail",
    opts=ResourceOptions(depends_on=[allowed]))
aws.sesv2.EmailIdentity("sender", email_identity="shop@example.com")
bucket = aws.s3.Bucket("files", force_destroy=True)
aws.s3.BucketNotification("files", bucket=bucket.id, queues=[{"queue_arn": queue.arn, "events": ["s3:ObjectCreated:*"],
    "filter_prefix": "members/", "filter_suffix": ".csv"}], opts=ResourceOptions(depends_on=[allowed]))
pulumi.export("bus", bus.name)
pulumi.export("queue", queue.url)
pulumi.export("bucket", bucket.bucket)
"""


def test_a_table_has_all_its_settings_and_changes_them_in_place(project):
    outputs = project.up(TABLE).outputs
    dynamodb, name = boto3.client("dynamodb"), outputs["table"]
    table = dynamodb.describe_table(TableName=name)["Table"]
    assert table["LatestStreamArn"] == outputs["changes"]
    assert table["StreamSpecification"] == {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}
    assert table["SSEDescription"]["Status"] == "ENABLED"
    assert table["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"
    assert ttl_of(name) == "gone_at"
    assert recovery_of(name) == "ENABLED"
    dynamodb.put_item(TableName=name, Item={"id": {"S": "kept"}})
    project.configure(days=20)
    assert project.up().counts == {"update": 1}
    assert dynamodb.describe_table(TableName=name)["Table"]["StreamSpecification"]["StreamViewType"] == "KEYS_ONLY"
    assert ttl_of(name) == "expires_at"
    assert recovery_of(name) == "DISABLED"
    assert dynamodb.list_tags_of_resource(ResourceArn=table["TableArn"])["Tags"] == [{"Key": "days", "Value": "20"}]
    assert dynamodb.get_item(TableName=name, Key={"id": {"S": "kept"}})["Item"]


def test_a_protected_table_is_kept_until_its_protection_is_taken_away(project):
    project.configure(days=15)
    project.up(TABLE)
    with pytest.raises(Problem, match="delete of aws:dynamodb/table:Table 'state' failed"):
        project.destroy()
    project.configure(days=14)
    project.up()


def test_a_mapping_says_all_that_the_runtime_must_know_and_keeps_the_emulators_poller_out(project):
    outputs = project.up(MAPPINGS).outputs
    found = mapping(outputs["kinesis"])
    assert found["State"] == "Disabled"
    assert tags_of(outputs["arn"]) == {
        "headrace:enabled": "true",
        "headrace:starting-position-timestamp": "2026-01-02T03:04:05+00:00",
    }
    wanted = {
        "BatchSize": 50,
        "MaximumRetryAttempts": 3,
        "MaximumRecordAgeInSeconds": 60,
        "MaximumBatchingWindowInSeconds": 2,
        "ParallelizationFactor": 4,
        "BisectBatchOnFunctionError": True,
        "FunctionResponseTypes": ["ReportBatchItemFailures"],
        "DestinationConfig": {"OnFailure": {"Destination": outputs["failed"]}},
        "FilterCriteria": {"Filters": [{"Pattern": '{"partitionKey": ["a"]}'}]},
        "StartingPosition": "AT_TIMESTAMP",
    }
    assert {key: found[key] for key in wanted} == wanted
    queue = mapping(outputs["queue"])
    assert (queue["State"], queue["BatchSize"]) == ("Enabled", 5)


def test_settings_taken_away_go_back_to_lambdas_own(project):
    outputs = project.up(MAPPINGS).outputs
    project.configure(days=20)
    assert project.up().counts["update"] == 1
    found = mapping(outputs["kinesis"])
    assert (found["BatchSize"], found["MaximumRetryAttempts"], found["ParallelizationFactor"]) == (100, -1, 1)
    assert not found.get("DestinationConfig")
    assert not found.get("FunctionResponseTypes")


def test_events_reach_a_rules_target_and_objects_a_queue(project):
    outputs = project.up(EVENTS).outputs
    event = {"Source": "shop", "DetailType": "OfferSent", "EventBusName": outputs["bus"]}
    boto3.client("events").put_events(Entries=[{**event, "Detail": json.dumps({"days": 14})}])
    assert json.loads(received(outputs["queue"])) == {"days": 14}
    boto3.client("s3").put_object(Bucket=outputs["bucket"], Key="other/x.csv", Body=b"")
    boto3.client("s3").put_object(Bucket=outputs["bucket"], Key="members/x.csv", Body=b"")
    assert json.loads(received(outputs["queue"]))["Records"][0]["s3"]["object"]["key"] == "members/x.csv"
    project.configure(days=20)
    assert project.up().counts["update"] == 2
    boto3.client("events").put_events(Entries=[{**event, "Detail": json.dumps({"days": 20})}])
    assert json.loads(received(outputs["queue"])) == {"days": 20}


def test_an_address_may_send_once_it_is_declared(project):
    project.up(EVENTS)
    mail: dict[str, Any] = {"Simple": {"Subject": {"Data": "10 % off"}, "Body": {"Text": {"Data": "CODE"}}}}
    to = {"ToAddresses": ["customer@example.com"]}
    ses = boto3.client("sesv2")
    assert ses.send_email(FromEmailAddress="shop@example.com", Destination=to, Content=mail)["MessageId"]
    with pytest.raises(ses.exceptions.MessageRejected):
        ses.send_email(FromEmailAddress="stranger@example.com", Destination=to, Content=mail)


def test_a_run_that_lost_its_answers_finds_all_of_it_and_leaves_nothing(project):
    before = inventory.in_the_cloud(dict(os.environ))
    program = TABLE + MAPPINGS + EVENTS.replace("queue =", "offers =").replace("queue.", "offers.")
    outputs = project.up(program).outputs
    standing = inventory.in_the_cloud(dict(os.environ))
    kinds = ("tables", "stream mappings", "buses", "rules", "e-mail identities")
    assert [standing[kind] - before[kind] for kind in kinds] == [1, 2, 1, 1, 1]
    project.forget()
    assert project.up().outputs == outputs
    assert inventory.in_the_cloud(dict(os.environ)) == standing
    project.destroy()
    assert inventory.in_the_cloud(dict(os.environ)) == before


def mapping(uuid: str) -> dict[str, Any]:
    return boto3.client("lambda").get_event_source_mapping(UUID=uuid)


def tags_of(arn: str) -> dict[str, str]:
    return boto3.client("lambda").list_tags(Resource=arn)["Tags"]


def ttl_of(table: str) -> str | None:
    found = boto3.client("dynamodb").describe_time_to_live(TableName=table)["TimeToLiveDescription"]
    return found.get("AttributeName")


def recovery_of(table: str) -> str:
    found = boto3.client("dynamodb").describe_continuous_backups(TableName=table)["ContinuousBackupsDescription"]
    return found["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"]


def received(queue: str) -> str:
    """The body of the queue's next message but S3's test event."""
    sqs = boto3.client("sqs")
    while True:
        (message,) = sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=10)["Messages"]
        sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
        if "s3:TestEvent" not in message["Body"]:
            return message["Body"]
