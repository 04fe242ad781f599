"""A function's answer is read as Lambda reads it."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from embedded.runtime.mappings.answers import failed_from

SEQUENCES = ["10", "11", "12", "13"]


def failures(*sequences: object) -> bytes:
    return json.dumps({"batchItemFailures": [{"itemIdentifier": each} for each in sequences]}).encode()


@pytest.mark.parametrize(
    "answer",
    [b"", b"null", b"{}", b'{"batchItemFailures": []}', b'{"batchItemFailures": null}', b'{"statusCode": 200}'],
)
def test_no_answer_and_no_failures_mean_that_all_went_well(answer: bytes):
    assert failed_from(answer, SEQUENCES) is None


def test_it_is_repeated_from_the_lowest_of_the_reported_records():
    assert failed_from(failures("12"), SEQUENCES) == 2
    assert failed_from(failures("13", "11", "12"), SEQUENCES) == 1


@pytest.mark.parametrize(
    "answer",
    [
        failures("99"),
        failures("12", "99"),
        failures(""),
        failures(None),
        failures(12),
        failures(["12"]),
        b'{"batchItemFailures": [{"itemIdentifer": "12"}]}',
        b'{"batchItemFailures": ["12"]}',
        b'{"batchItemFailures": "12"}',
        b"[]",
        b'"done"',
        b"not json",
    ],
)
def test_an_answer_that_is_not_understood_is_a_whole_failure(answer: bytes):
    assert failed_from(answer, SEQUENCES) == 0


@given(st.binary(max_size=60) | st.recursive(st.none() | st.text(), st.lists).map(lambda x: json.dumps(x).encode()))
def test_no_answer_is_too_odd(answer: bytes):
    assert failed_from(answer, SEQUENCES) in (None, 0, 1, 2, 3)
