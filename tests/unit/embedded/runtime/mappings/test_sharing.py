"""A shard that several read is read once for them, and what is kept for the others has its bounds."""

from typing import Any, cast

import pytest
from botocore.exceptions import ClientError

from embedded.runtime.mappings import sharing
from embedded.runtime.mappings.records import Record
from embedded.runtime.mappings.sharing import Place, Reader, SharedShard, SharedShards
from embedded.runtime.mappings.sources import Source
from embedded.runtime.wake import News

SIZE = 1_000


class Stream:
    """A source whose every read brings one record, numbered on from where the reader is."""

    arn = "arn:aws:kinesis:us-east-1:000000000000:stream/hits"

    def __init__(self) -> None:
        self.reads: list[int] = []

    def wire(self) -> "Stream":
        return self

    def iterator(self, _client: Any, _shard: str, after: str | None, _since: float | None) -> str:
        return after or "0"

    def request(self, iterator: str) -> dict[str, Any]:
        return {"from": int(iterator)}

    def call(self, credentials: Any, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        if credentials == "denied":
            raise ClientError({"Error": {"Code": "AccessDeniedException", "Message": ""}}, operation)
        self.reads.append(request["from"])
        return {"Records": [request["from"] + 1], "NextShardIterator": str(request["from"] + 1)}

    def has_more(self, _answer: dict[str, Any]) -> bool:
        return True

    def record(self, raw: int, _shard: str) -> Record:
        return Record(str(raw), "key", float(raw), b"x" * SIZE)


@pytest.fixture
def stream() -> Stream:
    return Stream()


@pytest.fixture
def shard(stream: Stream) -> SharedShard:
    return SharedShard(cast(Source, stream), "shard", News())


def reader() -> Reader:
    return Reader(client=lambda: None, credentials=lambda: None)


def follow(shard: SharedShard, who: Reader, count: int, after: int = 0) -> list[str]:
    """The sequence numbers that a reader gets one after another."""
    place, found = Place(str(after), None), []
    for _ in range(count):
        (record,) = shard.read(place, who).records
        found.append(record.sequence)
        place = Place(record.sequence, None)
    return found


def test_what_one_read_is_not_read_again_for_another_that_may_read(stream: Stream, shard: SharedShard):
    first, second = reader(), reader()
    follow(shard, second, 1, after=100)  # it has asked by itself, and may read
    assert follow(shard, first, 5) == follow(shard, second, 5) == ["1", "2", "3", "4", "5"]
    assert stream.reads == [100, 0, 1, 2, 3, 4]


def test_who_has_never_asked_is_not_given_what_another_was(stream: Stream, shard: SharedShard):
    first, second = reader(), reader()
    follow(shard, second, 1, after=100)
    follow(shard, first, 2)
    third = reader()
    assert follow(shard, third, 2) == ["1", "2"]
    assert stream.reads == [100, 0, 1, 0]


def test_one_that_lost_the_right_to_read_is_found_out(shard: SharedShard, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sharing, "TRUSTED_SECONDS", 0.0)
    rights = ["may"]
    first, second = reader(), Reader(client=lambda: None, credentials=lambda: rights[-1])
    follow(shard, second, 1, after=100)
    follow(shard, first, 2)
    rights.append("denied")
    with pytest.raises(ClientError):
        follow(shard, second, 1)


def test_what_came_while_a_shard_was_read_is_not_waited_for(stream: Stream):
    news = News()
    read = SharedShard(cast(Source, stream), "shard", news).read(Place("0", None), reader())
    news.tell()
    news.wait(read.heard, 3600, lambda: False)  # returns at once


def test_nothing_is_kept_for_one_reader(shard: SharedShard):
    alone, other = reader(), reader()
    follow(shard, alone, 5)
    assert (len(shard._kept), shard._kept_bytes) == (0, 0)
    follow(shard, other, 5)
    assert shard._kept_bytes == len(shard._kept) * SIZE > 0
    del other
    follow(shard, alone, 1, after=50)
    assert (len(shard._kept), shard._kept_bytes) == (0, 0)


def test_what_is_kept_has_a_bound_in_bytes(shard: SharedShard, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sharing, "KEPT_BYTES", 3 * SIZE)
    readers = reader(), reader()
    for each in readers:
        follow(shard, each, 1, after=100)
    follow(shard, readers[0], 10)
    assert [after for after, _, _ in shard._kept] == ["7", "8", "9"]
    assert shard._kept_bytes == 3 * SIZE


def test_all_who_read_a_shard_share_it_and_nobody_else(stream: Stream):
    shards, news = SharedShards(), News()
    one = shards.shard(cast(Source, stream), "one", news)
    assert shards.shard(cast(Source, stream), "one", news) is one
    assert shards.shard(cast(Source, stream), "two", news) is not one
