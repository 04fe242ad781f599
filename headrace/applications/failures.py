"""What was given up: the queue of dead letters."""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Failures:
    """messages: in the queue, each of a batch or a part of one. functions: of those that were looked at, by name."""

    messages: int
    functions: Mapping[str, int] = field(default_factory=dict)


def read_failures(sqs: Any, queue_url: str) -> Failures:
    """Looks at some of the messages and leaves them all there. Raises botocore's errors."""
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    found = sqs.get_queue_attributes(QueueUrl=queue_url, AttributeNames=names)["Attributes"]
    messages = sum(int(found[name]) for name in names)
    if not messages:
        return Failures(messages=0)
    seen = sqs.receive_message(QueueUrl=queue_url, MaxNumberOfMessages=10, VisibilityTimeout=0).get("Messages", [])
    return Failures(messages=messages, functions=dict(Counter(function_of(message["Body"]) for message in seen)))


def function_of(body: str) -> str:
    """The function that a dead letter of a stream's mapping names.

    https://docs.aws.amazon.com/lambda/latest/dg/kinesis-on-failure-destination.html
    """
    try:
        arn = json.loads(body)["requestContext"]["functionArn"]
        return str(arn).split(":")[6]
    except (ValueError, KeyError, TypeError, IndexError):
        return "another sender"
