"""Rows as they come out of a real stream and a real bucket: the newest ones first, then each once."""

import gzip
import json
import time
import uuid
from typing import Any

import boto3
import pytest

from headrace.events.feed import Feed
from headrace.events.rows import Row
from tests.integration.account import Account
from tests.unit.headrace.events.watched import MadeUp, now


class Stack:
    """A bucket and a stream, and what the collector and Firehose would put there."""

    embedded = True

    def __init__(self) -> None:
        name = f"stack-{uuid.uuid4().hex[:8]}"
        self.published = {"bucket": name, "events_stream": name}
        boto3.client("s3").create_bucket(Bucket=name)
        boto3.client("kinesis").create_stream(StreamName=name, ShardCount=2)
        self._made = MadeUp()

    def client(self, service: str) -> Any:
        return boto3.client(service)  # pyright: ignore[reportArgumentType, reportCallIssue]

    def collect(self, *names: str, delivered: str = "", streamed: bool = True) -> None:
        """Events, in the stream and in an object that was delivered at this time (`2026/01/31/10/…-10-00-00`)."""
        for name in names:
            self._made.good(name, at=now())
        rows = self._made.new()
        if streamed:
            for row in rows:
                boto3.client("kinesis").put_record(
                    StreamName=self.published["events_stream"], Data=row.line, PartitionKey=row.name
                )
        if delivered:
            self._deliver(f"raw/{delivered}", rows)

    def refuse(self, *reasons: str, delivered: str) -> None:
        for reason in reasons:
            self._made.bad(reason, at=now())
        self._deliver(f"bad/{delivered}", self._made.new())

    def _deliver(self, key: str, rows: list[Row]) -> None:
        lines = b"".join(row.line + b"\n" for row in rows)
        boto3.client("s3").put_object(Bucket=self.published["bucket"], Key=key, Body=gzip.compress(lines))


@pytest.fixture
def stack(emulator: Account) -> Stack:
    return Stack()


def everything(_: Row) -> bool:
    return True


def names(rows: list[Row]) -> list[str]:
    return [row.name or row.reason for row in rows]


def test_the_newest_rows_are_those_delivered_and_those_not_yet(stack):
    stack.collect("one", "two", delivered="2026/01/31/23/s-1-2026-01-31-23-59-59-a")
    stack.refuse("bad one", delivered="2026/02/01/00/s-1-2026-02-01-00-00-00-a")
    stack.collect("three", delivered="2026/02/01/00/s-1-2026-02-01-00-00-01-b")
    stack.collect("four")
    feed = Feed(stack, stack.published)  # pyright: ignore[reportArgumentType]
    assert names(feed.newest(4, everything)) == ["two", "bad one", "three", "four"]
    assert feed.new() == []


def test_rows_that_come_are_shown_once_wherever_their_object_sorts(stack):
    feed = Feed(stack, stack.published)  # pyright: ignore[reportArgumentType]
    assert feed.newest(10, everything) == []
    stack.collect("one", delivered="2026/01/31/10/s-1-2026-01-31-10-00-00-a")
    stack.refuse("late", delivered="2026/01/31/10/s-1-2026-01-31-10-00-05-a")
    assert sorted(names(feed.new())) == ["late", "one"]
    stack.refuse("of the same second", delivered="2026/01/31/10/s-1-2026-01-31-10-00-04-z")
    time.sleep(0.6)  # how often a bucket is listed at most
    assert names(feed.new()) == ["of the same second"]
    assert feed.new() == []


def test_a_filter_finds_rows_of_long_ago(stack):
    stack.collect("rare", delivered="2024/01/31/10/s-1-2024-01-31-10-00-00-a", streamed=False)
    stack.collect(*["common"] * 30, delivered="2026/01/31/10/s-1-2026-01-31-10-00-00-a")
    feed = Feed(stack, stack.published)  # pyright: ignore[reportArgumentType]
    assert names(feed.newest(5, lambda row: row.name == "rare")) == ["rare"]


def test_a_stack_without_a_stream_has_its_events_in_s3(stack):
    del stack.published["events_stream"]
    stack.collect("one", delivered="2026/01/31/10/s-1-2026-01-31-10-00-00-a", streamed=False)
    feed = Feed(stack, stack.published)  # pyright: ignore[reportArgumentType]
    assert names(feed.newest(5, everything)) == ["one"]
    stack.collect("two", delivered="2026/01/31/10/s-1-2026-01-31-10-00-01-a", streamed=False)
    assert names(feed.new()) == ["two"]


def test_only_what_is_wanted_is_read(stack):
    stack.collect("one", delivered="2026/01/31/10/s-1-2026-01-31-10-00-00-a")
    stack.refuse("bad one", delivered="2026/01/31/10/s-1-2026-01-31-10-00-01-a")
    assert names(Feed(stack, stack.published, good=False).newest(5, everything)) == ["bad one"]
    assert names(Feed(stack, stack.published, good=True).newest(5, everything)) == ["one"]


def test_what_is_no_json_is_shown_as_it_is(stack):
    key = "bad/2026/01/31/10/s-1-2026-01-31-10-00-00-a"
    boto3.client("s3").put_object(Bucket=stack.published["bucket"], Key=key, Body=b"\xff\n" + json.dumps({}).encode())
    rows = Feed(stack, stack.published).newest(5, everything)
    assert {row.reason for row in rows} == {"unreadable"}
