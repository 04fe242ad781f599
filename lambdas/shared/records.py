"""What a stream hands a function: batches of records, and what the function says of those that failed.

https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-batchfailurereporting.html
"""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from boto3.dynamodb.types import TypeDeserializer
from pybase64 import b64decode

Failures = dict[str, list[dict[str, str]]]

_deserialize = TypeDeserializer().deserialize


class Record(NamedTuple):
    """One Kinesis record. sequence: its number in its shard. arrived: when the stream took it, epoch ms."""

    sequence: str
    data: bytes
    arrived: int


class Change(NamedTuple):
    """One change of a DynamoDB item; images in DynamoDB's JSON, {} where there is none. sequence: in its shard."""

    sequence: str
    keys: Mapping[str, Any]
    old: Mapping[str, Any]
    new: Mapping[str, Any]


def kinesis_records(batch: Mapping[str, Any]) -> list[Record]:
    """The records of one invocation, in their order."""
    return [
        Record(
            sequence=record["kinesis"]["sequenceNumber"],
            data=b64decode(record["kinesis"]["data"], validate=True),
            arrived=round(record["kinesis"]["approximateArrivalTimestamp"] * 1000),
        )
        for record in batch["Records"]
    ]


def done_of(batch: Mapping[str, Any], failed: Iterable[str]) -> dict[str, Any]:
    """What a batch of a Kinesis stream came to, for the log: how many records, in their order, are done with, and
    which; how many come again.

    failed: sequence numbers; Lambda hands over everything from the first of them once more. The ledger adds these up
    and finds the records that no invocation is done with (docs/ledger.md).
    """
    records, again = batch["Records"], set(failed)
    sequences = [record["kinesis"]["sequenceNumber"] for record in records]
    done = next((number for number, sequence in enumerate(sequences) if sequence in again), len(sequences))
    if not done:
        return {"done": 0, "again": len(records)}
    return {
        "done": done,
        "again": len(records) - done,
        "done_stream": records[0].get("eventSourceARN", "").rpartition("/")[2],
        "done_shard": records[0].get("eventID", "").partition(":")[0],
        "done_from": sequences[0],
        "done_to": sequences[done - 1],
    }


def changes(batch: Mapping[str, Any]) -> list[Change]:
    """The changes of one invocation of a DynamoDB stream with NEW_AND_OLD_IMAGES, in their order."""
    return [
        Change(
            sequence=record["dynamodb"]["SequenceNumber"],
            keys=record["dynamodb"]["Keys"],
            old=record["dynamodb"].get("OldImage", {}),
            new=record["dynamodb"].get("NewImage", {}),
        )
        for record in batch["Records"]
    ]


def failures(sequences: Iterable[str]) -> Failures:
    """The function's answer: Lambda repeats the batch from the first of these."""
    return {"batchItemFailures": [{"itemIdentifier": sequence} for sequence in sequences]}


def plain(item: Mapping[str, Any]) -> dict[str, Any]:
    """DynamoDB's JSON as Python's values: numbers are Decimal, sets are sets."""
    return {name: _deserialize(value) for name, value in item.items()}
