"""Object keys as Firehose makes them."""

from datetime import UTC, datetime

import pytest

from embedded.runtime.firehose.keys import UnknownExpression, checked, evaluated, object_key

MOMENT = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
IDENTITY = "9c1f0c9a-1c52-4bd5-9d3a-1f7a1d0c6a11"


def test_a_plain_prefix_gets_the_hour_after_it():
    key = object_key("raw/", "events", 3, MOMENT, IDENTITY, ".gz")
    assert key == f"raw/2026/03/04/05/events-3-2026-03-04-05-06-07-{IDENTITY}.gz"


def test_a_prefix_with_a_timestamp_is_taken_as_it_is():
    assert evaluated("raw/dt=!{timestamp:yyyy-MM-dd}/h=!{timestamp:HH}/", MOMENT, "") == "raw/dt=2026-03-04/h=05/"


def test_quoted_text_in_a_timestamp_pattern_is_text():
    assert evaluated("!{timestamp:'year='yyyy'/month='MM}/", MOMENT, "") == "year=2026/month=03/"


def test_a_random_string_is_the_same_when_the_object_is_delivered_again():
    prefix = "!{firehose:random-string}/"
    assert evaluated(prefix, MOMENT, "one") == evaluated(prefix, MOMENT, "one")
    assert evaluated(prefix, MOMENT, "one") != evaluated(prefix, MOMENT, "two")


def test_the_error_type_is_for_error_prefixes_only():
    prefix = "errors/!{firehose:error-output-type}/"
    assert evaluated(prefix, MOMENT, "", error_type="processing-failed") == "errors/processing-failed/"
    with pytest.raises(UnknownExpression):
        evaluated(prefix, MOMENT, "")


@pytest.mark.parametrize(
    ("prefix", "error_prefix"),
    [
        ("!{partitionKeyFromQuery:shop}/", "errors/!{firehose:error-output-type}/"),
        ("!{timestamp:yyyy}/", ""),
        ("raw/", "errors/!{timestamp:yyyy}/"),
        ("!{timestamp:QQQ}/", "errors/!{firehose:error-output-type}/"),
    ],
)
def test_prefixes_that_firehose_refuses_are_refused(prefix, error_prefix):
    with pytest.raises(UnknownExpression):
        checked(prefix, error_prefix)
