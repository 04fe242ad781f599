"""docs/adding-an-application.md: its code, as it stands there, in a copy of the project on the embedded cloud."""

import json
import os
import subprocess
import sys
import types
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest
import urllib3
import yaml
from hypothesis import given
from hypothesis import strategies as st

from embedded.cloud.cloud import Cloud
from shared.events.event import Event, Product
from shared.states import Stored
from tests.integration import adding
from tests.integration.waiting import until

MINUTE = 60_000


def test_it_takes_less_than_sixty_lines():
    assert adding.lines_of_code() < 60


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return adding.project_with_it(tmp_path_factory.mktemp("project"))


def test_its_code_is_written_as_all_of_ours(project: Path):
    check = [
        sys.executable,
        "-m",
        "ruff",
        "check",
        "--no-cache",
        "lambdas/drops",
        "infrastructure/applications/drops.py",
    ]
    assert subprocess.run(check, cwd=project, check=False).returncode == 0


@dataclass(frozen=True)
class Stack:
    """The deployed copy. environment: reaches its cloud."""

    outputs: dict[str, Any]
    environment: dict[str, str]

    def client(self, service: str) -> Any:
        return boto3.client(
            service,
            endpoint_url=self.environment["AWS_ENDPOINT_URL"],
            region_name=self.environment["AWS_REGION"],
            aws_access_key_id=self.environment["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=self.environment["AWS_SECRET_ACCESS_KEY"],
        )


@pytest.fixture
def stack(project: Path, tmp_path: Path) -> Iterator[Stack]:
    """The copy with this one application, and without what it does not need."""
    configuration = yaml.safe_load((project / "Pulumi.local.yaml").read_text())
    drops = configuration["config"]["headrace:applications"]["drops"]
    only = {"headrace:snowflake": False, "headrace:sources": {}, "headrace:applications": {"drops": drops}}
    (project / "Pulumi.local.yaml").write_text(yaml.safe_dump({"config": {**configuration["config"], **only}}))
    environment = {**os.environ, "HEADRACE_HOME": str(tmp_path), "PYTHONPATH": str(project)}
    ports = ["--front-door-port", "0", "--aws-port", "0", "--firehose-port", "0"]
    folder = tmp_path / "local"
    try:
        command = [sys.executable, "-m", "embedded", "up", *ports]
        up = subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, check=False)
        assert up.returncode == 0, up.stderr or up.stdout
        yield Stack(
            json.loads((folder / "outputs.json").read_text()), json.loads((folder / "environment.json").read_text())
        )
    finally:
        Cloud(folder).remove()


def test_ten_carts_that_lose_a_product_are_one_notification_on_the_bus(stack: Stack):
    sqs, events = stack.client("sqs"), stack.client("events")
    queue = sqs.create_queue(QueueName="heard")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    bus = stack.outputs["effects_bus"]
    events.put_rule(Name="drops", EventBusName=bus, EventPattern=json.dumps({"source": ["headrace.drops"]}))
    events.put_targets(Rule="drops", EventBusName=bus, Targets=[{"Id": "heard", "Arn": arn}])
    hits = [f"v=1&t=event&ec=e&ea=remove&pa=remove&pr1id=shirt&cid=cart-{number}&z={number}" for number in range(10)]
    for part in (hits[:5], hits[:5], hits[3:], hits):
        answer = urllib3.request("POST", stack.outputs["batch_url"], body="\n".join(part).encode(), timeout=30.0)
        assert answer.status == 200

    def heard() -> list[dict[str, Any]]:
        return [json.loads(one["Body"]) for one in sqs.receive_message(QueueUrl=queue).get("Messages", [])]

    (told,) = until(heard)
    assert told["detail-type"] == "ProductDropped"
    assert told["detail"]["key"] == "shirt"
    assert told["detail"]["carts"] == 10
    assert len(set(told["detail"]["caused_by"])) == 10
    rows = stack.client("dynamodb").scan(TableName=stack.outputs["effects_table"])["Items"]
    assert [row["effect_id"]["S"] for row in rows] == [told["detail"]["effect_id"]]


@pytest.fixture(scope="module")
def rule(project: Path) -> Any:
    """The page's class, with three carts in place of ten."""
    before = dict(os.environ)
    os.environ.update({"CARTS": "3", "STATE_TABLE": "none", "AWS_DEFAULT_REGION": "us-east-1"})
    try:
        module = types.ModuleType("drops_of_the_page")
        exec(compile((project / "lambdas/drops/handler.py").read_text(), "handler.py", "exec"), module.__dict__)
        return module
    finally:
        os.environ.clear()
        os.environ.update(before)


removals = st.builds(
    lambda number, cart, at: Event(
        f"event-{number}", "remove_from_cart", at, at, client_id=f"cart-{cart}", products=(Product("shirt"),)
    ),
    st.integers(0, 50),
    st.integers(0, 5),
    st.integers(1, 5 * MINUTE),
)


@given(st.lists(removals, max_size=20, unique_by=lambda event: event.event_id), st.data())
def test_a_history_gives_the_same_notifications_when_parts_of_it_come_again(rule: Any, history: list[Event], data: Any):
    cuts = sorted(data.draw(st.lists(st.integers(0, len(history)), max_size=4)))
    repeated: list[Event] = []
    for start, end in zip([0, *cuts], [*cuts, len(history)], strict=True):
        repeated += history[start:end] * data.draw(st.integers(1, 3))
    assert notifications(rule, repeated) == notifications(rule, history)


def notifications(rule: Any, events: Sequence[Event]) -> list[str]:
    application, found = rule.Drops(), []
    state = application.read("shirt", Stored({}, 0))
    for event in events:
        assert application.key(event) == {"shirt"}
        state, effects = application.step(application.read("shirt", Stored(application.write(state), 1)), event)
        found += [effect.effect_id for effect in effects]
    return found
