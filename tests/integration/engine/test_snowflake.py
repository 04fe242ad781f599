"""Snowflake's resource types against the emulator: trust and notifications hold as with a real account."""

import json
import time
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from embedded import engine
from embedded.providers.snowflake import identity
from embedded.snowflake.catalogue import Catalogue
from headrace.console import Problem

PROGRAM = """
import json
import pulumi
import pulumi_aws as aws
import pulumi_snowflake as snowflake
from pulumi import Output, ResourceOptions

ROLE = "engine-snowflake-reader"
account = aws.get_caller_identity().account_id
bucket = aws.s3.Bucket("raw", force_destroy=True)
tls = aws.s3.BucketPolicy("tls", bucket=bucket.id, policy=Output.json_dumps({"Version": "2012-10-17", "Statement": [
    {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": [bucket.arn, Output.concat(bucket.arn, "/*")],
     "Condition": {"Bool": {"aws:SecureTransport": "false"}}}]}))
prefix = Output.concat("s3://", bucket.bucket, "/raw/")
database = snowflake.Database("lake", name="LAKE")
raw = snowflake.Schema("raw", database=database.name, name="RAW")
place = {"database": database.name, "schema": raw.name}
table = snowflake.Table("logs", name="LOGS", columns=[{"name": "DATA", "type": "VARIANT", "nullable": False}], **place)
integration = snowflake.StorageIntegrationAws("raw", name="LAKE_RAW", enabled=True, storage_provider="S3",
    storage_allowed_locations=[prefix], storage_aws_role_arn=f"arn:aws:iam::{account}:role/{ROLE}")
described = integration.describe_outputs[0]
reader = aws.iam.Role("reader", name=ROLE, assume_role_policy=Output.json_dumps({
    "Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",
        "Principal": {"AWS": described.iam_user_arn},
        "Condition": {"StringEquals": {"sts:ExternalId": described.external_id}}}]}))
reads = aws.iam.RolePolicy("reader", role=reader.id, policy=Output.json_dumps({"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Action": "s3:GetObject", "Resource": Output.concat(bucket.arn, "/raw/*")}]}))
form = snowflake.FileFormatJson("json", name="NDJSON", compression="AUTO", **place)
stage = snowflake.StageExternalS3("stage", name="STAGE", url=prefix, storage_integration=integration.name,
    file_format={"format_name": form.fully_qualified_name}, **place)
pipe = snowflake.Pipe("pipe", name="PIPE", auto_ingest=True, copy_statement=Output.format(
    'COPY INTO {0} ("DATA") FROM (SELECT $1 FROM @{1}) ON_ERROR = CONTINUE',
    table.fully_qualified_name, stage.fully_qualified_name), opts=ResourceOptions(depends_on=[reads]), **place)
aws.s3.BucketNotification("raw", bucket=bucket.id, queues=[{"queue_arn": pipe.notification_channel,
    "events": ["s3:ObjectCreated:*"], "filter_prefix": "raw/"}])
pulumi.export("bucket", bucket.bucket)
pulumi.export("external_id", described.external_id)
pulumi.export("role", reader.arn)
pulumi.export("channel", pipe.notification_channel)
"""


class Silent:
    """A reporter that has nothing to say."""

    def step(self, *_: Any) -> None: ...
    def done(self, *_: Any) -> None: ...
    def diagnostic(self, *_: Any) -> None: ...


