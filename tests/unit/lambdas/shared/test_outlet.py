from typing import Any

import pytest

from shared.outlet import BAD, EVENTS, Outlet
from shared.puts import FirehoseStream, Item, KinesisStream
from shared.spill import Spilled, decode

EVENT, ROW = Item(b'{"event":1}', "client"), Item(b'{"reason":"x"}')


def deliver(cloud: Any) -> Any:
    return cloud.outlet.deliver({EVENTS: [EVENT], BAD: [ROW]}, lambda: 30.0)


def test_events_go_to_kinesis_and_bad_rows_to_firehose(cloud: Any) -> None:
    delivered = deliver(cloud)
    assert (cloud.kinesis.taken, cloud.firehose.taken) == ([EVENT.data], [ROW.data])
    assert (delivered.spilled, delivered.lost, cloud.bucket.objects) == (0, {}, {})


def test_without_a_stream_events_go_to_firehose() -> None:
    names = {"RAW_DELIVERY_STREAM": "raw", "BAD_DELIVERY_STREAM": "bad", "BUCKET": "lake"}
    assert isinstance(Outlet(names, lambda _: None).target(EVENTS), FirehoseStream)
    assert isinstance(Outlet({**names, "EVENTS_STREAM": "e"}, lambda _: None).target(EVENTS), KinesisStream)


def test_what_no_stream_takes_is_spilled_with_its_key_and_role(cloud: Any, failure: Any) -> None:
    cloud.kinesis.plan = [failure("ResourceNotFoundException")]
    cloud.firehose.plan = [failure("AccessDeniedException")]
    assert deliver(cloud).spilled == 2
    (content,) = cloud.bucket.objects.values()
    assert decode(content) == [Spilled(EVENTS, EVENT), Spilled(BAD, ROW)]


def test_only_what_can_not_be_spilled_either_is_lost(cloud: Any, failure: Any) -> None:
    cloud.kinesis.plan = [failure("ResourceNotFoundException")]
    cloud.bucket.broken = True
    delivered = deliver(cloud)
    assert delivered.lost == {EVENTS: 1}
    assert cloud.firehose.taken == [ROW.data]


def test_a_role_nobody_has_is_a_key_error(cloud: Any) -> None:
    with pytest.raises(KeyError):
        cloud.outlet.target("loyalty")
