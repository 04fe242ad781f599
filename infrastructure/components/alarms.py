"""CloudWatch alarms of one shape: a metric over a threshold in one period."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws


@dataclass(frozen=True, kw_only=True)
class AlarmArgs:
    """When a metric's `statistic` over `period_seconds` exceeds `threshold`; missing data is no alarm.

    topic: ARN of the SNS topic that is told; without one the alarm is only seen in CloudWatch.
    """

    description: str
    namespace: str
    metric: str
    dimensions: dict[str, pulumi.Input[str]]
    topic: str | None = None
    threshold: float = 0
    statistic: str = "Sum"
    period_seconds: int = 300


def alarm(name: str, args: AlarmArgs, opts: pulumi.ResourceOptions) -> aws.cloudwatch.MetricAlarm:
    """One alarm, told to the topic when it starts and when it is over."""
    told = [args.topic] if args.topic else []
    return aws.cloudwatch.MetricAlarm(
        name,
        alarm_description=args.description,
        namespace=args.namespace,
        metric_name=args.metric,
        dimensions=args.dimensions,
        comparison_operator="GreaterThanThreshold",
        threshold=args.threshold,
        statistic=args.statistic,
        period=args.period_seconds,
        evaluation_periods=1,
        treat_missing_data="notBreaching",
        alarm_actions=told,
        ok_actions=told,
        opts=opts,
    )
