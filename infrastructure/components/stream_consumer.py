"""How a function reads a stream: a Lambda event source mapping that can not block its shard."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws
from pulumi import ResourceOptions

from infrastructure.components.alarms import AlarmArgs, alarm
from infrastructure.components.dead_letters import DeadLetters
from infrastructure.components.event_stream import EventStream
from infrastructure.components.function import Function
from infrastructure.components.policies import Allow
from infrastructure.components.table import Table

READ_KINESIS = (
    "kinesis:DescribeStream",
    "kinesis:DescribeStreamSummary",
    "kinesis:GetRecords",
    "kinesis:GetShardIterator",
    "kinesis:ListShards",
)
READ_CHANGES = (
    "dynamodb:DescribeStream",
    "dynamodb:GetRecords",
    "dynamodb:GetShardIterator",
)
LIST_CHANGES = ("dynamodb:ListStreams",)

LATE_MS = 60_000


@dataclass(frozen=True, kw_only=True)
class StreamConsumerArgs:
    """What is read by whom, and when to give up.

    source: a stream, or a table's changes. batch_size: records an invocation, 1..10,000 (AWS Lambda quota).
    window_seconds: how long a batch may gather, 0..300. max_retries: of a batch; splitting it uses up none; AWS's own
    default is for ever. max_age_seconds: older records are given up. parallelization: batches of one shard at a time,
    1..10; each key's records keep their order.
    """

    source: EventStream | Table
    function: Function
    on_failure: DeadLetters
    batch_size: int = 500
    window_seconds: int = 0
    max_retries: int = 5
    max_age_seconds: int = 6 * 3600
    parallelization: int = 1


class StreamConsumer(pulumi.ComponentResource):
    """The mapping: failed records are reported one by one, batches are split, and what is given up is queued."""

    def __init__(self, name: str, args: StreamConsumerArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("headrace:stream:StreamConsumer", name, None, opts)
        child = ResourceOptions(parent=self)
        source = args.source.arn if isinstance(args.source, EventStream) else args.source.stream_arn
        aws.lambda_.EventSourceMapping(
            f"{name}-mapping",
            event_source_arn=source,
            function_name=args.function.arn,
            starting_position="TRIM_HORIZON",
            batch_size=args.batch_size,
            maximum_batching_window_in_seconds=args.window_seconds,
            maximum_retry_attempts=args.max_retries,
            maximum_record_age_in_seconds=args.max_age_seconds,
            parallelization_factor=args.parallelization,
            bisect_batch_on_function_error=True,
            function_response_types=["ReportBatchItemFailures"],
            destination_config={"on_failure": {"destination_arn": args.on_failure.arn}},
            opts=child,
        )
        self.register_outputs({})


def late_alarm(name: str, function: Function, topic: str | None, opts: ResourceOptions) -> None:
    """One alarm for all streams of a function: it is more than a minute behind one of them."""
    alarm(
        f"{name}-late",
        AlarmArgs(
            description="The function is behind its stream: what it does, it does too late.",
            namespace="AWS/Lambda",
            metric="IteratorAge",
            statistic="Maximum",
            threshold=LATE_MS,
            dimensions={"FunctionName": function.name},
            topic=topic,
        ),
        opts,
    )


def may_read(sources: Sequence[EventStream | Table], on_failure: DeadLetters) -> list[Allow]:
    """What a function needs that reads these sources: Lambda polls and reports failures in the function's name."""
    streams = [source.arn for source in sources if isinstance(source, EventStream)]
    # A table whose stream is turned off and on again has another one.
    tables = [pulumi.Output.concat(source.arn, "/stream/*") for source in sources if isinstance(source, Table)]
    return [
        *([Allow(actions=READ_KINESIS, resources=streams)] if streams else []),
        *(
            [Allow(actions=READ_CHANGES, resources=tables), Allow(actions=LIST_CHANGES, resources=["*"])]
            if tables
            else []
        ),
        Allow(actions=("sqs:SendMessage",), resources=[on_failure.arn]),
    ]
