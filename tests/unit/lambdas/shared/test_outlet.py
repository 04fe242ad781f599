from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from shared.outlet import BAD, EVENTS, Outlet
from shared.puts import FirehoseStream, Item, KinesisStream
from shared.spill import Spilled, decode

NAMES = {"EVENTS_STREAM": "events", "RAW_DELIVERY_STREAM": "raw", "BAD_DELIVERY_STREAM": "bad", "BUCKET": "lake"}
EVENT, ROW = Item(b'{"event":1}', "client"), Item(b'{"reason":"x"}')


def deliver(cloud: Any) -> Any:
    return cloud.outlet.deliver({EVENTS: [EVENT], BAD: [ROW]}, lambda: 30.0)


def test_events_go_to_kinesis_and_bad_rows_to_firehose(cloud: Any) -> None:
    delivered = deliver(cloud)
    assert (cloud.kinesis.taken, cloud.firehose.taken) == ([EVENT.data], [ROW.data])
    assert (delivered.spilled, delivered.lost, cloud.bucket.objects) == (0, {}, {})


def test_without_a_stream_events_go_to_firehose() -> None:
    assert isinstance(Outlet(NAMES, lambda _: None).target(EVENTS), KinesisStream)
    without = {name: value for name, value in NAMES.items() if name != "EVENTS_STREAM"}
    assert isinstance(Outlet(without, lambda _: None).target(EVENTS), FirehoseStream)


def test_what_no_stream_takes_is_spilled_with_its_key_and_role(cloud: Any, failure: Any) -> None:
    cloud.kinesis.plan = [failure("ResourceNotFoundException")]
    cloud.firehose.plan = [failure("AccessDeniedException")]
    assert deliver(cloud).spilled == 2
    (content,) = cloud.bucket.objects.values()
    assert decode(content) == [Spilled(EVENTS, EVENT), Spilled(BAD, ROW)]


def test_after_a_put_that_took_all_the_time_the_rest_is_spilled_at_once(cloud: Any, failure: Any) -> None:
    cloud.kinesis.plan = [failure("InternalFailure")]
    delivered = cloud.outlet.deliver({EVENTS: [EVENT], BAD: [ROW]}, lambda: 2.0)
    assert (delivered.spilled, len(cloud.kinesis.calls), cloud.firehose.calls) == (2, 1, [])


def test_only_what_can_not_be_spilled_either_is_lost(cloud: Any, failure: Any) -> None:
    cloud.kinesis.plan = [failure("ResourceNotFoundException")]
    cloud.bucket.broken = True
    delivered = deliver(cloud)
    assert delivered.lost == {EVENTS: 1}
    assert cloud.firehose.taken == [ROW.data]


def test_a_role_nobody_has_is_a_key_error(cloud: Any) -> None:
    with pytest.raises(KeyError):
        cloud.outlet.target("loyalty")


def test_requests_are_what_the_services_models_ask_for() -> None:
    """botocore checks each call's parameters against the service's own model."""
    clients: dict[str, Any] = {}
    stubs = []
    answers = {
        "kinesis": ("put_records", {"Records": [{"SequenceNumber": "1", "ShardId": "0"}]}),
        "firehose": ("put_record_batch", {"FailedPutCount": 1, "RequestResponses": [{"ErrorCode": "Down"}]}),
        "s3": ("put_object", {}),
    }
    for name, (operation, answer) in answers.items():
        clients[name] = boto3.client(name, region_name="eu-west-1", aws_access_key_id="x", aws_secret_access_key="x")
        stub = Stubber(clients[name])
        stub.add_response(operation, answer)
        stub.activate()
        stubs.append(stub)
    streams = Outlet(NAMES, clients.__getitem__)
    assert streams.deliver({EVENTS: [EVENT], BAD: [ROW]}, lambda: 0.0).spilled == 1
    for stub in stubs:
        stub.assert_no_pending_responses()
