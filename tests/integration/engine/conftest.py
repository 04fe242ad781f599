"""Programs deployed to the emulator, each in a folder of its own, and a look at what then stands there."""

# ruff: noqa: ARG002 - a reporter hears more than is looked at here

import json
from pathlib import Path
from typing import Any

import boto3
import pytest

from embedded import engine

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
        (folder / "Pulumi.yaml").write_text("name: trial\nruntime: python\n")
        self.configure()

    def configure(self, **settings: Any) -> None:
        config = {"aws:region": "us-east-1", "code": str(self.folder / "code"), **settings}
        (self.folder / "Pulumi.local.yaml").write_text(json.dumps({"config": config}))

    def up(self, program: str | None = None) -> engine.Outcome:
        if program is not None:
            (self.folder / "__main__.py").write_text(PRELUDE + program)
        self.report = Quiet()
        return engine.up(self.folder, "local", self.state, self.report)

    def forget(self) -> None:
        """As if every creation had been cut off before its answer came."""
        recorded = json.loads(self.state.read_text())
        for entry in recorded["resources"].values():
            entry.update(pending=True, id="", outputs={})
        self.state.write_text(json.dumps(recorded))

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


@pytest.fixture
def standing():
    """Counts what stands in the cloud."""
    return inventory


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
