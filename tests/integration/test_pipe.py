"""The pipe, from an object in S3 to rows: each object once, whatever is repeated or interrupted."""

import gzip
import json
import os
import signal
import time
import uuid
from typing import Any

import boto3
import duckdb
import pytest

from embedded.cloud.cloud import Cloud, answers
from embedded.cloud.ports import HOST
from embedded.providers.snowflake import identity
from embedded.snowflake.catalogue import Catalogue, quoted
from embedded.snowflake.history import FAILED, PARTIALLY_LOADED, History, Load
from tests.integration.waiting import until

READ = {"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": "*"}


class Stage:
    """A bucket, a table (ID not null, ROW) and a pipe between them, in a database of their own."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud
        self.catalogue = Catalogue.from_environment()
        self.history = History.of_stack(cloud.folder)
        self.bucket = f"pipe-{uuid.uuid4().hex[:8]}"
        self.database = self.bucket.upper()
        self.table, self.pipe = quoted(self.database, "RAW", "LOGS"), quoted(self.database, "RAW", "PIPE")
        self.s3, self.sqs, self.iam = boto3.client("s3"), boto3.client("sqs"), boto3.client("iam")
        self.s3.create_bucket(Bucket=self.bucket)
        allowed = {"Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"}, "Action": "sqs:SendMessage"}
        document = json.dumps({"Version": "2012-10-17", "Statement": [{**allowed, "Resource": "*"}]})
        self.queue = self.sqs.create_queue(QueueName=self.bucket, Attributes={"Policy": document})["QueueUrl"]
        self.queue_arn = self.sqs.get_queue_attributes(QueueUrl=self.queue, AttributeNames=["QueueArn"])["Attributes"][
            "QueueArn"
        ]
        self.folder = self.catalogue.path.parent / self.database / "RAW" / "LOGS"

    def create(self, external_id: str = "secret-id", *statements: dict) -> None:
        trust = {
            "Effect": "Allow",
            "Principal": {"AWS": identity.create()},
            "Action": "sts:AssumeRole",
            "Condition": {"StringEquals": {"sts:ExternalId": "secret-id"}},
        }
        document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
        role = self.iam.create_role(RoleName=self.bucket, AssumeRolePolicyDocument=document)["Role"]["Arn"]
        self.grant(*(statements or (READ,)))
        self.folder.mkdir(parents=True)
        duckdb.connect().execute(
            'COPY (SELECT CAST(NULL AS VARCHAR) AS "ID", CAST(NULL AS DECIMAL(20, 0)) AS "ROW" WHERE FALSE) '
            f"TO '{self.folder / '0-empty.parquet'}' (FORMAT parquet)"
        )
        columns = [{"name": "ID", "type": "VARCHAR", "nullable": False}, {"name": "ROW", "type": "NUMBER(20,0)"}]
        self.catalogue.put("TABLE", self.table, {"columns": columns})
        described = [{"iamUserArn": identity.USER_ARN, "externalId": external_id}]
        self.catalogue.put(
            "STORAGE INTEGRATION", quoted(self.database), {"storageAwsRoleArn": role, "describeOutputs": described}
        )
        stage = quoted(self.database, "RAW", "STAGE")
        url = f"s3://{self.bucket}/raw/"
        self.catalogue.put("STAGE", stage, {"url": url, "storageIntegration": self.database})
        selected = f"SELECT $1:id::STRING, METADATA$FILE_ROW_NUMBER FROM @{stage}"
        statement = f"COPY INTO {self.table} (ID, ROW) FROM ({selected}) ON_ERROR = CONTINUE"
        self.catalogue.put("PIPE", self.pipe, {"copyStatement": statement, "notificationChannel": self.queue_arn})
        wanted = {"QueueArn": self.queue_arn, "Events": ["s3:ObjectCreated:*"]}
        self.s3.put_bucket_notification_configuration(
            Bucket=self.bucket, NotificationConfiguration={"QueueConfigurations": [wanted]}
        )

    def grant(self, *statements: dict) -> None:
        document = json.dumps({"Version": "2012-10-17", "Statement": statements})
        self.iam.put_role_policy(RoleName=self.bucket, PolicyName="read", PolicyDocument=document)

    def put(self, key: str, *lines: str, body: bytes | None = None) -> None:
        content = gzip.compress("\n".join(lines).encode(), mtime=0) if body is None else body
        self.s3.put_object(Bucket=self.bucket, Key=key, Body=content)

    def rows(self) -> list[tuple[str, int]]:
        found = duckdb.connect().execute(f"SELECT ID, CAST(ROW AS INT) FROM read_parquet('{self.folder}/*.parquet')")
        return found.fetchall()

    def loads(self) -> list[Load]:
        return self.history.loads(self.pipe)

    def status(self) -> dict[str, Any] | None:
        running = self.cloud.running
        assert running is not None
        health = answers(f"http://{HOST}:{running.ports.firehose}/_headrace/health") or {"pipes": []}
        return next((pipe for pipe in health["pipes"] if pipe["name"] == self.pipe), None)

    def empty_queue(self) -> bool:
        status = self.status()
        return status is not None and status["queued"] + status["in_flight"] == 0


@pytest.fixture
def stage(cloud: Cloud):
    made = Stage(cloud)
    yield made
    made.catalogue.drop("PIPE", made.pipe)


def test_objects_become_rows_in_their_order_and_bad_lines_are_counted(stage: Stage):
    stage.create()
    stage.put("raw/a b+c.gz", '{"id": "1"}', "{broken", '{"id": "2"}')
    stage.put("raw/plain", body=b'{"id": "3"}\n')
    until(lambda: len(stage.loads()) == 2)
    assert sorted(stage.rows()) == [("1", 1), ("2", 3), ("3", 1)]
    partly = next(load for load in stage.loads() if load.errors)
    assert (partly.path, partly.status, partly.rows_parsed, partly.rows_loaded) == (
        "raw/a b+c.gz",
        PARTIALLY_LOADED,
        3,
        2,
    )
    assert (partly.first_error, partly.first_error_line) == ("Error parsing JSON: {broken", 2)
    assert until(stage.empty_queue)


def test_what_is_announced_or_put_again_unchanged_is_loaded_once(stage: Stage):
    stage.create()
    stage.put("raw/1.gz", '{"id": "1"}')
    until(stage.loads)
    stage.put("raw/1.gz", '{"id": "1"}')
    stage.put("raw/2.gz", '{"id": "2"}')
    until(lambda: len(stage.loads()) == 2)
    assert until(stage.empty_queue)
    assert sorted(stage.rows()) == [("1", 1), ("2", 1)]


def test_what_is_announced_twice_while_the_pipe_is_away_is_loaded_once(stage: Stage):
    stage.create()
    until(stage.status)
    pipe = stage.catalogue.get("PIPE", stage.pipe)
    stage.catalogue.drop("PIPE", stage.pipe)
    until(lambda: stage.status() is None)
    for _ in range(2):
        stage.put("raw/1.gz", '{"id": "1"}')
    stage.catalogue.put("PIPE", stage.pipe, pipe)
    until(stage.loads)
    assert until(stage.empty_queue)
    assert stage.rows() == [("1", 1)]


def test_a_changed_object_under_the_same_name_is_not_loaded_again(stage: Stage):
    stage.create()
    stage.put("raw/1.gz", '{"id": "1"}')
    until(stage.loads)
    stage.put("raw/1.gz", '{"id": "other"}')
    stage.put("raw/2.gz", '{"id": "2"}')
    until(lambda: len(stage.loads()) == 2)
    assert until(stage.empty_queue)
    assert sorted(stage.rows()) == [("1", 1), ("2", 1)]


def test_messages_of_no_concern_are_taken_out_and_load_nothing(stage: Stage):
    stage.create()
    stage.sqs.send_message(QueueUrl=stage.queue, MessageBody=json.dumps({"Event": "s3:TestEvent"}))
    stage.sqs.send_message(QueueUrl=stage.queue, MessageBody="no JSON")
    stage.put("elsewhere/1.gz", '{"id": "1"}')
    stage.put("raw/1.gz", '{"id": "2"}')
    until(stage.loads)
    assert until(stage.empty_queue)
    assert [load.path for load in stage.loads()] == ["raw/1.gz"]


def test_a_file_that_is_no_gzip_in_spite_of_its_beginning_is_a_failed_load(stage: Stage):
    stage.create()
    stage.put("raw/torn.gz", body=gzip.compress(b'{"id": "1"}\n' * 100)[:40])
    stage.put("raw/good.gz", '{"id": "1"}')
    until(lambda: len(stage.loads()) == 2)
    failed = next(load for load in stage.loads() if load.path == "raw/torn.gz")
    assert failed.status == FAILED
    assert "can not be decompressed" in (failed.first_error or "")
    assert stage.rows() == [("1", 1)]


def test_a_missing_permission_shows_and_the_object_waits_until_it_is_there(stage: Stage):
    stage.create("secret-id", {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "*"})
    stage.put("raw/1.gz", '{"id": "1"}')
    status = until(lambda: (found := stage.status()) and found["error"] and found)
    assert "s3:GetObject" in status["error"]
    assert status["queued"] + status["in_flight"] >= 1
    stage.grant(READ)
    until(stage.loads)
    assert stage.rows() == [("1", 1)]
    assert until(lambda: (found := stage.status()) and found["error"] is None)


def test_a_role_that_asks_for_another_external_id_does_not_let_the_pipe_in(stage: Stage):
    stage.create("some-other-id")
    stage.put("raw/1.gz", '{"id": "1"}')
    status = until(lambda: (found := stage.status()) and found["error"] and found)
    assert "sts:AssumeRole" in status["error"]
    assert stage.loads() == []


def test_a_pipe_whose_statement_is_not_understood_says_so(stage: Stage):
    stage.create()
    statement = f"COPY INTO {stage.table} (ID) FROM (SELECT SOUNDEX($1:id) FROM @{stage.table})"
    stage.catalogue.put("PIPE", stage.pipe, {"copyStatement": statement, "notificationChannel": stage.queue_arn})
    status = until(lambda: (found := stage.status()) and found["error"] and found)
    assert "SOUNDEX" in status["error"]


@pytest.mark.slow
def test_nothing_is_lost_or_doubled_when_the_runtime_is_killed_again_and_again(stage: Stage):
    stage.create()
    sent = [f"{number}" for number in range(60)]
    for number in sent:
        stage.put(f"raw/{number}.gz", json.dumps({"id": number}))
        if int(number) % 20 == 10:
            running = stage.cloud.running
            assert running is not None
            assert running.runtime is not None
            os.kill(running.runtime.pid, signal.SIGKILL)
            while running.runtime.alive:
                time.sleep(0.01)
            stage.cloud.start(print)
    until(lambda: len(stage.loads()) == len(sent), seconds=60)
    assert sorted(row[0] for row in stage.rows()) == sorted(sent)
