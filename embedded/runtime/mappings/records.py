"""Records in the shape in which Lambda hands them to a function.

https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html, …/with-ddb.html

All that all functions get of a record is encoded once; what differs by function, and what every record of a stream has
in common, is its end, and comes with each function's payload.
"""

from collections.abc import Callable, Iterable, Mapping
from operator import attrgetter
from typing import Any, NamedTuple

import orjson

ENCODED = attrgetter("encoded")


class Record(NamedTuple):
    """One record. key: whose order is kept. arrived: epoch seconds. encoded: its JSON in the function's event, but for
    its end."""

    sequence: str
    key: str
    arrived: float
    encoded: bytes


def kinesis_record(raw: Mapping[str, Any], shard: str) -> Record:
    """A record of GetRecords, as JSON has it."""
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


def table_record(raw: Mapping[str, Any], shard: str) -> Record:  # noqa: ARG001 - see Shape
    """A change of a table's stream, as JSON has it. The order is kept item by item."""
    change = raw["dynamodb"]
    key = orjson.dumps(change["Keys"], option=orjson.OPT_SORT_KEYS).decode()
    event = {name: value for name, value in raw.items() if name not in ("awsRegion", "eventSourceARN")}
    return Record(change["SequenceNumber"], key, change["ApproximateCreationDateTime"], _open(event))


def table_end(stream: str, role: str) -> bytes:  # noqa: ARG001 - see Shape
    """The rest of a change. stream: its ARN."""
    return _close({"awsRegion": stream.split(":")[3], "eventSourceARN": stream})


class Shape(NamedTuple):
    """How one kind of stream's records look. record: of GetRecords' and its shard; end: by stream and role."""

    record: Callable[[dict[str, Any], str], Record]
    end: Callable[[str, str], bytes]


KINESIS, TABLE = Shape(kinesis_record, kinesis_end), Shape(table_record, table_end)


def payload(records: Iterable[Record], end: bytes) -> bytes:
    """The event of one invocation. end: of each record."""
    parts = list(map(ENCODED, records))
    parts[0] = b'{"Records":[' + parts[0]
    parts[-1] += end + b"]}"
    return (end + b",").join(parts)


def size(records: Iterable[Record]) -> int:
    """The bytes of records, but for their ends."""
    return sum(map(len, map(ENCODED, records)))


def _open(event: Mapping[str, Any]) -> bytes:
    return orjson.dumps(event)[:-1] + b","


def _close(event: Mapping[str, Any]) -> bytes:
    return orjson.dumps(event)[1:]
