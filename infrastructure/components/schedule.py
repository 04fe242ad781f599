"""A function that EventBridge Scheduler invokes at a steady pace."""

import pulumi_aws as aws
from pulumi import ResourceOptions

from infrastructure.components.function import Function
from infrastructure.components.policies import Allow, policy, trust


def every_minutes(name: str, minutes: int, function: Function, opts: ResourceOptions) -> aws.scheduler.Schedule:
    """A schedule that invokes a function, with a role that may do nothing else."""
    role = aws.iam.Role(f"{name}-schedule", assume_role_policy=trust({"Service": "scheduler.amazonaws.com"}), opts=opts)
    permissions = aws.iam.RolePolicy(
        f"{name}-schedule",
        role=role.name,
        policy=policy([Allow(actions=("lambda:InvokeFunction",), resources=[function.arn])]),
        opts=opts,
    )
    return aws.scheduler.Schedule(
        f"{name}-schedule",
        schedule_expression=f"rate({minutes} minute{'s' if minutes > 1 else ''})",
        flexible_time_window={"mode": "OFF"},
        target={
            "arn": function.arn,
            "role_arn": role.arn,
            "retry_policy": {"maximum_retry_attempts": 0},  # the next run does what this one could not
        },
        opts=ResourceOptions.merge(opts, ResourceOptions(depends_on=[permissions])),
    )
