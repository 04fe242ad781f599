"""A mapping of the API's list becomes settings; what AWS would not have taken is refused."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from embedded.runtime.mappings.definition import ENABLED_TAG, SINCE_TAG, mapping

FOUND: dict[str, Any] = {
    "UUID": "id",
    "EventSourceArn": "arn:aws:dynamodb:us-east-1:0:table/offers/stream/2026-01-01T00:00:00.000",
    "FunctionArn": "arn:aws:lambda:us-east-1:0:function:perform",
    "State": "Disabled",
    "BatchSize": 100,
    "StartingPosition": "TRIM_HORIZON",
}
ON = {ENABLED_TAG: "true"}


def test_what_is_not_said_is_lambdas_default():
    found = mapping(FOUND, ON)
    assert (found.name, found.source_name, found.of_table) == ("perform", "offers", True)
    assert (found.max_retries, found.max_age_seconds, found.on_failure, found.since) == (None, None, None, None)
    assert (found.window_seconds, found.parallelization, found.bisects, found.reports_failures) == (0, 1, False, False)


def test_minus_one_is_for_ever_and_zero_is_never():
    found = mapping({**FOUND, "MaximumRetryAttempts": 0, "MaximumRecordAgeInSeconds": -1}, ON)
    assert (found.max_retries, found.max_age_seconds) == (0, None)


def test_one_that_the_emulator_polls_itself_is_left_to_it():
    assert mapping(FOUND, ON).enabled
    assert not mapping({**FOUND, "State": "Enabled"}, ON).enabled
    assert not mapping(FOUND, {}).enabled
    assert not mapping(FOUND, {ENABLED_TAG: "false"}).enabled


def test_a_starting_time_is_in_a_tag():
    moment = datetime(2026, 1, 2, tzinfo=UTC)
    assert mapping(FOUND, {**ON, SINCE_TAG: moment.isoformat()}).since == moment.timestamp()


@pytest.mark.parametrize("pattern", ["not json", "[]", '"x"'])
def test_a_pattern_that_is_none_is_refused(pattern: str):
    with pytest.raises(ValueError, match=r"JSON|Expecting"):
        mapping({**FOUND, "FilterCriteria": {"Filters": [{"Pattern": pattern}]}}, ON)


def test_a_time_that_is_none_is_refused():
    with pytest.raises(ValueError, match="isoformat"):
        mapping(FOUND, {**ON, SINCE_TAG: "yesterday"})


def test_patterns_are_read():
    filters = {"Filters": [{"Pattern": json.dumps({"eventName": ["INSERT"]})}]}
    assert mapping({**FOUND, "FilterCriteria": filters}, ON).patterns == ({"eventName": ["INSERT"]},)
