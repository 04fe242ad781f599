"""A Firehose delivery stream into one prefix of the lake: gzip, one record a line."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws
from pulumi import ResourceOptions

from infrastructure.components.alarms import AlarmArgs, alarm
from infrastructure.components.event_lake import ERRORS, EventLake
from infrastructure.components.event_stream import EventStream
from infrastructure.components.policies import Allow, policy, trust, write_log

WRITE_TO_S3 = ("s3:AbortMultipartUpload", "s3:PutObject")
DIRECT_PUT = ("firehose:PutRecord", "firehose:PutRecordBatch")
READ_STREAM = ("kinesis:DescribeStream", "kinesis:GetShardIterator", "kinesis:GetRecords", "kinesis:ListShards")


@dataclass(frozen=True, kw_only=True)
class DeliveryArgs:
    """Where records come from and go to. Without `source`, producers put them directly.

    buffer_mb, buffer_seconds: an object is written when either is reached (1..128 MB, 0..900 s: Firehose quota).
    """

    lake: EventLake
    prefix: str
    source: EventStream | None = None
    buffer_mb: int = 64
    buffer_seconds: int = 60
    logs_days: int = 14
    alarm_topic: str | None = None


class Delivery(pulumi.ComponentResource):
    """The delivery stream, its role, its error log, and an alarm for records that do not arrive."""

    def __init__(self, name: str, args: DeliveryArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("headrace:delivery:Delivery", name, None, opts)
        child = ResourceOptions(parent=self)
        log_group = aws.cloudwatch.LogGroup(f"{name}-delivery-log", retention_in_days=args.logs_days, opts=child)
        log_stream = aws.cloudwatch.LogStream(
            f"{name}-delivery-errors", log_group_name=log_group.name, name="errors", opts=child
        )
        role = aws.iam.Role(
            f"{name}-delivery",
            assume_role_policy=trust({"Service": "firehose.amazonaws.com"}),
            opts=child,
        )
        permissions = aws.iam.RolePolicy(
            f"{name}-delivery", role=role.name, policy=policy(self.statements(args, log_group)), opts=child
        )
        self.delivery_stream = aws.kinesis.FirehoseDeliveryStream(
            f"{name}-delivery",
            destination="extended_s3",
            kinesis_source_configuration=(
                {"kinesis_stream_arn": args.source.arn, "role_arn": role.arn} if args.source else None
            ),
            server_side_encryption=None if args.source else {"enabled": True},  # with a source, the stream's own
            extended_s3_configuration={
                "bucket_arn": args.lake.arn,
                "role_arn": role.arn,
                "prefix": args.prefix,
                "error_output_prefix": f"{ERRORS}{args.prefix}!{{firehose:error-output-type}}/",
                "buffering_size": args.buffer_mb,
                "buffering_interval": args.buffer_seconds,
                "compression_format": "GZIP",
                "cloudwatch_logging_options": {
                    "enabled": True,
                    "log_group_name": log_group.name,
                    "log_stream_name": log_stream.name,
                },
                "processing_configuration": {
                    "enabled": True,
                    "processors": [
                        {
                            "type": "AppendDelimiterToRecord",
                            "parameters": [{"parameter_name": "Delimiter", "parameter_value": "\\n"}],
                        }
                    ],
                },
            },
            opts=ResourceOptions(parent=self, depends_on=[permissions]),
        )
        self.name, self.arn = self.delivery_stream.name, self.delivery_stream.arn
        alarm(
            f"{name}-delivery-late",
            AlarmArgs(
                description="Records wait in Firehose for over a quarter of an hour: it can not write to the lake.",
                namespace="AWS/Firehose",
                metric="DeliveryToS3.DataFreshness",
                dimensions={"DeliveryStreamName": self.name},
                statistic="Maximum",
                threshold=900 + args.buffer_seconds,
                topic=args.alarm_topic,
            ),
            child,
        )
        self.register_outputs({"delivery_stream": self.name})

    def statements(self, args: DeliveryArgs, log_group: aws.cloudwatch.LogGroup) -> list[Allow]:
        """What the delivery role may do: write its prefix and the errors of it, read its source, log."""
        written = [args.lake.objects(args.prefix), args.lake.objects(f"{ERRORS}{args.prefix}")]
        found = [
            Allow(actions=WRITE_TO_S3, resources=written),
            Allow(
                actions=("s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"),
                resources=[args.lake.arn],
            ),
            write_log(log_group, "logs:PutLogEvents"),
        ]
        if args.source:
            found.append(Allow(actions=READ_STREAM, resources=[args.source.arn]))
        return found
