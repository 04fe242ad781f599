"""Buckets and their settings, streams and deliveries."""

import json
from typing import Any

import boto3
import pytest

from headrace.console import Problem

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


def test_a_run_that_lost_its_answers_finds_everything_again(project, standing):
    before = project.up(LAKE + STREAMS)
    counted = standing()
    project.forget()
    assert project.up().outputs == before.outputs
    assert standing() == counted
    assert project.up().counts == {"same": 11}


def delivery_of(name: str) -> dict[str, Any]:
    return boto3.client("firehose").describe_delivery_stream(DeliveryStreamName=name)["DeliveryStreamDescription"]


def stream_of(name: str) -> dict[str, Any]:
    return boto3.client("kinesis").describe_stream_summary(StreamName=name)["StreamDescriptionSummary"]
