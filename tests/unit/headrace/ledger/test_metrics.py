"""What CloudWatch is given: each hop's counts at their hours, and what is missing, as of now."""

from datetime import UTC, datetime, timedelta
from typing import Any

from headrace.ledger.figure import Figure
from headrace.ledger.metrics import metrics_of, put_metrics
from headrace.ledger.verdicts import MEANING, hour_of
from tests.unit.headrace.ledger.worlds import NOON

HOUR = NOON // 3_600_000
NOW = hour_of(HOUR) + timedelta(minutes=30)


def named(metric: dict[str, Any]) -> tuple[str, ...]:
    return (metric["MetricName"], *(one["Value"] for one in metric["Dimensions"]))


def test_each_hop_has_a_count_at_its_hour_and_a_lack_in_all():
    counted = [
        Figure(hour=HOUR, hop="loaded", count=3),
        Figure(hour=HOUR, hop="loaded", missing=2),
        Figure(hour=HOUR, hop="bad", item="invalid_json", count=1),
    ]
    missing = [Figure(hour=HOUR - 5, hop="loaded", missing=4), Figure(hour=HOUR, hop="loaded", missing=2)]
    found = {named(one): (one["Value"], one["Timestamp"]) for one in metrics_of(counted, missing, NOW)}
    assert found["Loaded", "ledger"] == (3, hour_of(HOUR))
    assert found["Bad", "ledger", "invalid_json"] == (1, hour_of(HOUR))
    assert found["Missing", "ledger", "loaded"] == (6, NOW)
    assert {place[2] for place in found if place[0] == "Missing"} == set(MEANING)


def test_hours_that_cloudwatch_refuses_cost_no_others():
    hours = [HOUR - 14 * 24 - 1, HOUR - 13 * 24, HOUR + 1, HOUR + 3]
    counted = [Figure(hour=hour, hop="put", count=1) for hour in hours]
    found = [one["Timestamp"] for one in metrics_of(counted, [], NOW) if one["MetricName"] == "Put"]
    assert found == [hour_of(hour) for hour in hours[1:3]]


def test_a_thousand_at_a_time_are_put():
    calls: list[int] = []

    class CloudWatch:
        def put_metric_data(self, *, Namespace: str, MetricData: list[dict[str, Any]]) -> None:
            assert Namespace == "Headrace"
            calls.append(len(MetricData))

    now = round(datetime.now(UTC).timestamp()) // 3600
    put_metrics(CloudWatch(), [Figure(hour=now, hop="bad", item=str(number)) for number in range(1_500)], [])
    assert calls == [1_000, 500 + len(MEANING)]
