"""Files that people drop into the lake, each told to a function once it is there: S3 to a queue to the function."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws
from pulumi import ResourceOptions

from infrastructure.components.alarms import AlarmArgs, alarm
from infrastructure.components.dead_letters import DeadLetters
from infrastructure.components.event_lake import EventLake
from infrastructure.components.function import Function
from infrastructure.components.policies import Allow, document

RECEIVE = ("sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage")
LATE_SECONDS = 3600


@dataclass(frozen=True, kw_only=True)
class FileQueueArgs:
    """Which files, and when to give up.

    prefixes: in the lake. function_timeout_seconds: of the function that takes them; a file is hidden from others for
    six times as long (AWS Lambda's advice). attempts: at a file before its message goes to `on_failure`.
    """

    lake: EventLake
    prefixes: Sequence[str]
    on_failure: DeadLetters
    function_timeout_seconds: int
    attempts: int = 5
    alarm_topic: str | None = None


class FileQueue(pulumi.ComponentResource):
    """The queue of files, which only the lake may fill, and the function that takes them by `deliver_to`."""

    def __init__(self, name: str, args: FileQueueArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("headrace:queue:FileQueue", name, None, opts)
        child = ResourceOptions(parent=self)
        self._prefix = name
        self.queue = aws.sqs.Queue(
            f"{name}-queue",
            visibility_timeout_seconds=6 * args.function_timeout_seconds,
            sqs_managed_sse_enabled=True,
            redrive_policy=pulumi.Output.json_dumps(
                {"deadLetterTargetArn": args.on_failure.arn, "maxReceiveCount": args.attempts}
            ),
            opts=child,
        )
        self.url, self.arn = self.queue.url, self.queue.arn
        allowed = aws.sqs.QueuePolicy(
            f"{name}-queue",
            queue_url=self.queue.url,
            policy=document(
                [
                    {
                        "Effect": "Allow",
                        "Principal": {"Service": "s3.amazonaws.com"},
                        "Action": "sqs:SendMessage",
                        "Resource": self.arn,
                        "Condition": {"ArnEquals": {"aws:SourceArn": args.lake.arn}},
                    }
                ]
            ),
            opts=child,
        )
        for prefix in args.prefixes:
            args.lake.tell(self.arn, prefix, after=[allowed])
        alarm(
            f"{name}-late",
            AlarmArgs(
                description="A dropped file waits: the function that loads it fails, or has more files than it can do.",
                namespace="AWS/SQS",
                metric="ApproximateAgeOfOldestMessage",
                statistic="Maximum",
                threshold=LATE_SECONDS,
                dimensions={"QueueName": self.queue.name},
                topic=args.alarm_topic,
            ),
            child,
        )
        self.register_outputs({"queue": self.queue.name})

    def deliver_to(self, function: Function) -> None:
        """Hands the files to a function that may `receive` them, one file at a time."""
        aws.lambda_.EventSourceMapping(
            f"{self._prefix}-mapping",
            event_source_arn=self.arn,
            function_name=function.arn,
            batch_size=1,
            function_response_types=["ReportBatchItemFailures"],
            scaling_config={"maximum_concurrency": 2},  # the least there is: files wait rather than compete
            opts=ResourceOptions(parent=self),
        )

    def receive(self) -> Allow:
        """What the function needs: Lambda polls in its name, and it puts files back that need longer."""
        return Allow(actions=(*RECEIVE, "sqs:SendMessage"), resources=[self.arn])
