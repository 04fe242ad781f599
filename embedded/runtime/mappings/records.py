"""Records in the shape in which Lambda hands them to a function.

https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html, …/with-ddb.html
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Record:
    """One record. key: whose order is kept. arrived: epoch seconds. encoded: its JSON in the function's event."""

    sequence: str
    key: str
    arrived: float
    encoded: bytes


def kinesis_event(raw: dict[str, Any], shard: str, stream: str, role: str) -> dict[str, Any]:
    """A record of GetRecords, as JSON has it, in the shape of the event."""
    return {
        "kinesis": {
            "kinesisSchemaVersion": "1.0",
            "partitionKey": raw["PartitionKey"],
            "sequenceNumber": raw["SequenceNumber"],
            "data": raw["Data"],
            "approximateArrivalTimestamp": raw["ApproximateArrivalTimestamp"],
        },
        "eventSource": "aws:kinesis",
        "eventVersion": "1.0",
        "eventID": f"{shard}:{raw['SequenceNumber']}",
        "eventName": "aws:kinesis:record",
        "invokeIdentityArn": role,
        "awsRegion": stream.split(":")[3],
        "eventSourceARN": stream,
    }


def table_event(raw: dict[str, Any], stream: str) -> dict[str, Any]:
    """A change of a table's stream, as JSON has it, in the shape of the event."""
    return {**raw, "awsRegion": stream.split(":")[3], "eventSourceARN": stream}


def record(event: dict[str, Any]) -> Record:
    """What is needed to batch an event. A table's order is kept item by item, a stream's partition key by key."""
    encoded = json.dumps(event, separators=(",", ":"), ensure_ascii=False).encode()
    if "kinesis" in event:
        part = event["kinesis"]
        return Record(part["sequenceNumber"], part["partitionKey"], part["approximateArrivalTimestamp"], encoded)
    part = event["dynamodb"]
    key = json.dumps(part["Keys"], sort_keys=True)
    return Record(part["SequenceNumber"], key, part["ApproximateCreationDateTime"], encoded)


def payload(records: Iterable[Record]) -> bytes:
    """The event of one invocation."""
    return b'{"Records":[' + b",".join(each.encoded for each in records) + b"]}"
