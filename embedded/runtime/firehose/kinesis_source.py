"""A Kinesis stream as a delivery stream's source: every shard is read to its end, and followed when it is split."""

import logging
import threading
import time
from collections.abc import Callable
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from pybase64 import b64decode

from embedded.runtime.firehose.journal import Batch
from embedded.runtime.roles import NotTrusted, Roles
from embedded.runtime.wire import kinesis_wire

IDLE_SECONDS = 0.5  # AWS reads each shard about once a second
LIST_SECONDS = 20.0  # how soon a new shard is seen
RETRY_SECONDS = (0.5, 1, 2, 5, 10)
AT_ONCE = 10_000  # records a GetRecords call returns at most (API limit)

log = logging.getLogger(__name__)


class KinesisSource(threading.Thread):
    """Reads a stream with the rights of a role and hands each batch on, until it is stopped.

    Reading begins where `positions` (sequence numbers by shard) says, else with what was put since `since` (epoch
    seconds). `accept` returns whether more may follow at once; when it returns False, reading pauses until it may.
    """

    def __init__(
        self,
        *,
        stream: str,
        role: str,
        source: str,
        roles: Roles,
        since: float,
        positions: dict[str, str],
        accept: Callable[[Batch], None],
        may_read: Callable[[], bool],
    ) -> None:
        super().__init__(name=f"kinesis {stream.rpartition('/')[2]}", daemon=True)
        self._stream, self._role, self._source, self._roles = stream, role, source, roles
        self._since, self._positions = since, positions
        self._accept, self._may_read = accept, may_read
        self._wire = kinesis_wire()
        self._iterators: dict[str, str | None] = {}
        self._listed = 0.0
        self._ended = threading.Event()
        self.error: str | None = None
        self.behind_seconds = 0.0

    def run(self) -> None:
        """Reads until stopped; an error is kept in `error`, and tried again after a pause."""
        failures = 0
        while not self._ended.is_set():
            try:
                client = self._roles.client("kinesis", self._role, self._source)
                pause = 0.0 if self._may_read() and self._round(client) else IDLE_SECONDS
                failures, self.error = 0, None
            except (ClientError, BotoCoreError, NotTrusted) as error:
                self._roles.forget(self._role)
                pause = RETRY_SECONDS[min(failures, len(RETRY_SECONDS) - 1)]
                failures += 1
                self.error = str(error)
                self._iterators.clear()  # perhaps expired: begin again where the last batch ended
                self._listed = 0.0
                log.warning("can not read %s: %s", self._stream, error)
            self._ended.wait(pause)

    def stop(self) -> None:
        """Ends reading; returns when it has ended."""
        self._ended.set()
        self.join()

    def _round(self, client: Any) -> bool:
        """Reads each shard once; whether there is more to read already."""
        self._list(client)
        behind = 0
        for shard, iterator in list(self._iterators.items()):
            if iterator is None:
                continue
            request = {"ShardIterator": iterator, "Limit": AT_ONCE, "StreamARN": self._stream}
            answer = self._wire.call(self._roles.credentials(self._role, self._source), "GetRecords", request)
            records = answer["Records"]
            if records:
                self._accept(
                    Batch(
                        arrived=int(records[0]["ApproximateArrivalTimestamp"] * 1000),
                        records=[b64decode(record["Data"]) for record in records],
                        shard=shard,
                        position=records[-1]["SequenceNumber"],
                    )
                )
                self._positions[shard] = records[-1]["SequenceNumber"]
            self._iterators[shard] = answer.get("NextShardIterator")
            if self._iterators[shard] is None:
                self._listed = 0.0  # closed: its children are to be found
            behind = max(behind, answer.get("MillisBehindLatest", 0))
        self.behind_seconds = behind / 1000
        return behind > 0

    def _list(self, client: Any) -> None:
        if time.monotonic() - self._listed < LIST_SECONDS and self._listed:
            return
        shards = [
            shard["ShardId"]
            for page in client.get_paginator("list_shards").paginate(StreamARN=self._stream)
            for shard in page["Shards"]
        ]
        for shard in shards:
            if shard not in self._iterators:
                self._iterators[shard] = client.get_shard_iterator(
                    StreamARN=self._stream, ShardId=shard, **self._start(shard)
                )["ShardIterator"]
        self._listed = time.monotonic()

    def _start(self, shard: str) -> dict[str, Any]:
        if shard in self._positions:
            return {"ShardIteratorType": "AFTER_SEQUENCE_NUMBER", "StartingSequenceNumber": self._positions[shard]}
        return {"ShardIteratorType": "AT_TIMESTAMP", "Timestamp": self._since}
