"""Live counts on an emulated account: their tables, the handlers called as Lambda does, and ways to disturb them."""

import base64
import json
import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any, NamedTuple
from uuid import uuid4

import boto3

from live_counts import flush, place, prune
from live_counts.counts import Tables
from shared.states import plain

KEYS = {"players": "playerId", "levels": "levelId", "transitions": "transitionLevels", "sightings": "shard"}

# What a Google Analytics hit says, for each stage.
HITS = {
    "browsing": {"t": "pageview"},
    "viewing": {"t": "event", "pa": "detail", "pr1id": "1"},
    "cart": {"t": "event", "pa": "add", "pr1id": "1"},
    "purchased": {"t": "event", "pa": "purchase", "pr1id": "1", "ti": "1"},
}
WRITES = frozenset({"put_item", "delete_item", "transact_write_items", "put_object"})


class Happened(NamedTuple):
    """An event. at: epoch ms."""

    player: str
    level: str
    at: int
    event_id: str

    def data(self) -> bytes:
        context = {"protocol": "google-analytics-v1", "client_id": self.player}
        request = {"id": self.event_id, "timestamp": self.at, "body": HITS[self.level]}
        return json.dumps({"context": context, "request": request}).encode()


class Killed(BaseException):
    """The function is no more; nothing of it is told."""


class Clock:
    """Stands in for `time`."""

    def __init__(self, now: int) -> None:
        self.now = now

    def time_ns(self) -> int:
        return self.now * 1_000_000

    def sleep(self, _seconds: float) -> None: ...


class Context:
    @staticmethod
    def get_remaining_time_in_millis() -> int:
        return 30_000


