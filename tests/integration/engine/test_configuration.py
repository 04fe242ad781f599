"""Tags and regions, mistakes, and a cloud that is gone."""

import socket

import boto3
import pytest

from headrace.console import Problem

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


def test_a_mistake_of_the_program_names_the_resource_and_the_input(project):
    with pytest.raises(
        Problem, match=r"create of aws:s3/bucket:Bucket 'lake' failed: input 'website' fits no parameter"
    ):
        project.up('aws.s3.Bucket("lake", website={"index_document": "index.html"})')


def test_a_type_that_is_not_known_here_is_said(project):
    with pytest.raises(Problem, match="the embedded cloud has no resource type aws:ec2/vpc:Vpc"):
        project.up('aws.ec2.Vpc("net", cidr_block="10.0.0.0/16")')


def test_a_stack_whose_cloud_is_gone_can_be_destroyed(project, monkeypatch):
    project.up('for name in "abcdefgh":\n    aws.sns.Topic(name)')
    with monkeypatch.context() as elsewhere:
        elsewhere.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{unused_port()}")
        project.destroy()
    assert not project.state.exists()
    assert any("not running" in line for line in project.report.said)
    for topic in boto3.client("sns").list_topics()["Topics"]:
        boto3.client("sns").delete_topic(TopicArn=topic["TopicArn"])


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


def unused_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
