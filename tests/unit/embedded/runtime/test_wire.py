"""A call over a connection that is kept: whatever the other side does with it, the caller gets an answer or an error it
knows."""

import pytest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError, EndpointConnectionError

from embedded.runtime.wire import kinesis_wire

CREDENTIALS = Credentials("test", "test")


def test_a_connection_that_was_ended_while_it_rested_is_made_anew(service):
    wire = kinesis_wire()
    for number in range(3):
        wire.call(CREDENTIALS, "GetRecords", {"ShardIterator": str(number)})
    assert [each["ShardIterator"] for each in service.given("GetRecords")] == ["0", "1", "2"]


def test_a_service_that_never_answers_is_an_error_and_not_asked_for_ever(service):
    service.answers.extend([None] * 3)
    wire = kinesis_wire()
    with pytest.raises(EndpointConnectionError):
        wire.call(CREDENTIALS, "GetRecords", {})
    assert len(service.calls) == 1


@pytest.mark.parametrize(("status", "body"), [(200, b"<html>"), (502, b"Bad Gateway"), (200, b"[]"), (500, b"\xff")])
def test_an_answer_that_is_no_json_object_is_the_services_error(service, status: int, body: bytes):
    service.answers.append((status, body))
    with pytest.raises(ClientError) as raised:
        kinesis_wire().call(CREDENTIALS, "GetRecords", {})
    assert raised.value.response.get("Error", {}).get("Code") == str(status)


def test_an_error_keeps_its_name(service):
    service.answers.append((400, b'{"__type": "com.amazonaws#ExpiredIteratorException", "message": "old"}'))
    with pytest.raises(ClientError, match=r"ExpiredIteratorException.*old"):
        kinesis_wire().call(CREDENTIALS, "GetRecords", {})
