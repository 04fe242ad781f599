"""Records in the shape in which Lambda hands them to a function.

https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html, …/with-ddb.html
"""

import json
from base64 import b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Record:
    """One record. key: whose order is kept. arrived: epoch seconds. encoded: its JSON in the function's event."""

    sequence: str
    key: str
    arrived: float
    encoded: bytes


def kinesis_event(raw: dict[str, Any], shard: str, stream: str, role: str) -> dict[str, Any]:
    """A record of GetRecords as the event has it."""
    return {
        "kinesis": {
            "kinesisSchemaVersion": "1.0",
            "partitionKey": raw["PartitionKey"],
            "sequenceNumber": raw["SequenceNumber"],
            "data": b64encode(raw["Data"]).decode(),
            "approximateArrivalTimestamp": raw["ApproximateArrivalTimestamp"].timestamp(),
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
    """A change of a table's stream as the event has it."""
    return {**raw, "awsRegion": stream.split(":")[3], "eventSourceARN": stream}


def record(event: dict[str, Any]) -> Record:
    """What is needed to batch an event. A table's order is kept item by item, a stream's partition key by key."""
    encoded = json.dumps(event, default=_plain, separators=(",", ":"), ensure_ascii=False).encode()
    if "kinesis" in event:
        part = event["kinesis"]
        return Record(part["sequenceNumber"], part["partitionKey"], part["approximateArrivalTimestamp"], encoded)
    part = event["dynamodb"]
    key = json.dumps(part["Keys"], default=_plain, sort_keys=True)
    return Record(part["SequenceNumber"], key, part["ApproximateCreationDateTime"].timestamp(), encoded)


def payload(records: Iterable[Record]) -> bytes:
    """The event of one invocation."""
    return b'{"Records":[' + b",".join(each.encoded for each in records) + b"]}"


def _plain(value: Any) -> Any:
    match value:
        case bytes():
            return b64encode(value).decode()
        case datetime():
            moment = value.timestamp()
            return int(moment) if moment.is_integer() else moment
    raise TypeError(f"a {type(value).__name__} is not part of a record")
