"""IAM policies from typed statements; one that allows more than a reviewer would is refused as it is written."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pulumi
import pulumi_aws as aws

# Actions for which AWS defines no resource to name (Service Authorization Reference).
WITHOUT_RESOURCE = frozenset(
    {"dynamodb:ListStreams", "personalize:PutEvents", "xray:PutTraceSegments", "xray:PutTelemetryRecords"}
)


@dataclass(frozen=True, kw_only=True)
class Allow:
    """One statement that allows `actions` on `resources`, under `conditions` where given.

    Raises ValueError for a wildcard in an action, or for resource `*` where the action could name one.
    """

    actions: Sequence[str]
    resources: Sequence[pulumi.Input[str]]
    conditions: dict[str, dict[str, Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        wide = [action for action in self.actions if "*" in action]
        if wide:
            raise ValueError(f"a policy names its actions one by one; {', '.join(wide)} is a wildcard")
        if "*" in self.resources and not WITHOUT_RESOURCE.issuperset(self.actions):
            raise ValueError(f"{', '.join(self.actions)}: name the resources")

    def statement(self) -> dict[str, Any]:
        found = {"Effect": "Allow", "Action": list(self.actions), "Resource": list(self.resources)}
        return {**found, "Condition": self.conditions} if self.conditions else found


def write_log(log_group: aws.cloudwatch.LogGroup, *actions: str) -> Allow:
    """Writing one log group. AWS checks the ARN of its streams, `:*`; the embedded cloud that of the group itself."""
    return Allow(actions=actions, resources=[log_group.arn, pulumi.Output.concat(log_group.arn, ":*")])


def policy(statements: Sequence[Allow]) -> pulumi.Output[str]:
    """The policy document in JSON."""
    return document([statement.statement() for statement in statements])


def trust(
    principal: dict[str, pulumi.Input[str]], conditions: dict[str, dict[str, Any]] | None = None
) -> pulumi.Output[str]:
    """Who may assume a role: `{"Service": "lambda.amazonaws.com"}` or `{"AWS": arn}`."""
    found: dict[str, Any] = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": principal}
    return document([{**found, "Condition": conditions} if conditions else found])


def document(statements: Sequence[dict[str, Any]]) -> pulumi.Output[str]:
    return pulumi.Output.json_dumps({"Version": "2012-10-17", "Statement": list(statements)})
