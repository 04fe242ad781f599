from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError
from hypothesis import given
from hypothesis import strategies as st

from shared.puts import MAX_ATTEMPTS, FirehoseStream, Item, KinesisStream, chunks, send

ITEMS = [Item(b"%d" % number, f"client-{number}") for number in range(5)]


def put(target: Any, items: list[Item] = ITEMS, seconds: float = 30) -> tuple[Any, list[float]]:
    pauses: list[float] = []
    return send(items, target, time_left=lambda: seconds - sum(pauses), pause=pauses.append), pauses


def test_all_items_go_in_one_call_with_their_keys(service: Any) -> None:
    kinesis = service()
    sent, pauses = put(KinesisStream(kinesis, "events"))
    assert (sent.left, sent.retried, pauses) == ([], 0, [])
    assert [record["PartitionKey"] for record in kinesis.calls[0]] == [item.key for item in ITEMS]


@pytest.mark.parametrize("target", [KinesisStream, FirehoseStream])
def test_only_what_was_refused_is_put_again(service: Any, target: Any) -> None:
    client = service([{1, 3}, {0}])
    sent, pauses = put(target(client, "name"))
    assert [len(call) for call in client.calls] == [5, 2, 1]
    assert sorted(client.taken) == [item.data for item in ITEMS]
    assert (sent.left, sent.retried, len(pauses)) == ([], 3, 2)


def test_pauses_grow_no_longer_than_the_longest(service: Any) -> None:
    _, pauses = put(KinesisStream(service([set(range(5))] * MAX_ATTEMPTS), "events"))
    assert len(pauses) == MAX_ATTEMPTS - 1
    assert all(pause <= longest for pause, longest in zip(pauses, [0.05, 0.1, 0.2, 0.4, 0.8], strict=True))


def test_what_is_refused_to_the_end_is_left_in_its_order(service: Any) -> None:
    sent, _ = put(FirehoseStream(service([{0, 2, 4}, *[{0, 1, 2}] * MAX_ATTEMPTS]), "raw"))
    assert sent.left == [ITEMS[0], ITEMS[2], ITEMS[4]]
    assert sent.errors == {"ServiceUnavailableException"}


def test_a_throttled_call_is_repeated_and_a_forbidden_one_is_not(service: Any, failure: Any) -> None:
    throttled = service([failure("ProvisionedThroughputExceededException")])
    forbidden = service([failure("AccessDeniedException")])
    assert put(KinesisStream(throttled, "events"))[0].left == []
    assert put(KinesisStream(forbidden, "events"))[0].left == ITEMS
    assert len(forbidden.calls) == 1


def test_an_unreachable_service_costs_retries_and_no_exception(service: Any) -> None:
    down = service([EndpointConnectionError(endpoint_url="http://127.0.0.1:1")] * MAX_ATTEMPTS)
    sent, _ = put(KinesisStream(down, "events"))
    assert (len(sent.left), sent.errors) == (5, {"EndpointConnectionError"})


def test_without_time_left_there_is_one_attempt(service: Any) -> None:
    client = service([{0}] * MAX_ATTEMPTS)
    sent, pauses = put(KinesisStream(client, "events"), seconds=0)
    assert (len(client.calls), sent.left, pauses) == (1, [ITEMS[0]], [])


@given(sizes=st.lists(st.integers(1, 3_000_000), max_size=1200 // 100), many=st.integers(0, 1200))
def test_no_call_is_larger_than_the_service_takes(sizes: list[int], many: int) -> None:
    items = [Item(bytes(size), "k") for size in sizes] + [Item(b"x", "k")] * many
    for target in (KinesisStream(None, ""), FirehoseStream(None, "")):
        calls = list(chunks(items, target))
        assert [item for call in calls for item in call] == items
        assert all(0 < len(call) <= 500 for call in calls)
        assert all(sum(map(target.size, call)) <= target.max_bytes for call in calls)
