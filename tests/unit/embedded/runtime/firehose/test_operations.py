"""Firehose's limits and error shapes."""

import base64
from types import SimpleNamespace

import pytest

from embedded.runtime.firehose.errors import ApiError, not_found
from embedded.runtime.firehose.operations import BYTES_A_RECORD, RECORDS_A_CALL, operations


class Stream:
    def __init__(self, source=None, full=False):
        self.definition = SimpleNamespace(name="raw", source=source, encryption=None)
        self.full, self.taken = full, []

    def put(self, records):
        self.taken += records


class Streams:
    def __init__(self, **streams):
        self.streams = streams

    def get(self, name):
        if name not in self.streams:
            raise not_found(name, "000000000000")
        return self.streams[name]

    def names(self):
        return sorted(self.streams)


def batch(*records: bytes, name="raw"):
    return {"DeliveryStreamName": name, "Records": [{"Data": base64.b64encode(record).decode()} for record in records]}


def perform(operation, request, **streams):
    return operations(Streams(**streams))[operation](request)


def test_a_batch_is_taken_whole_and_each_record_gets_an_id():
    stream = Stream()
    answer = perform("PutRecordBatch", batch(b"a", b"b"), raw=stream)
    assert stream.taken == [b"a", b"b"]
    assert answer["FailedPutCount"] == 0
    assert len({response["RecordId"] for response in answer["RequestResponses"]}) == 2


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        (batch(), "ValidationException"),
        (batch(*[b"x"] * (RECORDS_A_CALL + 1)), "ValidationException"),
        (batch(b"x" * (BYTES_A_RECORD + 1)), "ValidationException"),
        (batch(*[b"x" * BYTES_A_RECORD] * 5), "InvalidArgumentException"),
        ({"DeliveryStreamName": "raw", "Records": [{}]}, "ValidationException"),
        ({"DeliveryStreamName": "raw", "Records": [{"Data": "***"}]}, "SerializationException"),
        ({"Records": [{"Data": "eA=="}]}, "ValidationException"),
        (batch(b"x", name="none"), "ResourceNotFoundException"),
    ],
)
def test_what_exceeds_a_limit_is_refused_and_nothing_of_it_taken(request_, code):
    stream = Stream()
    with pytest.raises(ApiError) as refused:
        perform("PutRecordBatch", request_, raw=stream)
    assert refused.value.code == code
    assert stream.taken == []


def test_a_call_may_be_as_large_as_the_limits_allow():
    stream = Stream()
    perform("PutRecordBatch", batch(*[b"x" * BYTES_A_RECORD] * 4), raw=stream)
    perform("PutRecordBatch", batch(*[b"x"] * RECORDS_A_CALL), raw=stream)
    assert len(stream.taken) == 4 + RECORDS_A_CALL


def test_records_can_not_be_put_past_a_kinesis_source():
    with pytest.raises(ApiError) as refused:
        perform(
            "PutRecord", {"DeliveryStreamName": "raw", "Record": {"Data": "eA=="}}, raw=Stream(source={"stream": "s"})
        )
    assert refused.value.code == "InvalidArgumentException"


def test_a_stream_that_can_not_deliver_says_slow_down():
    with pytest.raises(ApiError) as refused:
        perform("PutRecordBatch", batch(b"x"), raw=Stream(full=True))
    assert (refused.value.code, refused.value.status) == ("ServiceUnavailableException", 503)


def test_names_are_listed_in_pages():
    streams = {name: Stream() for name in ("a", "b", "c")}
    first = perform("ListDeliveryStreams", {"Limit": 2}, **streams)
    assert first == {"DeliveryStreamNames": ["a", "b"], "HasMoreDeliveryStreams": True}
    rest = perform("ListDeliveryStreams", {"Limit": 2, "ExclusiveStartDeliveryStreamName": "b"}, **streams)
    assert rest == {"DeliveryStreamNames": ["c"], "HasMoreDeliveryStreams": False}
