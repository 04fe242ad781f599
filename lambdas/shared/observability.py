"""Logs through Powertools, metrics in CloudWatch's embedded format: one line each a request, no payload, no person."""

import os
import time
from collections.abc import Mapping

from aws_lambda_powertools import Logger

from shared.envelope import encode_json

NAMESPACE = os.environ.get("POWERTOOLS_METRICS_NAMESPACE", "Headrace")
SERVICE = os.environ.get("POWERTOOLS_SERVICE_NAME", "headrace")

logger = Logger(service=SERVICE, location=None)


def count(counts: Mapping[str, int], by_reason: Mapping[str, Mapping[str, int]]) -> None:
    """Writes counts as CloudWatch metrics (embedded metric format, on stdout).

    counts: by metric; zeros are left out, since a metric is billed by the month in which it occurs. by_reason: metrics
    once more, with the dimension `reason`, beside their total.
    """
    counts = {name: number for name, number in counts.items() if number}
    if counts:
        _write(counts, {"service": SERVICE})
    for name, reasons in by_reason.items():
        for reason, number in reasons.items():
            _write({name: number}, {"service": SERVICE, "reason": reason})


def _write(counts: Mapping[str, int], dimensions: Mapping[str, str]) -> None:
    """One line of the embedded metric format. Powertools' way to it takes as long as three hits, at every request.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
    """
    directive = {
        "Namespace": NAMESPACE,
        "Dimensions": [list(dimensions)],
        "Metrics": [{"Name": name, "Unit": "Count"} for name in counts],
    }
    metadata = {"Timestamp": time.time_ns() // 1_000_000, "CloudWatchMetrics": [directive]}
    print(encode_json({"_aws": metadata, **dimensions, **counts}).decode())
