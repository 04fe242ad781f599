"""A delivery stream reads its Kinesis stream with its own rights, but not once more than those who read it anyway."""

import gzip
import time
from base64 import b64encode
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from botocore.exceptions import ClientError

from embedded.runtime.firehose import kinesis_source
from embedded.runtime.firehose.definition import Definition
from embedded.runtime.firehose.delivery import DeliveryStream
from embedded.runtime.firehose.journal import Batch
from embedded.runtime.firehose.kinesis_source import KinesisSource
from embedded.runtime.roles import Roles
from embedded.runtime.streams import sharing, sources
from embedded.runtime.streams.sharing import Place, Reader, SharedShards
from embedded.runtime.streams.sources import KinesisStream
from embedded.runtime.wake import News, Wake

ARN = "arn:aws:kinesis:us-east-1:000000000000:stream/hits"
ROLE = "arn:aws:iam::000000000000:role/firehose"
CREATED = 1_000.0  # epoch seconds


class Kinesis:
    """A stream of numbered records, the roles that read it, their client, and the connection to it.

    denied: roles that may not get records. handed: how often each record was handed out. starts: of iterators.
    """

    received = 100

    def __init__(self) -> None:
        self.shards: dict[str, list[bytes]] = {"a": []}
        self.closed: set[str] = set()
        self.denied: set[str] = set()
        self.handed: Counter[bytes] = Counter()
        self.starts: list[dict[str, Any]] = []
        self.objects: list[bytes] = []
        self.hits = News()

    def put(self, *records: bytes, shard: str = "a") -> None:
        self.shards[shard] += records
        self.hits.tell()

    def news(self, _service: str, _name: str) -> News:
        return self.hits

    def client(self, _service: str, _role: str, _source: str) -> "Kinesis":
        return self

    def credentials(self, role: str, _source: str) -> str:
        return role

    def forget(self, _role: str) -> None:
        """Roles are as they are."""

    def get_paginator(self, _operation: str) -> "Kinesis":
        return self

    def paginate(self, **_: Any) -> Iterator[dict[str, Any]]:
        ends = {"EndingSequenceNumber": "9"}
        yield {
            "Shards": [{"ShardId": id, "SequenceNumberRange": ends if id in self.closed else {}} for id in self.shards]
        }

    def get_shard_iterator(self, *, ShardId: str, StreamARN: str, **start: Any) -> dict[str, str]:  # noqa: ARG002
        self.starts.append(start)
        return {"ShardIterator": f"{ShardId} {start.get('StartingSequenceNumber', 0)}"}

    def call(self, role: str, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        if role in self.denied:
            raise ClientError({"Error": {"Code": "AccessDeniedException", "Message": role}}, operation)
        shard, _, start = request["ShardIterator"].partition(" ")
        found = self.shards[shard][int(start) :]
        self.handed.update(found)
        records = [
            {
                "Data": b64encode(each).decode(),
                "SequenceNumber": str(number),
                "ApproximateArrivalTimestamp": CREATED + number,
            }
            for number, each in enumerate(found, int(start) + 1)
        ]
        return {"Records": records, "NextShardIterator": f"{shard} {int(start) + len(found)}", "MillisBehindLatest": 0}

    def put_object(self, *, Bucket: str, Key: str, Body: bytes) -> None:  # noqa: ARG002
        self.objects.append(gzip.decompress(Body))


@pytest.fixture
def kinesis(monkeypatch: pytest.MonkeyPatch) -> Kinesis:
    made = Kinesis()
    monkeypatch.setattr(sources, "kinesis_wire", lambda: made)
    monkeypatch.setattr(kinesis_source, "GATHER_SECONDS", 0.01)
    monkeypatch.setattr(kinesis_source, "RETRY_SECONDS", (0.01,))
    return made


@pytest.fixture
def shards(kinesis: Kinesis) -> SharedShards:
    return SharedShards(cast(Wake, kinesis))


class Reading:
    """A source at work, and what it handed on. full: whether there is room for no more."""

    def __init__(self, kinesis: Kinesis, shards: SharedShards, positions: dict[str, str] | None = None) -> None:
        self.batches: list[Batch] = []
        self.full = False
        self.source = KinesisSource(
            stream=ARN,
            role=ROLE,
            source="arn:aws:firehose:us-east-1:000000000000:deliverystream/raw",
            roles=cast(Roles, kinesis),
            shards=shards,
            since=CREATED,
            positions=positions or {},
            accept=self.batches.append,
            may_read=lambda: not self.full,
        )
        self.source.start()

    @property
    def records(self) -> list[bytes]:
        return [record for batch in self.batches for record in batch.records]


@pytest.fixture
def begin(kinesis: Kinesis, shards: SharedShards) -> Iterator[Callable[..., Reading]]:
    """Begins to read; what was begun is ended with the test."""
    begun: list[Reading] = []

    def make(**settings: Any) -> Reading:
        begun.append(Reading(kinesis, shards, **settings))
        return begun[-1]

    yield make
    for each in begun:
        each.source.stop()


def mapping(role: str = "arn:aws:iam::000000000000:role/function") -> Reader:
    """A reader such as a mapping is."""
    return Reader(client=lambda: None, credentials=lambda: role)


def until(condition: Callable[[], Any], seconds: float = 5.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come to it"
        time.sleep(0.005)


def test_a_shard_is_asked_once_for_firehose_and_mappings_together(kinesis: Kinesis, shards: SharedShards, begin):
    kinesis.put(b"1")
    reading, function = begin(), mapping()
    function.client = lambda: kinesis
    until(lambda: reading.records == [b"1"])
    shard, place = shards.shard(KinesisStream(ARN), "a"), Place(None, None)
    for number in range(1, 6):
        read = shard.read(place, function)
        assert [each["SequenceNumber"] for each in read.raw] == [str(number)]
        place = Place(str(number), None)
        until(lambda count=number: len(reading.records) == count)
        kinesis.put(str(number + 1).encode())
    assert reading.records[:5] == [b"1", b"2", b"3", b"4", b"5"]
    assert [kinesis.handed[each] for each in reading.records[:5]] == [2, 1, 1, 1, 1]  # each asks once for itself


def test_a_role_without_the_right_to_read_is_an_error_though_a_mapping_reads(
    kinesis: Kinesis, shards: SharedShards, begin
):
    kinesis.denied.add(ROLE)
    kinesis.put(b"1", b"2")
    function = mapping()
    function.client = lambda: kinesis
    reading = begin()
    assert len(shards.shard(KinesisStream(ARN), "a").read(Place(None, CREATED), function).raw) == 2
    until(lambda: "AccessDenied" in (reading.source.error or ""))
    time.sleep(0.05)
    assert reading.batches == []
    kinesis.denied.clear()
    until(lambda: reading.records == [b"1", b"2"])
    until(lambda: reading.source.error is None)


def test_reading_begins_with_what_came_since_the_stream_was_made(kinesis: Kinesis, begin):
    kinesis.put(b"1")
    reading = begin()
    until(lambda: reading.records)
    (start,) = kinesis.starts
    assert (start["ShardIteratorType"], start["Timestamp"].timestamp()) == ("AT_TIMESTAMP", CREATED)
    (batch,) = reading.batches
    assert (batch.arrived, batch.shard, batch.position) == (1_001_000, "a", "1")


def test_reading_goes_on_where_it_was(kinesis: Kinesis, begin):
    kinesis.put(b"1", b"2", b"3")
    reading = begin(positions={"a": "2"})
    until(lambda: reading.records == [b"3"])
    assert kinesis.starts == [{"ShardIteratorType": "AFTER_SEQUENCE_NUMBER", "StartingSequenceNumber": "2"}]


def test_a_closed_shards_children_are_read_and_it_is_not_asked_again(
    kinesis: Kinesis, begin, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(kinesis_source, "LIST_SECONDS", 0.0)
    kinesis.put(b"1")
    reading = begin()
    until(lambda: reading.records == [b"1"])
    kinesis.shards |= {"b": [b"2"], "c": [b"3"]}
    kinesis.closed.add("a")
    kinesis.put(b"last")
    until(lambda: sorted(reading.records) == [b"1", b"2", b"3", b"last"])
    until(lambda: reading.source._shards["a"].ended)
    del kinesis.shards["a"]
    kinesis.put(b"4", shard="b")
    until(lambda: b"4" in reading.records)
    assert reading.source.error is None


def test_nothing_is_read_while_there_is_no_room(kinesis: Kinesis, begin, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(kinesis_source, "FULL_SECONDS", 0.01)
    reading = begin()
    reading.full = True
    time.sleep(0.05)  # a turn that had begun
    kinesis.put(b"1")
    time.sleep(0.05)
    assert reading.batches == []
    reading.full = False
    until(lambda: reading.records == [b"1"])


def test_what_is_not_heard_of_is_read_soon(kinesis: Kinesis, begin, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(kinesis_source, "LOOK_SECONDS", 0.02)
    monkeypatch.setattr(sharing, "QUIET_SECONDS", 0.0)
    reading = begin()
    time.sleep(0.05)
    kinesis.shards["a"].append(b"1")
    until(lambda: reading.records == [b"1"])


def test_who_waits_for_news_ends_at_once(kinesis: Kinesis, begin):
    reading = begin()
    until(lambda: kinesis.starts)
    begun = time.monotonic()
    reading.source.stop()
    assert time.monotonic() - begun < 1.0
    kinesis.put(b"late")
    assert reading.batches == []


def test_positions_survive_the_process(kinesis: Kinesis, shards: SharedShards, tmp_path: Path):
    configuration = {
        "BucketARN": "arn:aws:s3:::lake",
        "RoleARN": ROLE,
        "CompressionFormat": "GZIP",
        "BufferingHints": {"IntervalInSeconds": 0},
    }
    definition = Definition(
        name="raw",
        arn="arn:aws:firehose:us-east-1:000000000000:deliverystream/raw",
        source={"stream": ARN, "role": ROLE},
        configuration=configuration,
        created=CREATED,
        updated=CREATED,
    )
    for number, wanted in enumerate((b"123", b"123456", b"123456789")):
        stream = DeliveryStream(definition, tmp_path, cast(Roles, kinesis), shards)
        kinesis.put(*(str(number * 3 + each).encode() for each in (1, 2, 3)))
        stream.start()
        until(lambda all_of_it=wanted: b"".join(kinesis.objects) == all_of_it)
        stream.stop()
