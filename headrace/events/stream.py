"""A Kinesis stream read from a moment on, and again from where it was left."""

import time
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

AT_ONCE = 10_000  # records of one GetRecords call (its own limit)
LIST_SECONDS = 20.0  # how soon a new shard is seen


@dataclass
class Position:
    """In one shard. iterator: None where it is to be asked for again. after: the last record's sequence number."""

    iterator: str | None = None
    after: str | None = None
    ended: bool = False


class StreamTail:
    """Every record since a moment (epoch seconds), each once. pause_seconds: between two calls to one shard. Raises
    botocore's errors."""

    def __init__(self, kinesis: Any, name: str, since: float, pause_seconds: float) -> None:
        self._kinesis, self._name, self._since, self._pause_seconds = kinesis, name, since, pause_seconds
        self._shards: dict[str, Position] = {}
        self._listed = float("-inf")

    def read(self) -> list[bytes]:
        """What has come since the last time."""
        self._list()
        found: list[bytes] = []
        for shard, position in self._shards.items():
            while not position.ended:
                answer = self._records(shard, position)
                records = answer["Records"]
                found += [record["Data"] for record in records]
                if records:
                    position.after = records[-1]["SequenceNumber"]
                position.iterator = answer.get("NextShardIterator")
                if position.iterator is None:
                    position.ended, self._listed = True, float("-inf")  # split or merged: its children are to be found
                # An empty answer does not mean the end: Kinesis gives those in the middle of a shard too.
                if not answer.get("MillisBehindLatest"):
                    break
                time.sleep(self._pause_seconds)
        return found

    def _records(self, shard: str, position: Position) -> dict[str, Any]:
        if position.iterator is not None:
            try:
                return self._kinesis.get_records(ShardIterator=position.iterator, Limit=AT_ONCE)
            except ClientError as error:
                # An iterator is good for five minutes, and nobody may have looked for longer.
                if error.response["Error"]["Code"] != "ExpiredIteratorException":
                    raise
        return self._kinesis.get_records(ShardIterator=self._iterator(shard, position), Limit=AT_ONCE)

    def _iterator(self, shard: str, position: Position) -> str:
        if position.after is not None:
            start = {"ShardIteratorType": "AFTER_SEQUENCE_NUMBER", "StartingSequenceNumber": position.after}
        else:
            start = {"ShardIteratorType": "AT_TIMESTAMP", "Timestamp": self._since}
        return self._kinesis.get_shard_iterator(StreamName=self._name, ShardId=shard, **start)["ShardIterator"]

    def _list(self) -> None:
        if time.monotonic() - self._listed < LIST_SECONDS:
            return
        pages = self._kinesis.get_paginator("list_shards").paginate(StreamName=self._name)
        for shard in [shard for page in pages for shard in page["Shards"]]:
            self._shards.setdefault(shard["ShardId"], Position())
        self._listed = time.monotonic()
