"""The queue that hears of records which could not be processed: where they stand in their stream, and why."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws
from pulumi import ResourceOptions

from infrastructure.components.alarms import AlarmArgs, alarm

KEPT_SECONDS = 14 * 86_400  # the longest that SQS keeps a message


@dataclass(frozen=True, kw_only=True)
class DeadLettersArgs:
    """alarm_topic: who is told that something lies in the queue."""

    alarm_topic: str | None = None


class DeadLetters(pulumi.ComponentResource):
    """An encrypted queue, and an alarm as soon as anything is in it."""

    def __init__(self, name: str, args: DeadLettersArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("headrace:queue:DeadLetters", name, None, opts)
        child = ResourceOptions(parent=self)
        self.queue = aws.sqs.Queue(
            f"{name}-queue", message_retention_seconds=KEPT_SECONDS, sqs_managed_sse_enabled=True, opts=child
        )
        self.name, self.arn = self.queue.name, self.queue.arn
        alarm(
            f"{name}-not-empty",
            AlarmArgs(
                description="Records could not be processed; the messages say which, the functions' logs why.",
                namespace="AWS/SQS",
                metric="ApproximateNumberOfMessagesVisible",
                statistic="Maximum",
                dimensions={"QueueName": self.name},
                topic=args.alarm_topic,
            ),
            child,
        )
        self.register_outputs({"queue": self.name})
