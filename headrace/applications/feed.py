"""What Amazon Personalize was told."""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

RECORD = "personalize.jsonl"

DAYS = 14


@dataclass(frozen=True, kw_only=True)
class Fed:
    """Events by type, each id once; None where only the sum is known, of the last 14 days."""

    events: int
    by_type: Mapping[str, int] | None


def from_record(folder: Path) -> Fed:
    """What the embedded endpoint took: a line a call, as PutEvents has it; blank where somebody was forgotten. folder:
    the stack's."""
    types: dict[str, str] = {}
    path = folder / RECORD
    if path.exists():
        for line in filter(str.strip, path.read_text().splitlines()):
            types.update({event["eventId"]: event["eventType"] for event in json.loads(line)["eventList"]})
    return Fed(events=len(types), by_type=dict(Counter(types.values())))


def from_metrics(cloudwatch: Any) -> Fed:
    """The function's own metric: on AWS nobody tells what Personalize holds. Raises botocore's errors."""
    now = datetime.now(UTC)
    answer = cloudwatch.get_metric_statistics(
        Namespace="Headrace",
        MetricName="Fed",
        Dimensions=[{"Name": "service", "Value": "recommendations"}],
        StartTime=now - timedelta(days=DAYS),
        EndTime=now,
        Period=86_400,
        Statistics=["Sum"],
    )
    return Fed(events=round(sum(point["Sum"] for point in answer["Datapoints"])), by_type=None)
