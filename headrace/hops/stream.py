"""How many records the Kinesis stream holds, read from its beginning."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from headrace.hops.cloud import CONNECTIONS
from headrace.hops.objects import PUMPED

RECORDS_A_CALL = 10_000  # GetRecords' own limit
# A shard answers GetRecords five times a second, to all its readers together: whoever reads on without a pause takes
# from the functions and from Firehose. The embedded cloud has no such limit.
PAUSE_SECONDS = {"embedded": 0.0, "aws": 1.0}


@dataclass
class Shard:
    """How far one shard has been read. iterator: None once a closed shard is read to its end."""

    iterator: str | None
    records: int = 0
    pumped: int = 0


class Stream:
    """Counts the records of a stream; asked again, it goes on where it was."""

    def __init__(self, kinesis: Any, name: str) -> None:
        self._kinesis, self._name = kinesis, name
        self._shards: dict[str, Shard] = {}

    def count(self) -> tuple[int, int]:
        """All records read so far, and those of them the pumper sent; of what comes meanwhile, some."""
        asked_at = datetime.now(UTC)
        for shard_id in self._shard_ids():
            if shard_id not in self._shards:
                self._shards[shard_id] = Shard(self._beginning(shard_id))
        with ThreadPoolExecutor(CONNECTIONS) as readers:
            list(readers.map(lambda shard: self._read_on(shard, asked_at), self._shards.values()))
        return (
            sum(shard.records for shard in self._shards.values()),
            sum(shard.pumped for shard in self._shards.values()),
        )

    def reaches_back_to(self) -> datetime:
        """Records from before then are not in it: they have expired, or went through a stream before this one."""
        summary = self._kinesis.describe_stream_summary(StreamName=self._name)["StreamDescriptionSummary"]
        kept_since = datetime.now(UTC) - timedelta(hours=summary["RetentionPeriodHours"])
        return max(kept_since, summary["StreamCreationTimestamp"])

    def _shard_ids(self) -> list[str]:
        pages = self._kinesis.get_paginator("list_shards").paginate(StreamName=self._name)
        return [shard["ShardId"] for page in pages for shard in page["Shards"]]

    def _beginning(self, shard_id: str) -> str:
        answer = self._kinesis.get_shard_iterator(
            StreamName=self._name, ShardId=shard_id, ShardIteratorType="TRIM_HORIZON"
        )
        return answer["ShardIterator"]

    def _read_on(self, shard: Shard, asked_at: datetime) -> None:
        while shard.iterator is not None:
            answer = self._kinesis.get_records(ShardIterator=shard.iterator, Limit=RECORDS_A_CALL)
            shard.records += len(answer["Records"])
            shard.pumped += sum(PUMPED in record["Data"] for record in answer["Records"])
            shard.iterator = answer.get("NextShardIterator")
            # An empty answer does not mean the end: Kinesis gives those in the middle of a shard too. Nor is there an
            # end to wait for while more comes all the time.
            late = answer["Records"] and answer["Records"][-1]["ApproximateArrivalTimestamp"] > asked_at
            if late or not answer.get("MillisBehindLatest"):
                return
