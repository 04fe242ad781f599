from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reingest import handler as reingest
from shared.outlet import BAD, EVENTS
from shared.puts import Item
from shared.spill import Spilled, decode, encode
from tests.unit.lambdas.conftest import Service, client_error


@pytest.fixture
def spill(cloud: Any) -> Any:
    """Puts a spilled object of these items there: `spill("1", (EVENTS, b"a"), …)`."""

    def put(name: str, *items: tuple[str, bytes]) -> str:
        key = f"spill/2025/11/22/02/{name}.jsonl"
        cloud.bucket.objects[key] = encode([Spilled(role, Item(data, "client")) for role, data in items])
        return key

    return put


def run(cloud: Any, seconds: float = 60.0) -> Any:
    return reingest.put_back(cloud.outlet, lambda: seconds)


def test_what_was_spilled_arrives_and_its_object_goes(cloud: Any, spill: Any) -> None:
    spill("1", (EVENTS, b"a"), (BAD, b"row"), (EVENTS, b"b"))
    spill("2", (EVENTS, b"c"))
    done = run(cloud)
    assert (cloud.kinesis.taken, cloud.firehose.taken) == ([b"a", b"b", b"c"], [b"row"])
    assert (done.objects, done.items, done.left, cloud.bucket.objects) == (2, 4, 0, {})


def test_what_is_refused_again_stays_in_its_order(cloud: Any, spill: Any) -> None:
    key = spill("1", (EVENTS, b"a"), (EVENTS, b"b"), (EVENTS, b"c"))
    cloud.kinesis.plan = [{0, 2}, *[{0, 1}] * 99]
    run(cloud)
    assert [one.item.data for one in decode(cloud.bucket.objects[key])] == [b"a", b"c"]


def test_later_items_do_not_overtake_those_a_stream_refused(cloud: Any, spill: Any, failure: Any) -> None:
    spill("1", (EVENTS, b"a"))
    spill("2", (EVENTS, b"b"), (BAD, b"row"))
    cloud.kinesis.plan = [failure("ResourceNotFoundException")]
    run(cloud)
    assert (cloud.kinesis.taken, cloud.firehose.taken) == ([], [b"row"])
    run(cloud)
    assert (cloud.kinesis.taken, cloud.bucket.objects) == ([b"a", b"b"], {})


class Picky(Service):
    """A Firehose stream that refuses a whole call for one item that is too large."""

    def put_record_batch(self, *, Records: list[dict[str, Any]], **stream: str) -> dict[str, Any]:
        if any(len(record["Data"]) > 1_024_000 - 1 for record in Records):
            raise client_error("InvalidArgumentException")
        return super().put_record_batch(Records=Records, **stream)


def test_what_no_stream_will_ever_take_moves_away_and_stops_nothing(cloud: Any, spill: Any) -> None:
    cloud.use(firehose=Picky())
    poison = b"x" * 1_073_888
    spill("1", (BAD, b"a"), (BAD, b"b"), (BAD, poison), (EVENTS, b"event"), (BAD, b"c"))
    spill("2", (BAD, b"d"))
    done = run(cloud)
    assert cloud.firehose.taken == [b"a", b"b", b"c", b"d"]
    assert (done.items, done.left, done.moved) == (5, 0, 1)
    ((key, content),) = cloud.bucket.objects.items()
    assert key.startswith("errors/spill/")
    assert decode(content) == [Spilled(BAD, Item(poison, "client"), "InvalidArgumentException")]


