"""The records of a Kinesis stream, read into the book; and what was given up of them for an application."""

import json
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from headrace.hops.stream import RECORDS_A_CALL
from headrace.ledger.book import HOUR_MS, Book
from headrace.ledger.logs import Application, sequence_key
from headrace.ledger.objects import event_of

MESSAGES_LOOKED_AT = 10_000
HIDDEN_SECONDS = 120  # longer than a look at so many takes, so that each receive brings others
RELEASED_AT_ONCE = 10  # ChangeMessageVisibilityBatch's own limit


@dataclass(frozen=True, kw_only=True)
class Patience:
    """How a queue is asked. SQS asks a part of its servers unless it may wait, and even then may find none at first."""

    wait_seconds: int
    empty_answers: int


EMBEDDED = Patience(wait_seconds=0, empty_answers=1)
AWS = Patience(wait_seconds=1, empty_answers=3)


def note_readers(kinesis: Any, streams: Iterable[str], applications: Iterable[Application], book: Book) -> None:
    """What is asked of an application: the records that its streams still had when it was first seen, and all since.

    One that is gone meanwhile begins anew when it is there again. Raises botocore's errors.
    """
    kept_ms: dict[str, int] = {}
    for stream in streams:
        summary = kinesis.describe_stream_summary(StreamName=stream)["StreamDescriptionSummary"]
        kept_ms[stream] = summary["RetentionPeriodHours"] * HOUR_MS
    before = dict(book.rows("select (application, stream), since from read_by"))
    now = time.time_ns() // 1_000_000
    read_by = [
        (one.name, stream, before.get((one.name, stream), now - kept_ms[stream]))
        for one in applications
        for stream in one.streams
    ]
    with book.at_once():
        book.clear("read_by")
        book.add("read_by", read_by)


def read_stream(kinesis: Any, name: str, book: Book, asked_at: int) -> None:
    """Reads on where the book ends, as far as there was anything at `asked_at` (epoch ms). Raises botocore's errors."""
    for page in kinesis.get_paginator("list_shards").paginate(StreamName=name):
        for shard in page["Shards"]:
            _read_shard(kinesis, name, shard["ShardId"], book, asked_at)


def read_given_up(
    sqs: Any, queue_url: str, applications: Sequence[Application], book: Book, patience: Patience
) -> None:
    """Looks at the dead letters and leaves them all there. Raises botocore's errors."""
    names = {one.function: one.name for one in applications}
    seen: dict[str, str] = {}
    empty = 0
    asked = {"MaxNumberOfMessages": 10, "VisibilityTimeout": HIDDEN_SECONDS, "WaitTimeSeconds": patience.wait_seconds}
    try:
        while len(seen) < MESSAGES_LOOKED_AT and empty < patience.empty_answers:
            messages = sqs.receive_message(QueueUrl=queue_url, **asked).get("Messages", [])
            new = [message for message in messages if message["MessageId"] not in seen]
            empty = 0 if new else empty + 1
            seen |= {message["MessageId"]: message["ReceiptHandle"] for message in messages}
            book.add("given_up", [row for message in new if (row := _given_up(message["Body"], names))])
    finally:
        _release(sqs, queue_url, list(seen.values()))


def _release(sqs: Any, queue_url: str, receipts: Sequence[str]) -> None:
    """Shows messages to everybody again. One that is gone meanwhile is only told of in the answer."""
    for begin in range(0, len(receipts), RELEASED_AT_ONCE):
        some = enumerate(receipts[begin : begin + RELEASED_AT_ONCE])
        entries = [{"Id": str(number), "ReceiptHandle": one, "VisibilityTimeout": 0} for number, one in some]
        sqs.change_message_visibility_batch(QueueUrl=queue_url, Entries=entries)


def _read_shard(kinesis: Any, stream: str, shard: str, book: Book, asked_at: int) -> None:
    source = f"{stream}/{shard}"
    after = book.position(source)
    start = (
        {"ShardIteratorType": "AFTER_SEQUENCE_NUMBER", "StartingSequenceNumber": after}
        if after
        else {"ShardIteratorType": "TRIM_HORIZON"}
    )
    iterator = kinesis.get_shard_iterator(StreamName=stream, ShardId=shard, **start)["ShardIterator"]
    while iterator:
        answer = kinesis.get_records(ShardIterator=iterator, Limit=RECORDS_A_CALL)
        records = answer["Records"]
        rows = [_row(record) for record in records]
        if rows:
            with book.at_once():
                book.add("records", [(stream, shard, *row) for row in rows])
                book.move(source, records[-1]["SequenceNumber"])
        iterator = answer.get("NextShardIterator")
        # An empty answer does not mean the end: Kinesis gives those in the middle of a shard too. And while more comes
        # all the time, there is no end to wait for.
        if not answer.get("MillisBehindLatest") or (rows and rows[-1][1] > asked_at):
            return


def _row(record: dict[str, Any]) -> tuple[str, int, int, str | None, str | None]:
    """Other systems' records have no envelope: their hour is that of their arrival."""
    arrived: datetime = record["ApproximateArrivalTimestamp"]
    arrived_at = round(arrived.timestamp() * 1000)
    try:
        received_at, request, event = event_of(record["Data"])
    except (ValueError, KeyError, TypeError, AttributeError):
        return sequence_key(record["SequenceNumber"]), arrived_at, arrived_at, None, None
    return sequence_key(record["SequenceNumber"]), arrived_at, received_at, request, event


def _given_up(body: str, names: dict[str, str]) -> tuple[str, str, str, str, str] | None:
    """A dead letter of a stream's mapping, as (application, stream, shard, first, last); None for any other message.

    https://docs.aws.amazon.com/lambda/latest/dg/kinesis-on-failure-destination.html
    """
    try:
        letter = json.loads(body)
        batch = letter["KinesisBatchInfo"]
        application = names[letter["requestContext"]["functionArn"].split(":")[6]]
        first, last = (sequence_key(batch[f"{end}SequenceNumber"]) for end in ("start", "end"))
        return application, batch["streamArn"].rpartition("/")[2], batch["shardId"], first, last
    except (ValueError, KeyError, TypeError, AttributeError, IndexError):
        return None
