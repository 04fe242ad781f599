"""`headrace applications` on what functions leave in DynamoDB, S3 and SQS."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
import pytest

from headrace.applications import applications
from headrace.console import Problem
from tests.integration.account import Account

Show = Callable[..., str]

ALL = {"live_counts": {}, "loyalty": {}, "offers": {}, "recommendations": {}}


class Stack:
    """A deployed stack as the command sees it: its outputs, and what is in its tables, its bucket and its queue."""

    def __init__(self, account: Account, folder: Path) -> None:
        self.folder = folder / "local"
        self.folder.mkdir()
        self.dynamodb, self.s3, self.sqs = boto3.client("dynamodb"), boto3.client("s3"), boto3.client("sqs")
        name = f"stack-{folder.name.replace('_', '-')}"
        self.table(f"{name}-effects", "effect_id")
        self.table(f"{name}-counts", "counter")
        self.table(f"{name}-levels", "levelId")
        self.table(f"{name}-transitions", "transitionLevels")
        self.s3.create_bucket(Bucket=name)
        self.outputs = {
            "applications": ALL,
            "effects_table": f"{name}-effects",
            "loyalty_counts_table": f"{name}-counts",
            "live_counts_levels_table": f"{name}-levels",
            "live_counts_transitions_table": f"{name}-transitions",
            "dead_letters_url": self.sqs.create_queue(QueueName=name)["QueueUrl"],
            "bucket": name,
        }
        credentials = boto3.Session().get_credentials()
        assert credentials is not None
        environment = {
            "AWS_ENDPOINT_URL": account.url,
            "AWS_REGION": account.region,
            "AWS_ACCESS_KEY_ID": credentials.access_key,
            "AWS_SECRET_ACCESS_KEY": credentials.secret_key,
        }
        (self.folder / "environment.json").write_text(json.dumps(environment))

    def table(self, name: str, key: str) -> None:
        self.dynamodb.create_table(
            TableName=name,
            KeySchema=[{"AttributeName": key, "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )

    def effect(self, number: int, *, application: str = "offers", performed: bool = True, **detail: Any) -> None:
        item = {
            "effect_id": {"S": f"effect-{number}"},
            "application": {"S": application},
            "kind": {"S": "OfferSent"},
            "key": {"S": f"customer-{number % 3}"},
            "caused_by": {"L": [{"S": "event"}]},
            "decided_at": {"N": str(1_763_777_777_000 + number)},
            "detail": {"S": json.dumps(detail)},
        }
        if performed:
            item |= {"performed_at": {"N": "1763777778000"}, "result": {"S": json.dumps({"code": f"CODE-{number}"})}}
        self.dynamodb.put_item(TableName=self.outputs["effects_table"], Item=item)

    def count(self, promotion: str, conversion: str, where: str | None, conversions: int, promos: int) -> None:
        item = {
            "counter": {"S": json.dumps([promotion, conversion, where])},
            "promotion": {"S": promotion},
            "conversion": {"S": conversion},
            "where": {"S": where} if where else {"NULL": True},
            "conversions": {"N": str(conversions)},
            "promos": {"N": str(promos)},
        }
        self.dynamodb.put_item(TableName=self.outputs["loyalty_counts_table"], Item=item)

    def level(self, level: str, players: int) -> None:
        item = {"levelId": {"S": level}, "playerCount": {"N": str(players)}}
        self.dynamodb.put_item(TableName=self.outputs["live_counts_levels_table"], Item=item)

    def transition(self, origin: str, to: str, count: int) -> None:
        item = {"transitionLevels": {"S": f"{origin}/{to}"}, "levelFrom": {"S": origin}, "levelTo": {"S": to}}
        item["count"] = {"N": str(count)}
        self.dynamodb.put_item(TableName=self.outputs["live_counts_transitions_table"], Item=item)

    def publish(self) -> None:
        (self.folder / "outputs.json").write_text(json.dumps(self.outputs))


@pytest.fixture
def stack(emulator: Account, tmp_path: Path) -> Stack:
    return Stack(emulator, tmp_path)


@pytest.fixture
def show(stack: Stack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Show:
    """Runs the command on a terminal of 80 columns, which is what a pipe counts as; returns what it printed."""
    monkeypatch.setenv("HEADRACE_HOME", str(tmp_path))

    def run(*, as_json: bool = False) -> str:
        stack.publish()
        applications("local", as_json=as_json)
        return capsys.readouterr().out

    return run


def test_what_has_not_happened_yet_is_said_so(show: Show):
    told = show()
    for words in (
        "nobody has bought for enough",
        "no conversion of a known",
        "no product was clicked",
        "nobody is anywhere",
    ):
        assert words in told
    assert "nothing was given up" in told


def test_an_application_that_is_off_is_not_shown(stack: Stack, show: Show):
    stack.outputs["applications"] = {"offers": {}}
    told = show()
    assert "Offers" in told
    for words in ("Loyalty", "Personalize", "Live counts"):
        assert words not in told


def test_what_was_done_fits_one_screen(stack: Stack, show: Show):
    for number in range(7):
        items = [{"sku": "p1", "name": "A [red] shirt" * 5}, {"sku": "p2", "name": ""}]
        stack.effect(number, performed=number < 6, customer=f"customer-{number % 3}", items=items)
    for channel in range(9):
        stack.count("spring", "ClickConversion", f"channel-{channel}", 10 + channel, channel)
    stack.count("spring", "PurchaseConversion", None, 5, 0)
    call = {"eventList": [{"eventId": "a", "eventType": "Product Clicked"}, {"eventId": "b", "eventType": "Odd"}]}
    (stack.folder / "personalize.jsonl").write_text(f"{json.dumps(call)}\n{json.dumps(call)}\n")
    stack.level("cart", 3)
    stack.level("left alone", 0)
    stack.transition("cart", "purchased", 2)
    moves = [{"from": None, "to": "cart", "count": 4}]
    document = {"update_time": "2026-01-01T00:00:00Z", "update_interval_secs": 60, "transitions": moves}
    stack.s3.put_object(
        Bucket=stack.outputs["bucket"],
        Key="live_counts/transition_information.json",
        Body=json.dumps(document).encode(),
    )
    letter = {"requestContext": {"functionArn": "arn:aws:lambda:us-east-1:0:function:offers-function-1"}}
    for body in (json.dumps(letter), "what is this?"):
        stack.sqs.send_message(QueueUrl=stack.outputs["dead_letters_url"], MessageBody=body)

    told = show()
    lines = told.splitlines()
    assert max(map(len, lines)) <= 80
    assert len(lines) <= 50
    for words in (
        "6 sent to 3 customers, 1 on their way",
        "CODE-5",
        "A [red] shirt",
        "and 4 lines more",
        "Product Clicked",
        "moves in the 60 s to 2026-01-01T00:00:00Z: · → cart 4",
        "since then: cart → purchased 2",
        "given up: 2 dead letters",
        "offers-function-1 1, another sender 1",
    ):
        assert words in told
    assert "CODE-6" not in told, "it is not sent yet"
    assert "CODE-0" not in told, "the newest five are shown"

    document = json.loads(show(as_json=True))
    assert document["fed"] == {"events": 2, "by_type": {"Product Clicked": 1, "Odd": 1}}
    assert sum(one["decisions"] for one in document["promotions"]) == 131
    assert document["failures"]["messages"] == 2, "looking at the dead letters leaves them there"


def test_an_application_that_was_added_shows_its_effects(stack: Stack, show: Show):
    stack.outputs["applications"] = {"drops": {}}
    stack.effect(1, application="drops")
    stack.effect(2, application="drops", performed=False)
    told = show()
    assert "drops\nOfferSent 1, 1 on their way" in told


def test_a_stack_without_applications_is_one_line(stack: Stack, show: Show):
    del stack.outputs["applications"]
    with pytest.raises(Problem) as problem:
        show()
    assert str(problem.value) == (
        "no application is on in stack 'local'. Name some under headrace:applications in Pulumi.local.yaml, "
        "then run `make up`."
    )


def test_a_cloud_that_is_gone_is_one_line(stack: Stack, show: Show):
    environment = json.loads((stack.folder / "environment.json").read_text())
    (stack.folder / "environment.json").write_text(
        json.dumps({**environment, "AWS_ENDPOINT_URL": "http://127.0.0.1:9"})
    )
    with pytest.raises(Problem, match=r"the cloud of stack 'local' does not answer at 127\.0\.0\.1:9\."):
        show()
