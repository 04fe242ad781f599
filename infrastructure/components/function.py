"""A Lambda function with a role, a log group and alarms of its own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
import pulumi_aws as aws
from pulumi import ResourceOptions

from infrastructure.components.alarms import AlarmArgs, alarm
from infrastructure.components.policies import Allow, policy, trust, write_log
from infrastructure.packaging import Platform, build


@dataclass(frozen=True, kw_only=True)
class FunctionDefaults:
    """What all functions of a stack share."""

    platform: Platform
    logs_days: int = 14
    alarm_topic: str | None = None


@dataclass(frozen=True, kw_only=True)
class FunctionArgs:
    """One function of `lambdas/`: `package` is its folder, `module` the file in it that holds `handler`.

    allow: what it may do beyond writing its own log and traces.
    reserved_concurrency: executions at one time that are set aside for it; None takes from the account's pool.
    """

    package: str
    description: str
    defaults: FunctionDefaults
    module: str = "handler"
    allow: Sequence[Allow] = ()
    environment: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    memory_mb: int = 256
    timeout_seconds: int = 10
    reserved_concurrency: int | None = None


class Function(pulumi.ComponentResource):
    """The function on python3.13 and arm64, traced by X-Ray, with alarms on errors and throttles."""

    def __init__(self, name: str, args: FunctionArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("headrace:function:Function", name, None, opts)
        child = ResourceOptions(parent=self)
        log_group = aws.cloudwatch.LogGroup(f"{name}-log", retention_in_days=args.defaults.logs_days, opts=child)
        role = aws.iam.Role(
            f"{name}-function", assume_role_policy=trust({"Service": "lambda.amazonaws.com"}), opts=child
        )
        permissions = aws.iam.RolePolicy(
            f"{name}-function",
            role=role.name,
            policy=policy([*own_log_and_traces(log_group), *args.allow]),
            opts=child,
        )
        self.function = aws.lambda_.Function(
            f"{name}-function",
            description=args.description,
            package_type="Zip",
            code=pulumi.FileArchive(str(build(args.package, args.defaults.platform))),
            handler=f"{args.package}.{args.module}.handler",
            runtime=aws.lambda_.Runtime.PYTHON3D13,
            architectures=["arm64"],
            role=role.arn,
            memory_size=args.memory_mb,
            timeout=args.timeout_seconds,
            reserved_concurrent_executions=args.reserved_concurrency,
            environment={
                "variables": {
                    "POWERTOOLS_SERVICE_NAME": args.package,
                    "POWERTOOLS_METRICS_NAMESPACE": "Headrace",
                    "LOG_LEVEL": "INFO",
                    **args.environment,
                }
            },
            logging_config={"log_format": "Text", "log_group": log_group.name},  # functions log JSON themselves
            tracing_config={"mode": "Active"},
            opts=ResourceOptions(parent=self, depends_on=[permissions]),
        )
        self.log_group = log_group.name
        self.name, self.arn, self.invoke_arn = self.function.name, self.function.arn, self.function.invoke_arn
        for metric, meaning in (("Errors", "failed"), ("Throttles", "was refused for want of concurrency")):
            alarm(
                f"{name}-{metric.lower()}",
                AlarmArgs(
                    description=f"The function {args.package} {meaning}.",
                    namespace="AWS/Lambda",
                    metric=metric,
                    dimensions={"FunctionName": self.name},
                    topic=args.defaults.alarm_topic,
                ),
                child,
            )
        self.register_outputs({"function": self.name})


def own_log_and_traces(log_group: aws.cloudwatch.LogGroup) -> list[Allow]:
    """What every function may do."""
    return [
        write_log(log_group, "logs:CreateLogStream", "logs:PutLogEvents"),
        Allow(actions=("xray:PutTraceSegments", "xray:PutTelemetryRecords"), resources=["*"]),
    ]
