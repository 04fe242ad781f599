"""The Kinesis stream that every accepted event is written to, once."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws
from pulumi import ResourceOptions

from infrastructure.components.alarms import AlarmArgs, alarm


@dataclass(frozen=True, kw_only=True)
class EventStreamArgs:
    """Capacity and retention. `shards` goes with mode PROVISIONED: each takes 1 MB/s or 1,000 records/s."""

    mode: str = "ON_DEMAND"
    shards: int | None = None
    retention_hours: int = 24
    alarm_topic: str | None = None


class EventStream(pulumi.ComponentResource):
    """A stream encrypted with the account's own Kinesis key, and alarms for refused writes and reads."""

    def __init__(self, name: str, args: EventStreamArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("headrace:stream:EventStream", name, None, opts)
        self.stream = aws.kinesis.Stream(
            f"{name}-stream",
            stream_mode_details={"stream_mode": args.mode},
            shard_count=args.shards,
            retention_period=args.retention_hours,
            encryption_type="KMS",
            kms_key_id="alias/aws/kinesis",
            opts=ResourceOptions(parent=self),
        )
        self.name, self.arn = self.stream.name, self.stream.arn
        alarm(
            f"{name}-throttled",
            AlarmArgs(
                description="The stream refuses writes: events are retried and then spilled to S3. Add shards.",
                namespace="AWS/Kinesis",
                metric="WriteProvisionedThroughputExceeded",
                dimensions={"StreamName": self.name},
                topic=args.alarm_topic,
            ),
            ResourceOptions(parent=self),
        )
        alarm(
            f"{name}-crowded",
            AlarmArgs(
                description="More is read than shards serve (5 reads/s, 2 MB/s, all readers together): add shards.",
                namespace="AWS/Kinesis",
                metric="ReadProvisionedThroughputExceeded",
                dimensions={"StreamName": self.name},
                topic=args.alarm_topic,
            ),
            ResourceOptions(parent=self),
        )
        self.register_outputs({"stream": self.name})
