"""A DynamoDB table with one string key."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws
from pulumi import ResourceOptions

from infrastructure.components.alarms import AlarmArgs, alarm


@dataclass(frozen=True, kw_only=True)
class TableArgs:
    """What a table holds.

    key: the partition key's name; text. changes: whether functions read its stream, of new and old images.
    expires: the attribute with the epoch second after which DynamoDB deletes an item.
    protect: refuses deletion, and keeps what is needed to go back to any second of the last 35 days.
    """

    key: str
    changes: bool = False
    expires: str | None = None
    protect: bool = True
    alarm_topic: str | None = None


class Table(pulumi.ComponentResource):
    """Paid by the request, encrypted, with an alarm for throttled writes. `stream_arn`: of its changes."""

    def __init__(self, name: str, args: TableArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("headrace:table:Table", name, None, opts)
        child = ResourceOptions(parent=self)
        self.table = aws.dynamodb.Table(
            f"{name}-table",
            billing_mode="PAY_PER_REQUEST",
            hash_key=args.key,
            attributes=[{"name": args.key, "type": "S"}],
            stream_enabled=args.changes,
            stream_view_type="NEW_AND_OLD_IMAGES" if args.changes else None,
            ttl={"attribute_name": args.expires, "enabled": True} if args.expires else None,
            server_side_encryption={"enabled": True},
            point_in_time_recovery={"enabled": args.protect},
            deletion_protection_enabled=args.protect,
            opts=child,
        )
        self.name, self.arn, self.stream_arn = self.table.name, self.table.arn, self.table.stream_arn
        alarm(
            f"{name}-throttled",
            AlarmArgs(
                description="The table refuses writes: one key is too hot, or traffic doubled within minutes.",
                namespace="AWS/DynamoDB",
                metric="WriteThrottleEvents",
                dimensions={"TableName": self.name},
                topic=args.alarm_topic,
            ),
            child,
        )
        self.register_outputs({"table": self.name})
