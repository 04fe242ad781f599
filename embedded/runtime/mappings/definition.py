"""A mapping between a stream and a function, as Lambda's API describes it.

https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html
"""

import json
from collections.abc import Mapping as Fields
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from embedded.runtime.streams.sources import name_of

# What the emulator's register does not hold. It has the mapping disabled, so that only the runtime polls.
ENABLED_TAG = "headrace:enabled"
SINCE_TAG = "headrace:starting-position-timestamp"

TRIM_HORIZON, LATEST, AT_TIMESTAMP = "TRIM_HORIZON", "LATEST", "AT_TIMESTAMP"
FOR_EVER = -1


@dataclass(frozen=True, kw_only=True)
class Mapping:
    """A stream mapping's settings.

    source, function, on_failure: ARNs. window_seconds: how long a batch may gather. max_retries, max_age_seconds:
    None for ever. since: epoch seconds, with position AT_TIMESTAMP. patterns: a record passes if it fits any.
    """

    uuid: str
    source: str
    function: str
    enabled: bool
    batch_size: int
    window_seconds: float
    max_retries: int | None
    max_age_seconds: int | None
    bisects: bool
    parallelization: int
    reports_failures: bool
    on_failure: str | None
    position: str
    since: float | None
    patterns: tuple[dict[str, Any], ...]

    @property
    def name(self) -> str:
        """The function's name."""
        return self.function.split(":")[6]

    @property
    def source_name(self) -> str:
        """The stream's or the table's name."""
        return name_of(self.source)

    @property
    def of_table(self) -> bool:
        """Whether the source is a table's stream of changes."""
        return service_of(self.source) == "dynamodb"


def service_of(arn: str) -> str:
    return arn.split(":")[2]


def mapping(found: Fields[str, Any], tags: Fields[str, str]) -> Mapping:
    """A mapping of the API's list, with its tags. One that was enabled in the emulator itself is not ours to poll.

    Raises ValueError for a setting that AWS would not have taken.
    """
    since = tags.get(SINCE_TAG)
    return Mapping(
        uuid=found["UUID"],
        source=found["EventSourceArn"],
        function=found["FunctionArn"],
        enabled=tags.get(ENABLED_TAG) == "true" and found["State"] == "Disabled",
        batch_size=found["BatchSize"],
        window_seconds=found.get("MaximumBatchingWindowInSeconds", 0),
        max_retries=_limit(found.get("MaximumRetryAttempts")),
        max_age_seconds=_limit(found.get("MaximumRecordAgeInSeconds")),
        bisects=bool(found.get("BisectBatchOnFunctionError")),
        parallelization=found.get("ParallelizationFactor", 1),
        reports_failures="ReportBatchItemFailures" in (found.get("FunctionResponseTypes") or []),
        on_failure=((found.get("DestinationConfig") or {}).get("OnFailure") or {}).get("Destination"),
        position=found["StartingPosition"],
        since=datetime.fromisoformat(since).timestamp() if since else None,
        patterns=tuple(_pattern(each["Pattern"]) for each in (found.get("FilterCriteria") or {}).get("Filters", [])),
    )


def _pattern(text: str) -> dict[str, Any]:
    pattern = json.loads(text)
    if not isinstance(pattern, dict):
        raise ValueError(f"the filter pattern {text} is no JSON object")
    return pattern


def _limit(value: int | None) -> int | None:
    return None if value is None or value == FOR_EVER else value
