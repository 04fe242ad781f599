"""The ledger's figures as metrics, for dashboards and alarms: in CloudWatch's namespace Headrace, service `ledger`."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from headrace.ledger.figure import Figure, merged
from headrace.ledger.logs import NAMESPACE
from headrace.ledger.verdicts import MEANING, hour_of

AT_ONCE = 1_000  # PutMetricData's own limit
# It takes times of the last two weeks, and of the next two hours.
OLDEST, NEWEST = timedelta(days=14), timedelta(hours=2)


def put_metrics(cloudwatch: Any, open_hours: Iterable[Figure], missing: Sequence[Figure]) -> None:
    """Raises botocore's errors."""
    data = list(metrics_of(open_hours, missing, datetime.now(UTC)))
    for begin in range(0, len(data), AT_ONCE):
        cloudwatch.put_metric_data(Namespace=NAMESPACE, MetricData=data[begin : begin + AT_ONCE])


def metrics_of(open_hours: Iterable[Figure], missing: Sequence[Figure], now: datetime) -> Iterator[dict[str, Any]]:
    """Each hop's count, at its hour, and how many each hop lacks in all, now. now: UTC.

    An hour that is counted again is put again, so it is the largest of its values that says how many there were.
    """
    for one in merged(open_hours):
        if now - OLDEST < hour_of(one.hour) < now + NEWEST:
            yield _metric(one.hop.capitalize(), one.count, hour_of(one.hour), item=one.item)
    lacks = Counter[str]()
    for one in missing:
        lacks[one.hop] += one.missing
    for hop in MEANING:
        yield _metric("Missing", lacks[hop], now, hop=hop)


def _metric(name: str, value: int, time: datetime, **dimensions: str) -> dict[str, Any]:
    named = [{"Name": key, "Value": text} for key, text in {"service": "ledger", **dimensions}.items() if text]
    return {"MetricName": name, "Dimensions": named, "Timestamp": time, "Value": value, "Unit": "Count"}
