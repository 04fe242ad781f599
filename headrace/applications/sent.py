"""What was sent to a stack's applications: every event of every stream, read back from its beginning."""

import json
import sys
from collections.abc import Iterator, Mapping
from typing import Any

from headrace.home import PROJECT_FOLDER

sys.path.append(str(PROJECT_FOLDER / "lambdas"))  # as on Lambda, where a package's own folder is the path

from shared.events.decode import decode
from shared.events.event import Event, Undecodable

STREAMS = ("events_stream", "enriched_stream", "segment_stream")
CONVERSIONS = "loyalty/conversions/"
RECORDS_A_CALL = 10_000  # GetRecords' own limit


def read_events(kinesis: Any, published: Mapping[str, Any]) -> list[Event]:
    """In each shard in their order; what can not be decoded is left out. Raises botocore's errors."""
    names = [published[output] for output in STREAMS if output in published]
    decoded = [decode(data) for name in names for data in _records(kinesis, name)]
    return [event for event in decoded if not isinstance(event, Undecodable)]


def loaded_lines(dynamodb: Any, published: Mapping[str, Any]) -> int:
    """How many lines of dropped files were loaded as conversions, by the table of files: it has every drop, where the
    notes beside the files have each name's last one. Raises botocore's errors."""
    if "loyalty_files_table" not in published:
        return 0
    pages = dynamodb.get_paginator("scan").paginate(TableName=published["loyalty_files_table"])
    files = [item for page in pages for item in page["Items"] if item["file"]["S"].startswith(CONVERSIONS)]
    return sum(json.loads(file["progress"]["S"])["loaded"] for file in files)


def _records(kinesis: Any, name: str) -> Iterator[bytes]:
    for page in kinesis.get_paginator("list_shards").paginate(StreamName=name):
        for shard in page["Shards"]:
            start = {"StreamName": name, "ShardId": shard["ShardId"], "ShardIteratorType": "TRIM_HORIZON"}
            iterator = kinesis.get_shard_iterator(**start)["ShardIterator"]
            while iterator:
                answer = kinesis.get_records(ShardIterator=iterator, Limit=RECORDS_A_CALL)
                yield from (record["Data"] for record in answer["Records"])
                iterator = answer.get("NextShardIterator")
                if not answer["Records"] and not answer.get("MillisBehindLatest"):
                    break


__all__ = ["Event", "read_events"]
