"""The offers' tables, bus and sender in a bare account, and the functions called as their mappings call them."""

import json
import urllib.request
import uuid
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any

import boto3
from offers import handler, perform
from offers.rules import rules

from shared.records import plain
from tests.integration.account import Account
from tests.integration.offers.records import Record, batch

SENDER = "offers@example.org"
SETTINGS = {
    "MINIMUM_PURCHASE": "50",
    "DISCOUNT_PERCENT": "10",
    "VALID_DAYS": "7",
    "COOLDOWN_DAYS": "30",
    "MEMORY_DAYS": "30",
}


class Context:
    """Lambda's, with half a minute left."""

    def get_remaining_time_in_millis(self) -> int:
        return 30_000


class Shop:
    """A shop of its own, with nothing in it yet."""

    def __init__(self, account: Account, set_variable: Callable[[str, str], None]) -> None:
        name = uuid.uuid4().hex[:8]
        self._url = account.url
        self._dynamodb, self._streams = client("dynamodb"), client("dynamodbstreams")
        self.users = self._table(f"users-{name}", "user_id", changes=True)
        self.clients = self._table(f"clients-{name}", "client_id", changes=True)
        self.effects_table = self._table(f"effects-{name}", "effect_id")
        self.bus, self.name = f"bus-{name}", name
        client("events").create_event_bus(Name=self.bus)
        self._queue = self._queue_behind_the_bus()
        client("sesv2").create_email_identity(EmailIdentity=SENDER)
        self._sequence, self._read = 1, dict[str, int]()
        self.environment = {
            **SETTINGS,
            "STATE_TABLE": self.users,
            "CLIENTS_TABLE": self.clients,
            "EFFECTS_TABLE": self.effects_table,
            "EFFECTS_BUS": self.bus,
            "EMAIL_FROM": SENDER,
        }
        for variable, value in self.environment.items():
            set_variable(variable, value)
        forget()

    def take(self, records: Iterable[Record]) -> list[str]:
        """Hands the records to the function for streams; returns the sequence numbers that it failed."""
        taken = list(records)
        made = batch(taken, self._sequence)
        self._sequence += len(taken)
        return [one["itemIdentifier"] for one in handler.handler(made, Context())["batchItemFailures"]]

    def changes(self) -> dict[str, Any]:
        """What changed in both tables since it was last asked, as a mapping hands it over."""
        found: list[dict[str, Any]] = []
        for table in (self.users, self.clients):
            records = self._stream(table)
            found += records[self._read.get(table, 0) :]
            self._read[table] = len(records)
        return {"Records": found}

    def send(self, changes: Mapping[str, Any] | None = None) -> list[str]:
        """Hands changes, the new ones where none are given, to the function that sends; returns what it failed."""
        answer = perform.handler(self.changes() if changes is None else changes, Context())
        return [one["itemIdentifier"] for one in answer["batchItemFailures"]]

    def run(self, *batches: Iterable[Record]) -> None:
        """Events in, offers out."""
        for records in batches:
            assert self.take(records) == []
            assert self.send() == []

    def user(self, user_id: str) -> dict[str, Any]:
        return self._row(self.users, {"user_id": {"S": user_id}})

    def visitor(self, client_id: str) -> dict[str, Any]:
        return self._row(self.clients, {"client_id": {"S": client_id}})

    def effects(self) -> list[dict[str, Any]]:
        return [plain(item) for item in self._dynamodb.scan(TableName=self.effects_table)["Items"]]

    def on_bus(self) -> list[dict[str, Any]]:
        """Details of the offers that a rule on the bus has handed on since it was last asked."""
        sqs, found = client("sqs"), []
        while messages := sqs.receive_message(QueueUrl=self._queue, MaxNumberOfMessages=10).get("Messages"):
            for message in messages:
                found.append(json.loads(message["Body"])["detail"])
                sqs.delete_message(QueueUrl=self._queue, ReceiptHandle=message["ReceiptHandle"])
        return found

    def mails(self, address: str) -> list[dict[str, Any]]:
        """What SES was given for an address."""
        with urllib.request.urlopen(f"{self._url}/_ministack/ses/messages") as answer:
            by_account = json.load(answer)["messages"]
        return [message for messages in by_account.values() for message in messages if address in message["To"]]

    def _table(self, name: str, key: str, *, changes: bool = False) -> str:
        self._dynamodb.create_table(
            TableName=name,
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": key, "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"}],
            StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}
            if changes
            else {"StreamEnabled": False},
        )
        return name

    def _row(self, table: str, key: Mapping[str, Any]) -> dict[str, Any]:
        return plain(self._dynamodb.get_item(TableName=table, Key=key, ConsistentRead=True).get("Item", {}))

    def _stream(self, table: str) -> list[dict[str, Any]]:
        arn = self._dynamodb.describe_table(TableName=table)["Table"]["LatestStreamArn"]
        found: list[dict[str, Any]] = []
        for shard in self._streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]:
            iterator = self._streams.get_shard_iterator(
                StreamArn=arn, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
            )["ShardIterator"]
            while iterator:
                answer = self._streams.get_records(ShardIterator=iterator, Limit=1000)
                found += answer["Records"]
                iterator = answer.get("NextShardIterator") if answer["Records"] else None
        return found

    def _queue_behind_the_bus(self) -> str:
        sqs, events = client("sqs"), client("events")
        url = sqs.create_queue(QueueName=f"offers-{self.name}")["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        events.put_rule(Name="offers", EventBusName=self.bus, EventPattern=json.dumps({"source": ["headrace.offers"]}))
        events.put_targets(Rule="offers", EventBusName=self.bus, Targets=[{"Id": "queue", "Arn": arn}])
        return url


@cache
def client(service: str) -> Any:
    return boto3.client(service)


def forget() -> None:
    """Has the functions read their environment anew, as in a new process."""
    for cached in (handler.tables, perform.effect_log, perform.sender, rules):
        cached.cache_clear()


def disconnect() -> None:
    """Has everybody make their clients anew, for another account."""
    for cached in (handler.client, perform.mail, client):
        cached.cache_clear()