@given(objects=st.lists(st.lists(st.booleans(), min_size=1, max_size=12), max_size=5))
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_wherever_it_stands_the_others_arrive_in_their_order(cloud: Any, spill: Any, objects: list[list[bool]]) -> None:
    cloud.use(firehose=Picky())
    cloud.bucket.objects.clear()
    fine: list[bytes] = []
    for number, poisonous in enumerate(objects):
        items = [b"x" * 1_024_000 if bad else f"{number}-{place}".encode() for place, bad in enumerate(poisonous)]
        fine += [item for item, bad in zip(items, poisonous, strict=True) if not bad]
        spill(str(number), *((BAD, item) for item in items))
    done = run(cloud)
    assert cloud.firehose.taken == fine
    assert (done.left, done.moved) == (0, sum(map(sum, objects)))
    assert all(key.startswith("errors/spill/") for key in cloud.bucket.objects)


def test_what_can_not_be_moved_away_stays(cloud: Any, spill: Any) -> None:
    cloud.use(firehose=Picky())
    key = spill("1", (BAD, b"x" * 1_073_888))
    before = dict(cloud.bucket.objects)
    cloud.bucket.broken = True
    run(cloud)
    assert cloud.bucket.objects == before
    assert list(before) == [key]


def test_a_stream_that_is_gone_is_no_fault_of_an_item(cloud: Any, spill: Any, failure: Any) -> None:
    key = spill("1", (EVENTS, b"a"))
    cloud.kinesis.plan = [failure("ResourceNotFoundException")]
    done = run(cloud)
    assert (done.left, done.moved, list(cloud.bucket.objects)) == (1, 0, [key])


def test_two_runs_at_once_lose_nothing(cloud: Any, spill: Any) -> None:
    key = spill("1", (EVENTS, b"a"))
    spill("2", (EVENTS, b"b"))
    put_records = cloud.kinesis.put_records

    def other_run_first(**request: Any) -> Any:
        cloud.kinesis.put_records = put_records
        run(cloud)
        cloud.bucket.objects[key] = b""  # S3 answers a second delete like the first
        return put_records(**request)

    cloud.kinesis.put_records = other_run_first
    run(cloud)
    assert set(cloud.kinesis.taken) == {b"a", b"b"}
    assert cloud.bucket.objects == {}


def test_a_bucket_that_can_not_be_rewritten_costs_duplicates_and_no_items(cloud: Any, spill: Any) -> None:
    key = spill("1", (EVENTS, b"a"), (EVENTS, b"b"))
    cloud.kinesis.plan = [{1}, *[{0}] * 5]
    cloud.bucket.broken = True
    run(cloud)
    assert [one.item.data for one in decode(cloud.bucket.objects[key])] == [b"a", b"b"]


def test_a_run_without_time_begins_no_object_and_says_so(cloud: Any, spill: Any) -> None:
    spill("1", (EVENTS, b"a"))
    done = run(cloud, seconds=5)
    assert (done.finished, cloud.kinesis.taken, len(cloud.bucket.objects)) == (False, [], 1)


@pytest.mark.parametrize("content", [b"not json", b"\xff", b"[]", b"{}", encode([Spilled("nobody", Item(b"x"))])])
def test_an_object_nobody_can_read_stays_and_stops_nothing(cloud: Any, spill: Any, content: bytes) -> None:
    cloud.bucket.objects["spill/2025/11/22/01/0.jsonl"] = content
    spill("1", (EVENTS, b"a"))
    done = run(cloud)
    assert (done.unreadable, cloud.kinesis.taken) == (1, [b"a"])
    assert list(cloud.bucket.objects.values()) == [content]


def test_the_schedule_gets_a_summary_and_the_log_one_line(
    cloud: Any, spill: Any, monkeypatch: pytest.MonkeyPatch, printed: Any
) -> None:
    spill("1", (EVENTS, b"a"))
    monkeypatch.setattr(reingest, "outlet", lambda: cloud.outlet)
    summary = reingest.handler({}, SimpleNamespace(get_remaining_time_in_millis=lambda: 60_000))
    assert summary == {"objects": 1, "items": 1, "left": 0, "moved": 0, "unreadable": 0, "finished": True}
    log, metrics = printed()
    assert (log["message"], log["items"], metrics["Reingested"]) == ("reingest", 1, 1)
