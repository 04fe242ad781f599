"""Filter criteria pass what Lambda's documentation says they pass."""

import json
from base64 import b64encode
from typing import Any

import pytest

from embedded.runtime.mappings.filters import passes

CHANGE = {"eventName": "INSERT", "dynamodb": {"NewImage": {"kind": {"S": "offer"}}, "SizeBytes": 12}}


def of_kinesis(data: Any) -> dict[str, Any]:
    raw = data if isinstance(data, bytes) else json.dumps(data).encode()
    return {"eventSource": "aws:kinesis", "kinesis": {"partitionKey": "a", "data": b64encode(raw).decode()}}


@pytest.mark.parametrize(
    ("pattern", "data", "fits"),
    [
        ({"partitionKey": ["a", "b"]}, {}, True),
        ({"partitionKey": ["b"]}, {}, False),
        ({"data": {"n": [1]}}, {"n": 1}, True),
        ({"data": {"n": [1]}}, {"n": True}, False),
        ({"data": {"n": [1]}}, {"m": 1}, False),
        ({"data": {"n": [None]}}, {"n": None}, True),
        ({"data": {"tags": ["x"]}}, {"tags": ["y", "x"]}, True),
        ({"data": {"n": [{"numeric": [">", 1, "<=", 3]}]}}, {"n": 3}, True),
        ({"data": {"n": [{"numeric": ["=", 1]}]}}, {"n": "1"}, False),
        ({"data": {"name": [{"prefix": "add"}]}}, {"name": "add_to_cart"}, True),
        ({"data": {"name": [{"suffix": "cart"}]}}, {"name": "cart_add"}, False),
        ({"data": {"name": [{"equals-ignore-case": "CART"}]}}, {"name": "cart"}, True),
        ({"data": {"name": [{"anything-but": ["cart"]}]}}, {"name": "view"}, True),
        ({"data": {"name": [{"anything-but": ["cart"]}]}}, {}, False),
        ({"data": {"name": [{"exists": False}]}}, {}, True),
        ({"data": {"name": [{"exists": True}]}}, {"name": None}, True),
        ({"data": {"a": {"b": ["c"]}}}, {"a": "b"}, False),
        ({"$or": [{"partitionKey": ["z"]}, {"data": {"n": [1]}}]}, {"n": 1}, True),
        ({"data": {"n": [1]}}, b"not json", False),
        ({"partitionKey": ["a"]}, b"not json", True),
        ({"data": {"n": [{"unheard-of": 1}]}}, {"n": 1}, False),
        ({"data": {"n": [{"numeric": [">"]}]}}, {"n": 1}, False),
        ({"data": {"n": [{"prefix": 1}]}}, {"n": "1"}, False),
    ],
)
def test_a_kinesis_record_is_looked_at_with_its_data(pattern, data, fits: bool):
    assert passes(of_kinesis(data), [pattern]) is fits


def test_a_change_is_looked_at_as_it_is():
    assert passes(CHANGE, [{"eventName": ["INSERT"], "dynamodb": {"NewImage": {"kind": {"S": ["offer"]}}}}])
    assert not passes(CHANGE, [{"eventName": ["REMOVE"]}])


def test_one_of_several_patterns_is_enough_and_without_any_all_pass():
    assert passes(CHANGE, [{"eventName": ["REMOVE"]}, {"eventName": ["INSERT"]}])
    assert passes(CHANGE, [])
