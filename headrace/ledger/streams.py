"""The records of a Kinesis stream, read into the book; and what was given up of them for an application."""

import json
import time
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from headrace.hops.stream import RECORDS_A_CALL
from headrace.ledger.book import Book
from headrace.ledger.logs import Application, sequence_key
from headrace.ledger.objects import event_of

MESSAGES_LOOKED_AT = 1_000
HIDDEN_SECONDS = 5  # a message that was seen, so that the next receive brings others


def read_stream(kinesis: Any, name: str, book: Book) -> None:
    """Reads on where the book ends. Raises botocore's errors."""
    summary = kinesis.describe_stream_summary(StreamName=name)["StreamDescriptionSummary"]
    _note_begin(book, name, summary)
    for page in kinesis.get_paginator("list_shards").paginate(StreamName=name):
        for shard in page["Shards"]:
            _read_shard(kinesis, name, shard["ShardId"], book)
    book.move(f"{name} read at", str(time.time_ns() // 1_000_000))


def begin_of(book: Book, stream: str) -> int:
    """Epoch ms: since when the book has all of a stream's records."""
    return int(book.position(f"{stream} begins") or 0)


def read_given_up(sqs: Any, queue_url: str, applications: Sequence[Application], book: Book) -> None:
    """Looks at the dead letters and leaves them all there. Raises botocore's errors."""
    names = {one.function: one.name for one in applications}
    seen: set[str] = set()
    while len(seen) < MESSAGES_LOOKED_AT:
        wanted = {"MaxNumberOfMessages": 10, "VisibilityTimeout": HIDDEN_SECONDS, "WaitTimeSeconds": 0}
        messages = sqs.receive_message(QueueUrl=queue_url, **wanted).get("Messages", [])
        new = [message for message in messages if message["MessageId"] not in seen]
        if not new:
            break
        seen |= {message["MessageId"] for message in new}
        book.add("given_up", [row for message in new if (row := _given_up(message["Body"], names))])


def _read_shard(kinesis: Any, stream: str, shard: str, book: Book) -> None:
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
        if records:
            with book.at_once():
                book.add("records", [(stream, shard, *_row(record)) for record in records])
                book.move(source, records[-1]["SequenceNumber"])
        iterator = answer.get("NextShardIterator")
        # An empty answer alone does not mean the end: Kinesis gives those in the middle of a shard too.
        if not records and not answer.get("MillisBehindLatest"):
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


def _note_begin(book: Book, stream: str, summary: dict[str, Any]) -> None:
    """A stream forgets what is older than its retention: what nobody read of it by then, the book lacks."""
    read_at = book.position(f"{stream} read at")
    kept_since = time.time_ns() // 1_000_000 - summary["RetentionPeriodHours"] * 3_600_000
    if read_at is None or int(read_at) < kept_since:
        created = round(summary["StreamCreationTimestamp"].timestamp() * 1000)
        book.move(f"{stream} begins", str(max(kept_since, created)))


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
