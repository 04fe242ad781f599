import asyncio
import copy
import json
import math
import runpy
import socket
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ministack.core.iam_evaluator import parse_policy_document
from ministack.services import dynamodb, kinesis, lambda_svc

from embedded.cloud.emulator import PROGRAM

ours = runpy.run_path(str(PROGRAM), run_name="emulator")
NOW = 1_800_000_000.0
# JSON of AWS's APIs: numbers of 64 bits at most (DynamoDB's are texts).
DOCUMENTS = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@given(
    ages=st.lists(st.lists(st.floats(0, 72 * 3600), max_size=20), max_size=3),
    hours=st.sampled_from([24, 48]),
)
def test_the_same_records_expire_as_with_the_original(ages, hours):
    shards = {
        str(number): {"records": [{"ApproximateArrivalTimestamp": NOW - age} for age in sorted(shard, reverse=True)]}
        for number, shard in enumerate(ages)
    }
    stream = {"RetentionPeriodHours": hours, "shards": shards}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(time, "time", lambda: NOW)
        expected, found = copy.deepcopy(stream), copy.deepcopy(stream)
        kinesis._expire_records(expected)
        ours["expire_records"](found)
    assert found == expected


def test_iterators_are_looked_through_once_in_a_while():
    calls = []
    occasionally = ours["Occasionally"](lambda: calls.append(1), seconds=3600)
    for _ in range(3):
        occasionally()
    assert calls == [1]


def test_the_pinned_version_has_what_is_replaced():
    assert callable(kinesis._expire_records)
    assert callable(kinesis._expire_iterators)


@pytest.mark.parametrize(
    "text", ["attribute_not_exists(id) AND version = :v", "a = ", "", '{"Statement": []}', "no JSON", "{}"]
)
def test_a_text_is_parsed_once_and_as_by_the_original(text):
    for parse, more in ((dynamodb._condition_syntax_error, ("ConditionExpression",)), (parse_policy_document, ())):
        remembering = ours["once"](parse)
        assert remembering(text, *more) == remembering(text, *more) == parse(text, *more)
    assert ours["once"](parse_policy_document)({"Statement": []}) == []  # not a text


@given(DOCUMENTS)
def test_json_is_read_and_written_as_by_the_original(document):
    ours_of_json = ours["Json"](json)
    assert ours_of_json.loads(json.dumps(document)) == document
    assert json.loads(ours_of_json.dumps(document, ensure_ascii=False)) == document


def test_json_that_orjson_refuses_is_left_to_the_original():
    ours_of_json = ours["Json"](json)
    assert math.isnan(ours_of_json.loads("NaN"))
    assert ours_of_json.loads(r'"\ud800"') == "\ud800"
    assert ours_of_json.dumps({1: {2}}, default=sorted) == '{"1": [2]}'
    with pytest.raises(ours_of_json.JSONDecodeError):
        ours_of_json.loads("{")
    with pytest.raises(TypeError):
        ours_of_json.dumps(object())


def test_of_a_stream_that_takes_much_a_hint_now_and_then_is_given_and_one_after_the_last_record():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as heard:
        heard.bind(("127.0.0.1", 0))
        heard.settimeout(5)
        hints = ours["Hints"](heard.getsockname()[1])
        put = hints.after_put(lambda data: data["StreamName"])

        async def puts() -> None:
            for _ in range(100):
                assert put({"StreamName": "events"}) == "events"
            for _ in range(2):
                await asyncio.to_thread(put, {"StreamName": "others"})  # a thread has no loop that could wait
            found = [heard.recv(100) for _ in range(3)]
            assert found == [b"kinesis events", b"kinesis others", b"kinesis others"]
            assert await asyncio.to_thread(heard.recv, 100) == b"kinesis events"  # of the other 99
            heard.setblocking(False)
            await asyncio.sleep(0.2)
            with pytest.raises(BlockingIOError):
                heard.recv(100)

        asyncio.run(puts())


def test_it_is_told_when_a_function_becomes_another():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as heard:
        heard.bind(("127.0.0.1", 0))
        heard.settimeout(5)
        hints = ours["Hints"](heard.getsockname()[1])
        assert hints.after_update(lambda _name, change: change)("collect", "changed") == "changed"
        assert heard.recv(100) == b"lambda collect"
    assert all(hasattr(lambda_svc, name) for name in ours["FUNCTION_CHANGES"])
