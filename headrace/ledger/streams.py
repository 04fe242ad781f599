"""The records of a Kinesis stream, read into the book; and which applications are to be done with them."""

import time
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from headrace.hops.stream import RECORDS_A_CALL
from headrace.ledger.book import HOUR_MS, Book
from headrace.ledger.logs import Application, sequence_key
from headrace.ledger.objects import event_of


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


def read_stream(kinesis: Any, name: str, book: Book, asked_at: int, pause_seconds: float = 0.0) -> None:
    """Reads on where the book ends, as far as there was anything at `asked_at` (epoch ms). pause_seconds: between two
    calls to one shard. Raises botocore's errors."""
    for page in kinesis.get_paginator("list_shards").paginate(StreamName=name):
        for shard in page["Shards"]:
            _read_shard(kinesis, name, shard["ShardId"], book, asked_at, pause_seconds)


def _read_shard(kinesis: Any, stream: str, shard: str, book: Book, asked_at: int, pause_seconds: float) -> None:
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
        time.sleep(pause_seconds)


def _row(record: dict[str, Any]) -> tuple[str, int, int, str | None, str | None]:
    """Other systems' records have no envelope: their hour is that of their arrival."""
    arrived: datetime = record["ApproximateArrivalTimestamp"]
    arrived_at = round(arrived.timestamp() * 1000)
    try:
        received_at, request, event = event_of(record["Data"])
    except (ValueError, KeyError, TypeError, AttributeError):
        return sequence_key(record["SequenceNumber"]), arrived_at, arrived_at, None, None
    return sequence_key(record["SequenceNumber"]), arrived_at, received_at, request, event
