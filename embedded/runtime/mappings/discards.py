"""What the on-failure destination is told of records that were given up: where they are, and why. Not what they hold.

https://docs.aws.amazon.com/lambda/latest/dg/kinesis-on-failure-destination.html, …/services-dynamodb-errors.html
"""

import json
import uuid
from datetime import UTC, datetime
from typing import Any

from embedded.runtime.mappings.definition import Mapping, service_of
from embedded.runtime.mappings.retrying import GivenUp
from embedded.runtime.roles import Roles


class UnknownDestination(Exception):
    """A destination of a kind that is not served here."""


def message(mapping: Mapping, shard: str, given_up: GivenUp, now: float) -> dict[str, Any]:
    """The invocation record. A batch that never reached the function has no response."""
    first, last = given_up.records[0], given_up.records[-1]
    outcome = given_up.last
    response: dict[str, Any] = {}
    if outcome:
        error = {"functionError": outcome.function_error} if outcome.function_error else {}
        response = {"responseContext": {"statusCode": 200, "executedVersion": outcome.version, **error}}
    return {
        "requestContext": {
            "requestId": str(uuid.uuid4()),
            "functionArn": mapping.function,
            "condition": given_up.condition,
            "approximateInvokeCount": given_up.invocations,
        },
        **response,
        "version": "1.0",
        "timestamp": _iso(now),
        "DDBStreamBatchInfo" if mapping.of_table else "KinesisBatchInfo": {
            "shardId": shard,
            "startSequenceNumber": first.sequence,
            "endSequenceNumber": last.sequence,
            "approximateArrivalOfFirstRecord": _iso(first.arrived),
            "approximateArrivalOfLastRecord": _iso(last.arrived),
            "batchSize": len(given_up.records),
            "streamArn": mapping.source,
        },
    }


def send(roles: Roles, role: str, mapping: Mapping, body: dict[str, Any]) -> None:
    """Tells the mapping's destination, a queue or a topic, with the rights of the function's role.

    Raises botocore's errors, NotTrusted and UnknownDestination.
    """
    destination = mapping.on_failure
    assert destination is not None
    text = json.dumps(body)
    match service_of(destination):
        case "sqs":
            queues = roles.client("sqs", role, mapping.function)
            queues.send_message(QueueUrl=_queue_url(destination), MessageBody=text)
        case "sns":
            roles.client("sns", role, mapping.function).publish(TopicArn=destination, Message=text)
        case other:
            raise UnknownDestination(f"the embedded cloud sends failures to a queue or a topic, not to {other}")


def _queue_url(arn: str) -> str:
    """A queue's URL, made of its ARN: to look it up would need a permission that Lambda does not ask for. The SDK
    sends it to the endpoint that it has for SQS."""
    _, _, _, region, account, name = arn.split(":")
    return f"https://sqs.{region}.amazonaws.com/{account}/{name}"


def _iso(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
