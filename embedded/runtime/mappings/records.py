"""Records in the shape in which Lambda hands them to a function.

https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html, …/with-ddb.html

All that all functions get of a record is encoded once; what differs by function, and what every record of a stream has
in common, is its end (`…_end`), and is appended for each function.
"""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import orjson


class Record(NamedTuple):
    """One record. key: whose order is kept. arrived: epoch seconds. encoded: its JSON in the function's event."""

    sequence: str
    key: str
    arrived: float
    encoded: bytes

    def ending(self, end: bytes) -> "Record":
        """The record with what one function gets beside."""
        return Record(self.sequence, self.key, self.arrived, self.encoded + end)


def kinesis_record(raw: Mapping[str, Any], shard: str) -> Record:
    """A record of GetRecords, as JSON has it, but for its end."""
    sequence, key, arrived = raw["SequenceNumber"], raw["PartitionKey"], raw["ApproximateArrivalTimestamp"]
    event = {
        "kinesis": {
            "kinesisSchemaVersion": "1.0",
            "partitionKey": key,
            "sequenceNumber": sequence,
            "data": raw["Data"],
            "approximateArrivalTimestamp": arrived,
        },
        "eventID": f"{shard}:{sequence}",
    }
    return Record(sequence, key, arrived, _open(event))


def kinesis_end(stream: str, role: str) -> bytes:
    """The rest of a Kinesis record. stream, role: ARNs; the role is the function's."""
    return _close(
        {
            "eventSource": "aws:kinesis",
            "eventVersion": "1.0",
            "eventName": "aws:kinesis:record",
            "invokeIdentityArn": role,
            "awsRegion": stream.split(":")[3],
            "eventSourceARN": stream,
        }
    )


def table_record(raw: Mapping[str, Any]) -> Record:
    """A change of a table's stream, as JSON has it, but for its end. The order is kept item by item."""
    change = raw["dynamodb"]
    key = orjson.dumps(change["Keys"], option=orjson.OPT_SORT_KEYS).decode()
    event = {name: value for name, value in raw.items() if name not in ("awsRegion", "eventSourceARN")}
    return Record(change["SequenceNumber"], key, change["ApproximateCreationDateTime"], _open(event))


def table_end(stream: str) -> bytes:
    """The rest of a change. stream: its ARN."""
    return _close({"awsRegion": stream.split(":")[3], "eventSourceARN": stream})


def payload(records: Iterable[Record]) -> bytes:
    """The event of one invocation."""
    return b'{"Records":[' + b",".join(each.encoded for each in records) + b"]}"


def _open(event: Mapping[str, Any]) -> bytes:
    return orjson.dumps(event)[:-1] + b","


def _close(event: Mapping[str, Any]) -> bytes:
    return orjson.dumps(event)[1:]
