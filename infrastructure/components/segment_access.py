"""The role with which Segment, from its own account, puts records into a stream of ours."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws
from pulumi import ResourceOptions

from infrastructure.components.event_stream import EventStream
from infrastructure.components.policies import Allow, policy, trust

# Segment's own AWS account, and what its Kinesis destination does (its documentation, Amazon Kinesis).
SEGMENT_ACCOUNT = "arn:aws:iam::595280932656:root"
PUT = ("kinesis:PutRecord", "kinesis:PutRecords")


@dataclass(frozen=True, kw_only=True)
class SegmentAccessArgs:
    """external_id: what Segment must present, its "Secret ID" or source id: without it any Segment customer could."""

    stream: EventStream
    external_id: str


class SegmentAccess(pulumi.ComponentResource):
    """`role_arn` goes into the destination's settings in Segment."""

    def __init__(self, name: str, args: SegmentAccessArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("headrace:stream:SegmentAccess", name, None, opts)
        child = ResourceOptions(parent=self)
        self.role = aws.iam.Role(
            f"{name}-access",
            assume_role_policy=trust({"AWS": SEGMENT_ACCOUNT}, {"StringEquals": {"sts:ExternalId": args.external_id}}),
            opts=child,
        )
        self.role_arn = self.role.arn
        aws.iam.RolePolicy(
            f"{name}-access",
            role=self.role.name,
            policy=policy(
                [
                    Allow(actions=PUT, resources=[args.stream.arn]),
                    Allow(actions=("iam:SimulatePrincipalPolicy",), resources=[self.role.arn]),  # its own check
                ]
            ),
            opts=child,
        )
        self.register_outputs({"role_arn": self.role_arn})
