"""Counting what lies in a bucket, a stream and a pumper's own account."""

import gzip
import io
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st

from headrace.console import Problem
from headrace.hops.cloud import aws_problems
from headrace.hops.objects import Prefix, reason, spill_target, unzipped
from headrace.hops.pumps import Pumped, read_pumps
from headrace.hops.stream import Stream

PUMPED = b'{"request":{"headers":{"user-agent":"headrace-pumper"}}}'
OTHER = b'{"request":{"headers":{"user-agent":"curl/8"},"body":{"dt":"\\"user-agent\\":\\"headrace-pumper\\""}}}'


class Bucket:
    """As much of S3 as counting needs. reads: keys in the order in which they were fetched."""

    class exceptions:
        class NoSuchKey(Exception):
            pass

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.gone: set[str] = set()
        self.reads: list[str] = []

    def get_paginator(self, operation: str) -> "Bucket":
        assert operation == "list_objects_v2"
        return self

    def paginate(self, Prefix: str, **_: str) -> Any:
        for key in sorted(self.objects):
            if key.startswith(Prefix):
                written = datetime(2024, 3, 1, tzinfo=UTC) + timedelta(seconds=len(key))
                yield {"Contents": [{"Key": key, "ETag": str(hash(self.objects[key])), "LastModified": written}]}
        yield {}

    def get_object(self, Key: str, **_: str) -> dict[str, Any]:
        self.reads.append(Key)
        if Key in self.gone:
            raise self.exceptions.NoSuchKey
        return {"Body": io.BytesIO(self.objects[Key])}


def test_lines_are_counted_in_gzipped_and_plain_objects_of_the_prefix_only():
    bucket = Bucket()
    bucket.objects = {
        "raw/a.gz": gzip.compress(PUMPED + b"\n" + OTHER + b"\n"),
        "raw/b": PUMPED + b"\n\n" + PUMPED,
        "bad/c": OTHER + b"\n",
    }
    counted = Prefix(bucket, "bucket", "raw/").count()
    assert (counted.objects, counted.lines, counted.pumped) == (2, 4, 3)


def test_an_object_is_read_once_and_forgotten_when_it_is_gone():
    bucket = Bucket()
    bucket.objects = {"spill/a": b'{"target":"events"}\n{"target":"bad"}', "spill/b": b'{"target":"events"}'}
    prefix = Prefix(bucket, "bucket", "spill/", spill_target)
    assert prefix.count().kinds == {"events": 2, "bad": 1}
    del bucket.objects["spill/b"]
    assert prefix.count().kinds == {"events": 1, "bad": 1}
    assert sorted(bucket.reads) == ["spill/a", "spill/b"]


def test_an_object_that_goes_while_it_is_counted_counts_as_gone():
    bucket = Bucket()
    bucket.objects = {"spill/a": b'{"target":"events"}'}
    bucket.gone = {"spill/a"}
    assert Prefix(bucket, "bucket", "spill/", spill_target).count().lines == 0


@given(st.lists(st.binary().map(lambda line: line.replace(b"\n", b""))), st.booleans())
def test_every_line_comes_out_as_it_went_in_gzipped_or_not(lines, zipped):
    content = b"".join(line + b"\n" for line in lines)
    if not zipped and content.startswith(b"\x1f\x8b"):
        return  # it would rightly be taken for gzip
    body = io.BytesIO(gzip.compress(content) if zipped else content)
    assert b"".join(unzipped(body)) == content


@given(st.binary())
def test_the_reason_of_any_line_is_some_text(line):
    assert isinstance(reason(line), str)


class Kinesis:
    """Shards as lists of answers' records; an empty answer in the middle, as Kinesis gives them."""

    def __init__(self, shards: dict[str, list[bytes]], closed: frozenset[str] = frozenset()) -> None:
        self.shards, self.closed = shards, closed
        self.ever_more = False

    def get_paginator(self, operation: str) -> "Kinesis":
        assert operation == "list_shards"
        return self

    def paginate(self, **_: str) -> Any:
        yield {"Shards": [{"ShardId": shard} for shard in self.shards]}

    def get_shard_iterator(self, ShardId: str, ShardIteratorType: str, **_: str) -> dict[str, str]:
        assert ShardIteratorType == "TRIM_HORIZON"
        return {"ShardIterator": json.dumps([ShardId, 0, True])}

    def get_records(self, ShardIterator: str, **_: int) -> dict[str, Any]:
        shard, position, empty = json.loads(ShardIterator)
        records = [] if empty else self.shards[shard][position : position + 2]
        position += len(records)
        behind = len(self.shards[shard]) - position
        over = shard in self.closed and not behind
        arrived = datetime.now(UTC) + timedelta(days=1 if self.ever_more else -1)
        if self.ever_more:
            self.shards[shard] += records
        told = [{"Data": data, "ApproximateArrivalTimestamp": arrived} for data in records]
        answer: dict[str, Any] = {"Records": told, "MillisBehindLatest": behind}
        return answer | {"NextShardIterator": None if over else json.dumps([shard, position, bool(records)])}


def test_a_stream_is_read_to_its_end_and_on_from_there():
    kinesis = Kinesis({"one": [PUMPED] * 5, "two": [OTHER], "closed": [PUMPED]}, closed=frozenset({"closed"}))
    stream = Stream(kinesis, "events")
    assert stream.count() == (7, 6)
    kinesis.shards["one"].append(OTHER)
    kinesis.shards["new"] = [PUMPED]
    assert stream.count() == (9, 7)


def test_reading_ends_though_more_comes_all_the_time():
    kinesis = Kinesis({"one": [PUMPED] * 5})
    kinesis.ever_more = True
    assert Stream(kinesis, "events").count() == (2, 2)


def test_the_pumpers_runs_add_up(tmp_path):
    run = {"run_id": "a", "sent": 10, "accepted": 7, "rejected": 2, "failed": 1, "retried": 3, "latency_ms": {}}
    (tmp_path / "pumps.jsonl").write_text(json.dumps(run) + "\n" + json.dumps(run) + "\n")
    assert read_pumps(tmp_path) == Pumped(runs=2, sent=20, accepted=14, rejected=4, failed=2, retried=6)


def test_without_a_run_nothing_was_sent(tmp_path):
    assert read_pumps(tmp_path) == Pumped()


@pytest.mark.parametrize("line", ["{", "[]", '{"sent": 1}', '{"sent": null}'])
def test_a_broken_account_is_named(tmp_path, line):
    (tmp_path / "pumps.jsonl").write_text(line)
    with pytest.raises(Problem, match=r"pumps\.jsonl"):
        read_pumps(tmp_path)


def test_what_aws_refuses_is_named_with_the_place_that_lists_the_rights():
    denied = ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "PutObject")
    named = r"refused PutObject on stack 'dev'.*docs/recovering\.md"
    with pytest.raises(Problem, match=named), aws_problems("dev", rights="docs/recovering.md"):
        raise denied
    with pytest.raises(Problem, match="may read its bucket"), aws_problems("dev"):
        raise denied
