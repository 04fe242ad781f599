"""What was given up: the queue of dead letters, looked at and left as it is."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from headrace.applications.failures import function_of
from headrace.ledger.book import Book
from headrace.ledger.logs import Application, sequence_key

MESSAGES_LOOKED_AT = 10_000
HIDDEN_SECONDS = 120  # longer than a look at so many takes, so that each receive brings others
RELEASED_AT_ONCE = 10  # ChangeMessageVisibilityBatch's own limit
ATTRIBUTES = ["SentTimestamp", "DeadLetterQueueSourceArn"]


@dataclass(frozen=True, kw_only=True)
class Patience:
    """How a queue is asked. SQS asks a part of its servers unless it may wait, and even then may find none at first."""

    wait_seconds: int
    empty_answers: int


PATIENCE = {
    "embedded": Patience(wait_seconds=0, empty_answers=1),
    "aws": Patience(wait_seconds=1, empty_answers=3),
}


class Range(NamedTuple):
    """Records of an application's stream that it was given up for."""

    application: str
    stream: str
    shard: str
    first: str
    last: str


class Letter(NamedTuple):
    """Anything else that was given up: changes of a table, a dropped file. whose: a function, or the queue where nobody
    says which. given_up_at: epoch ms."""

    whose: str
    given_up_at: int
    records: int


def read_letters(sqs: Any, queue_url: str, applications: Sequence[Application], book: Book, patience: Patience) -> None:
    """Looks at the dead letters and leaves them all there. Raises botocore's errors."""
    names = {one.function: one.name for one in applications}
    seen: dict[str, str] = {}
    found: list[Range | Letter] = []
    empty = 0
    asked = {"MaxNumberOfMessages": 10, "VisibilityTimeout": HIDDEN_SECONDS, "WaitTimeSeconds": patience.wait_seconds}
    try:
        while len(seen) < MESSAGES_LOOKED_AT and empty < patience.empty_answers:
            messages = sqs.receive_message(QueueUrl=queue_url, AttributeNames=ATTRIBUTES, **asked).get("Messages", [])
            new = [message for message in messages if message["MessageId"] not in seen]
            empty = 0 if new else empty + 1
            seen |= {message["MessageId"]: message["ReceiptHandle"] for message in messages}
            found += [_range(message["Body"], names) or _letter(message) for message in new]
    finally:
        _release(sqs, queue_url, list(seen.values()))
    with book.at_once():
        book.add("given_up", [one for one in found if isinstance(one, Range)])
        book.clear("letters")  # one that is dealt with is gone
        book.add("letters", [one for one in found if isinstance(one, Letter)])


def _release(sqs: Any, queue_url: str, receipts: Sequence[str]) -> None:
    """Shows messages to everybody again. One that is gone meanwhile is only told of in the answer."""
    for begin in range(0, len(receipts), RELEASED_AT_ONCE):
        some = enumerate(receipts[begin : begin + RELEASED_AT_ONCE])
        entries = [{"Id": str(number), "ReceiptHandle": one, "VisibilityTimeout": 0} for number, one in some]
        sqs.change_message_visibility_batch(QueueUrl=queue_url, Entries=entries)


def _range(body: str, names: Mapping[str, str]) -> Range | None:
    """What a dead letter of a stream's mapping says; None for any other message.

    https://docs.aws.amazon.com/lambda/latest/dg/kinesis-on-failure-destination.html
    """
    try:
        batch = json.loads(body)["KinesisBatchInfo"]
        first, last = (sequence_key(batch[f"{end}SequenceNumber"]) for end in ("start", "end"))
        return Range(names[function_of(body)], batch["streamArn"].rpartition("/")[2], batch["shardId"], first, last)
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def _letter(message: Mapping[str, Any]) -> Letter:
    """Of a table's stream a letter is as one of a stream; of a queue it is the message that nobody could take, and the
    queue stands in its attributes.

    https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html
    """
    try:
        letter = json.loads(message["Body"])
        batch = letter.get("DDBStreamBatchInfo") or letter["KinesisBatchInfo"]
        given_up_at = round(datetime.fromisoformat(letter["timestamp"]).timestamp() * 1000)
        return Letter(function_of(message["Body"]), given_up_at, int(batch["batchSize"]))
    except (ValueError, KeyError, TypeError, AttributeError):
        attributes = message.get("Attributes", {})
        queue = attributes.get("DeadLetterQueueSourceArn", "").rpartition(":")[2]
        return Letter(queue or function_of(message["Body"]), int(attributes.get("SentTimestamp", 0)), 1)