@pytest.fixture
def deploy(cloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Deploys a program; it is destroyed after the test. The account is the test's own, without a running pipe."""
    monkeypatch.setenv("HEADRACE_SNOWFLAKE_CATALOGUE", str(tmp_path / "snowflake" / "catalogue.json"))
    (tmp_path / "Pulumi.yaml").write_text("name: lake\nruntime: python\n")
    (tmp_path / "Pulumi.local.yaml").write_text("config:\n  aws:region: us-east-1\n")
    state = tmp_path / "home" / "state.json"

    def up(program: str) -> engine.Outcome:
        (tmp_path / "__main__.py").write_text(program)
        return engine.up(tmp_path, "local", state, Silent())

    yield up
    engine.destroy(tmp_path, "local", state, Silent())
    catalogue = Catalogue.from_environment()
    assert not any(catalogue.list(kind) for kind in ("DATABASE", "SCHEMA", "TABLE", "STAGE", "PIPE", "GRANT"))
    with pytest.raises(ClientError, match="NoSuchEntity"):
        identity.session()


def test_a_stage_is_read_by_snowflakes_user_with_the_external_id_alone(deploy):
    outputs = deploy(PROGRAM).outputs
    boto3.client("s3").put_object(Bucket=outputs["bucket"], Key="raw/x", Body=b"{}")
    boto3.client("s3").put_object(Bucket=outputs["bucket"], Key="bad/x", Body=b"{}")
    sts = identity.session().client("sts")
    assert sts.get_caller_identity()["Arn"] == identity.USER_ARN
    role = {"RoleArn": outputs["role"], "RoleSessionName": "snowflake"}
    given = sts.assume_role(**role, ExternalId=outputs["external_id"])["Credentials"]
    s3 = boto3.client(
        "s3",
        aws_access_key_id=given["AccessKeyId"],
        aws_secret_access_key=given["SecretAccessKey"],
        aws_session_token=given["SessionToken"],
    )
    assert s3.get_object(Bucket=outputs["bucket"], Key="raw/x")["Body"].read() == b"{}"
    for refused in (
        lambda: s3.get_object(Bucket=outputs["bucket"], Key="bad/x"),
        lambda: sts.assume_role(**role, ExternalId="another"),
        lambda: boto3.client("sts").assume_role(**role, ExternalId=outputs["external_id"]),
    ):
        with pytest.raises(ClientError, match="AccessDenied"):
            refused()


def test_a_pipes_channel_hears_of_new_objects(deploy):
    outputs = deploy(PROGRAM).outputs
    for key in ("bad/x", "raw/x"):
        boto3.client("s3").put_object(Bucket=outputs["bucket"], Key=key, Body=b"{}")
    sqs = boto3.client("sqs")
    url = sqs.get_queue_url(QueueName=outputs["channel"].rpartition(":")[2])["QueueUrl"]
    keys: list[str] = []
    deadline = time.monotonic() + 20
    while not keys and time.monotonic() < deadline:
        for message in sqs.receive_message(QueueUrl=url, WaitTimeSeconds=2).get("Messages", []):
            keys += [record["s3"]["object"]["key"] for record in json.loads(message["Body"]).get("Records", [])]
    assert keys == ["raw/x"]


def test_a_second_run_changes_nothing_and_a_change_only_its_object(deploy):
    first = deploy(PROGRAM)
    assert deploy(PROGRAM).counts == {"same": 12}
    changed = deploy(PROGRAM.replace('compression="AUTO"', 'compression="GZIP"'))
    assert changed.counts == {"update": 1, "same": 11}
    assert changed.outputs == first.outputs


def test_a_replaced_database_takes_all_that_was_in_it_along(deploy):
    deploy(PROGRAM)
    deploy(PROGRAM.replace('name="LAKE")', 'name="POND")'))
    catalogue = Catalogue.from_environment()
    assert list(catalogue.list("DATABASE")) == ['"POND"']
    assert list(catalogue.list("TABLE")) == ['"POND"."RAW"."LOGS"']
    assert (catalogue.path.parent / "POND" / "RAW" / "LOGS" / "0-empty.parquet").exists()
    assert not (catalogue.path.parent / "LAKE").exists()


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ("COPY INTO {0}", "COPY ON {0}", "SQL compilation error"),
        ("@{1}", "@LAKE.RAW.NONE", "Stage 'LAKE.RAW.NONE' does not exist"),
        ("COPY INTO {0}", "COPY INTO LAKE.RAW.NONE", "Table 'LAKE.RAW.NONE' does not exist"),
        ('("DATA")', '("NONE")', "invalid identifier 'NONE'"),
        ("url=prefix", 'url="s3://elsewhere/"', "not allowed by integration"),
    ],
)
def test_what_snowflake_would_refuse_is_refused(deploy, right, wrong, said):
    with pytest.raises(Problem, match=said):
        deploy(PROGRAM.replace(right, wrong))
