"""The two kinds of stream that are read by shards, behind one interface."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, NamedTuple, Protocol

from embedded.runtime.wire import Wire, kinesis_wire

AT_ONCE = 2_000  # records a read brings at most, which all are in memory several times then


class Shard(NamedTuple):
    """A shard, and those it came from, which are read first. closed: nothing is added to it any more."""

    id: str
    parents: tuple[str, ...]
    closed: bool


class Source(Protocol):
    """A stream, looked at through a client of `service`; records are read through a Wire of the same.

    heard_of: by which words. since: epoch seconds; what came before need not be read. None for all there is. has_more:
    whether to read on at once. sequence: a record's number.
    """

    service: str
    arn: str
    heard_of: tuple[str, str]

    def shards(self, client: Any) -> list[Shard]: ...
    def iterator(self, client: Any, shard: str, after: str | None, since: float | None) -> str: ...
    def wire(self) -> Wire: ...
    def request(self, iterator: str) -> dict[str, Any]: ...
    def has_more(self, answer: dict[str, Any]) -> bool: ...
    def sequence(self, raw: dict[str, Any]) -> str: ...


class KinesisStream:
    service = "kinesis"

    def __init__(self, arn: str) -> None:
        self.arn = arn
        self.heard_of: tuple[str, str] = "kinesis", name_of(arn)

    def shards(self, client: Any) -> list[Shard]:
        pages = client.get_paginator("list_shards").paginate(StreamARN=self.arn)
        return [_shard(each) for page in pages for each in page["Shards"]]

    def iterator(self, client: Any, shard: str, after: str | None, since: float | None) -> str:
        if after is not None:
            start: dict[str, Any] = {"ShardIteratorType": "AFTER_SEQUENCE_NUMBER", "StartingSequenceNumber": after}
        elif since is not None:
            start = {"ShardIteratorType": "AT_TIMESTAMP", "Timestamp": datetime.fromtimestamp(since, UTC)}
        else:
            start = {"ShardIteratorType": "TRIM_HORIZON"}
        return client.get_shard_iterator(StreamARN=self.arn, ShardId=shard, **start)["ShardIterator"]

    def wire(self) -> Wire:
        return kinesis_wire()

    def request(self, iterator: str) -> dict[str, Any]:
        return {"ShardIterator": iterator, "StreamARN": self.arn, "Limit": AT_ONCE}

    def has_more(self, answer: dict[str, Any]) -> bool:
        return answer.get("MillisBehindLatest", 0) > 0

    def sequence(self, raw: dict[str, Any]) -> str:
        return raw["SequenceNumber"]


class TableStream:
    """A table's changes. These streams know no AT_TIMESTAMP: what came before `since` is read, too."""

    service = "dynamodbstreams"

    def __init__(self, arn: str) -> None:
        self.arn = arn
        self.heard_of: tuple[str, str] = "dynamodb", name_of(arn)

    def shards(self, client: Any) -> list[Shard]:
        found: list[Shard] = []
        more: dict[str, str] = {}
        while True:
            described = client.describe_stream(StreamArn=self.arn, **more)["StreamDescription"]
            found += [_shard(each) for each in described["Shards"]]
            if "LastEvaluatedShardId" not in described:
                return found
            more = {"ExclusiveStartShardId": described["LastEvaluatedShardId"]}

    def iterator(self, client: Any, shard: str, after: str | None, since: float | None) -> str:  # noqa: ARG002
        start: dict[str, str] = {"ShardIteratorType": "TRIM_HORIZON"}
        if after is not None:
            start = {"ShardIteratorType": "AFTER_SEQUENCE_NUMBER", "SequenceNumber": after}
        return client.get_shard_iterator(StreamArn=self.arn, ShardId=shard, **start)["ShardIterator"]

    def wire(self) -> Wire:
        return Wire("dynamodb", "DynamoDBStreams_20120810", "1.0")

    def request(self, iterator: str) -> dict[str, Any]:
        return {"ShardIterator": iterator}

    def has_more(self, answer: dict[str, Any]) -> bool:
        return bool(answer["Records"])  # these streams do not say: look until there is none

    def sequence(self, raw: dict[str, Any]) -> str:
        return raw["dynamodb"]["SequenceNumber"]


def source(arn: str) -> Source:
    """The source with this ARN."""
    return KinesisStream(arn) if arn.split(":")[2] == "kinesis" else TableStream(arn)


def name_of(arn: str) -> str:
    """The stream's or the table's name."""
    return arn.split(":", 5)[5].split("/")[1]


def beginnings(shards: Iterable[Shard], ended: set[str]) -> list[Shard]:
    """The shards that may be read: all whose parents are processed to their end, or are gone."""
    there = {shard.id for shard in shards}
    return [each for each in shards if not any(parent in there and parent not in ended for parent in each.parents)]


def _shard(found: dict[str, Any]) -> Shard:
    parents = (found.get("ParentShardId"), found.get("AdjacentParentShardId"))
    closed = "EndingSequenceNumber" in found.get("SequenceNumberRange", {})
    return Shard(found["ShardId"], tuple(parent for parent in parents if parent), closed)
