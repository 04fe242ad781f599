"""A function gets its records as Lambda hands them out, though what all functions get of them is encoded once."""

import json

import pytest

from embedded.runtime.mappings.records import KINESIS, payload

STREAM, ROLE = "arn:aws:kinesis:us-east-1:000000000000:stream/hits", "arn:aws:iam::000000000000:role/offers"
RAW = {"SequenceNumber": "17", "PartitionKey": 'a "key"', "ApproximateArrivalTimestamp": 1.5, "Data": "aGl0"}


@pytest.mark.parametrize("count", [1, 2, 3])
def test_an_event_holds_each_record_whole(count: int):
    records = [KINESIS.record(RAW, "shard") for _ in range(count)]
    event = json.loads(payload(records, KINESIS.end(STREAM, ROLE)))
    assert event == {"Records": [expected()] * count}


def expected() -> dict[str, object]:
    return {
        "kinesis": {
            "kinesisSchemaVersion": "1.0",
            "partitionKey": 'a "key"',
            "sequenceNumber": "17",
            "data": "aGl0",
            "approximateArrivalTimestamp": 1.5,
        },
        "eventID": "shard:17",
        "eventSource": "aws:kinesis",
        "eventVersion": "1.0",
        "eventName": "aws:kinesis:record",
        "invokeIdentityArn": ROLE,
        "awsRegion": "us-east-1",
        "eventSourceARN": STREAM,
    }
