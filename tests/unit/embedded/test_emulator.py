import copy
import runpy
import socket
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ministack.core.iam_evaluator import parse_policy_document
from ministack.services import dynamodb, kinesis, lambda_svc

from embedded.cloud.emulator import PROGRAM

ours = runpy.run_path(str(PROGRAM / "__main__.py"))
NOW = 1_800_000_000.0


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


def test_it_is_told_when_a_function_becomes_another():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as heard:
        heard.bind(("127.0.0.1", 0))
        heard.settimeout(5)
        hints = ours["Hints"](heard.getsockname()[1])
        assert hints.after_update(lambda _name, change: change)("collect", "changed") == "changed"
        assert heard.recv(100) == b"lambda collect"
    assert all(hasattr(lambda_svc, name) for name in ours["FUNCTION_CHANGES"])