class Client:
    """A boto3 client that counts items written, and calls `disturb` with the number of each write, before and after."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self.items_written: Counter[str] = Counter()
        self.calls = 0
        self.disturb: Callable[[int, bool], None] = lambda _number, _after: None

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._client, name)
        return (lambda **arguments: self._write(found, arguments)) if name in WRITES else found

    def _write(self, call: Callable[..., Any], arguments: Mapping[str, Any]) -> Any:
        self.calls += 1
        number = self.calls
        self.disturb(number, False)
        answer = call(**arguments)
        for one in arguments.get("TransactItems", [{"": arguments}]):
            for item in one.values():
                if "TableName" in item:
                    self.items_written[item["TableName"]] += 1
        self.disturb(number, True)
        return answer


@cache
def client(service: str, url: str) -> Any:
    """Making one takes longer than many a test."""
    return boto3.client(service, endpoint_url=url)


class World:
    """A deployment of its own, with nobody in it. now: epoch ms. The clients are new for every call of a handler."""

    def __init__(self, now: int) -> None:
        self.clock = Clock(now)
        self.bucket = f"bucket-{uuid4().hex}"
        self.tables = Tables(**{name: f"{name}-{uuid4().hex}" for name in KEYS})
        self.dynamodb, self.s3 = (client(service, os.environ["AWS_ENDPOINT_URL"]) for service in ("dynamodb", "s3"))
        self.items_written: Counter[str] = Counter()
        self.published: dict[str, list[dict[str, Any]]] = {}
        for name, key in KEYS.items():
            self.dynamodb.create_table(
                TableName=getattr(self.tables, name),
                AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"}],
                KeySchema=[{"AttributeName": key, "KeyType": "HASH"}],
                BillingMode="PAY_PER_REQUEST",
            )
        self.s3.create_bucket(Bucket=self.bucket)

    def destroy(self) -> None:
        for name in KEYS:
            self.dynamodb.delete_table(TableName=getattr(self.tables, name))

    def place(
        self, events: Sequence[Happened | bytes], shard: int = 0, disturb: Callable[[int, bool], None] | None = None
    ) -> list[int]:
        """Hands a batch to the function; returns the positions that it reports as failed."""
        batch = kinesis_batch([one if isinstance(one, bytes) else one.data() for one in events], shard)
        with self._called(place, disturb):
            answer = place.handler(batch, Context())
        return [int(one["itemIdentifier"]) for one in answer["batchItemFailures"]]

    def prune(self, disturb: Callable[[int, bool], None] | None = None) -> dict[str, Any]:
        with self._called(prune, disturb):
            return prune.handler({}, Context())

    def flush(self, disturb: Callable[[int, bool], None] | None = None) -> dict[str, Any]:
        try:
            with self._called(flush, disturb):
                return flush.handler({}, Context())
        finally:
            self._look()

    @contextmanager
    def _called(self, module: Any, disturb: Callable[[int, bool], None] | None) -> Iterator[None]:
        """The module's time, environment and clients are this world's."""
        client = Client(self.dynamodb)
        if disturb is not None:
            client.disturb = disturb
        clients = {"dynamodb": client, "s3": _beside(client, self.s3)}
        before = dict(os.environ), module.time, module.client
        os.environ.update(
            STATE_TABLE=self.tables.players,
            LEVELS_TABLE=self.tables.levels,
            TRANSITIONS_TABLE=self.tables.transitions,
            SIGHTINGS_TABLE=self.tables.sightings,
            BUCKET=self.bucket,
        )
        module.time, module.client = self.clock, clients.__getitem__
        try:
            yield
        finally:
            os.environ.clear()
            os.environ.update(before[0])
            module.time, module.client = before[1:]
            self.items_written += client.items_written

    def _look(self) -> None:
        """What a page that fetches the file has seen: an update's content never changes."""
        try:
            found = self.read(flush.TRANSITIONS_FILE)
        except self.s3.exceptions.NoSuchKey:
            return
        assert self.published.setdefault(found["update_id"], found["transitions"]) == found["transitions"]

    def read(self, name: str) -> dict[str, Any]:
        return json.load(self.s3.get_object(Bucket=self.bucket, Key=f"{flush.PREFIX}{name}")["Body"])

    def rows(self, table: str) -> list[dict[str, Any]]:
        scan = self.dynamodb.get_paginator("scan").paginate(TableName=getattr(self.tables, table), ConsistentRead=True)
        return [plain(item) for page in scan for item in page["Items"]]

    def players(self) -> dict[str, str]:
        return {row["playerId"]: row["levelId"] for row in self.rows("players")}

    def levels(self) -> dict[str, int]:
        return {row["levelId"]: int(row["playerCount"]) for row in self.rows("levels") if row["playerCount"]}

    def transitions(self) -> Counter[tuple[str | None, str | None]]:
        """Those that were published, and those that wait for a file."""
        rows = self.rows("transitions")
        waiting = {row["update_id"]: [] for row in rows if "update_id" in row} | {"": []}
        for row in rows:
            if "update_id" in row:
                waiting[row["update_id"]] += json.loads(row["transitions"])
            elif row["count"]:
                waiting[""].append({"from": row.get("levelFrom"), "to": row.get("levelTo"), "count": row["count"]})
        total: Counter[tuple[str | None, str | None]] = Counter()
        for one in [one for file in (waiting | self.published).values() for one in file]:
            total[one["from"], one["to"]] += int(one["count"])
        return total


def kinesis_batch(records: Sequence[bytes], shard: int = 0) -> dict[str, Any]:
    """A batch as Lambda hands it over; a record's sequence number is its position."""
    return {
        "Records": [
            {
                "eventID": f"shardId-{shard:012}:{number}",
                "eventSourceARN": "arn:aws:kinesis:us-east-1:000000000000:stream/events",
                "kinesis": {
                    "sequenceNumber": str(number),
                    "data": base64.b64encode(data).decode(),
                    "approximateArrivalTimestamp": 0.0,
                },
            }
            for number, data in enumerate(records)
        ]
    }


def _beside(client: Client, other: Any) -> Client:
    """A client for another service, whose calls are numbered with those of the first."""

    class Beside(Client):
        def _write(self, call: Callable[..., Any], arguments: Mapping[str, Any]) -> Any:
            return client._write(call, arguments)

    return Beside(other)
