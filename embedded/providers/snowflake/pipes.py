"""Pipes: a COPY statement that is run for each new object, and the queue that tells of objects."""

# ruff: noqa: ARG002 - all resource types are called alike

import hashlib
import json
from typing import ClassVar

from botocore.exceptions import BotoCoreError, ClientError

from embedded.providers.cloud import is_gone
from embedded.providers.contract import Known, Values
from embedded.providers.snowflake.account import SnowflakeError
from embedded.providers.snowflake.base import InSchema
from embedded.snowflake import copy


class Pipe(InSchema):
    kind = "PIPE"
    immutable = frozenset({"name", "database", "schema", "copyStatement", "autoIngest"})
    aside = ("copyStatement",)
    options: ClassVar = {
        "autoIngest": "AUTO_INGEST",
        "awsSnsTopicArn": "AWS_SNS_TOPIC",
        "integration": "INTEGRATION",
        "errorIntegration": "ERROR_INTEGRATION",
        "comment": "COMMENT",
    }

    def check(self, inputs: Values) -> None:
        super().check(inputs)
        self.account.require_preview_feature("snowflake_pipe_resource")
        try:
            parsed = copy.parse(inputs["copyStatement"])
        except ValueError as problem:
            raise SnowflakeError(f"SQL compilation error: {problem}") from problem
        self.account.require("TABLE", parsed.table)
        self.account.require("STAGE", parsed.stage)
        columns = {column["name"] for column in self.account.catalogue.get("TABLE", parsed.table)["columns"]}
        if unknown := set(parsed.columns) - columns:
            raise SnowflakeError(f"SQL compilation error: invalid identifier '{min(unknown)}'")

    def body(self, inputs: Values) -> str:
        return f"{self.option_text(inputs)} AS {inputs['copyStatement']}"

    def made(self, full_name: str, inputs: Values) -> Values:
        """Snowflake owns the queue; here it stands in the emulator, and S3 may send to it."""
        if not inputs.get("autoIngest"):
            return {"owner": "ACCOUNTADMIN"}
        sqs = self.account.cloud.client("sqs")
        name = f"sf-snowpipe-{hashlib.sha256(full_name.encode()).hexdigest()[:20]}"
        arn = self.account.cloud.arn("sqs", name)
        statement = {
            "Effect": "Allow",
            "Principal": {"Service": "s3.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": arn,
        }
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        try:
            sqs.create_queue(QueueName=name, Attributes={"Policy": policy})
        except (ClientError, BotoCoreError) as problem:
            raise self.account.cloud.translated(problem) from problem
        return {"owner": "ACCOUNTADMIN", "notificationChannel": arn}

    def changed(self, known: Known, stands: Values, inputs: Values) -> Values:
        return {key: stands[key] for key in ("owner", "notificationChannel") if key in stands}

    def unmade(self, known: Known) -> None:
        channel = self.account.catalogue.get(self.kind, known.id).get("notificationChannel")
        if not channel:
            return
        region, _, name = channel.split(":")[3:6]
        sqs = self.account.cloud.client("sqs", region)
        try:
            sqs.delete_queue(QueueUrl=sqs.get_queue_url(QueueName=name)["QueueUrl"])
        except ClientError as problem:
            if not is_gone(problem):
                raise
        except BotoCoreError as problem:
            raise self.account.cloud.translated(problem) from problem
