"""Logs and metrics through Powertools: one structured line and one metric line a request, no payload, no person."""

import os
from collections.abc import Mapping

from aws_lambda_powertools import Logger, Metrics, single_metric
from aws_lambda_powertools.metrics import MetricUnit

NAMESPACE = os.environ.get("POWERTOOLS_METRICS_NAMESPACE", "Headrace")
SERVICE = os.environ.get("POWERTOOLS_SERVICE_NAME", "headrace")

logger = Logger(service=SERVICE, location=None)
_metrics = Metrics(namespace=NAMESPACE, service=SERVICE)


def count(counts: Mapping[str, int], by_reason: Mapping[str, Mapping[str, int]]) -> None:
    """Writes counts as CloudWatch metrics (embedded metric format, on stdout).

    counts: by metric; zeros are left out, since a metric is billed by the month in which it occurs. by_reason: metrics
    once more, with the dimension `reason`, beside their total.
    """
    counts = {name: number for name, number in counts.items() if number}
    for name, number in counts.items():
        _metrics.add_metric(name=name, unit=MetricUnit.Count, value=number)
    if counts:
        _metrics.flush_metrics()
    for name, reasons in by_reason.items():
        for reason, number in reasons.items():
            dimensions = {"service": SERVICE}
            with single_metric(
                name=name, unit=MetricUnit.Count, value=number, namespace=NAMESPACE, default_dimensions=dimensions
            ) as metric:
                metric.add_dimension(name="reason", value=reason)
