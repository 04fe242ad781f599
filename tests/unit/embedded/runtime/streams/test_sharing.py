"""A shard that several read is read once for them, and what is kept for the others has its bounds."""

from typing import Any, cast

import pytest
from botocore.exceptions import ClientError

from embedded.runtime.streams import sharing
from embedded.runtime.streams.sharing import Place, Reader, SharedShard, SharedShards
from embedded.runtime.streams.sources import Source
from embedded.runtime.wake import News, Wake

SIZE = 1_000


class Stream:
    """A source whose every read brings a record, numbered on from where the reader is, or `a_read`, up to `last`."""

    arn = "arn:aws:kinesis:us-east-1:000000000000:stream/hits"
    heard_of = ("kinesis", "hits")
    received = SIZE

    def __init__(self) -> None:
        self.reads: list[int] = []
        self.a_read, self.last = 1, 1_000
        self.refusals: list[str] = []

    def wire(self) -> "Stream":
        return self

    def iterator(self, _client: Any, _shard: str, after: str | None, _since: float | None) -> str:
        return after or "0"

    def request(self, iterator: str) -> dict[str, Any]:
        return {"from": int(iterator)}

    def call(self, credentials: Any, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        if credentials == "denied":
            raise ClientError({"Error": {"Code": "AccessDeniedException", "Message": ""}}, operation)
        if self.refusals:
            raise ClientError({"Error": {"Code": self.refusals.pop(0), "Message": ""}}, operation)
        self.reads.append(request["from"])
        end = min(request["from"] + self.a_read, self.last)
        return {"Records": [{"n": n + 1} for n in range(request["from"], end)], "NextShardIterator": str(end)}

    def has_more(self, answer: dict[str, Any]) -> bool:
        return answer["NextShardIterator"] != str(self.last)

    def sequence(self, raw: dict[str, Any]) -> str:
        return str(raw["n"])


class Heard:
    """Hears of nothing."""

    def news(self, _service: str, _name: str) -> News:
        return News()


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
        found += [str(each["n"]) for each in shard.read(place, who).raw]
        place = Place(found[-1], None)
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
    assert [place.after for place in shard._kept] == ["7", "8", "9"]
    assert shard._kept_bytes == 3 * SIZE


def test_nothing_is_kept_longer_than_for_the_last_that_wants_it(shard: SharedShard):
    readers = reader(), reader(), reader()
    for each in readers:
        follow(shard, each, 1, after=100)
    for each in readers:
        assert len(shard._kept) > 0
        follow(shard, each, 5)
    assert [place.after for place in shard._kept] == ["100"]  # each asked by itself there
    assert shard._kept_bytes == SIZE


def test_what_nobody_comes_for_is_not_kept_for_ever(shard: SharedShard, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sharing, "KEPT_SECONDS", 0.0)
    readers = reader(), reader()
    for each in readers:
        follow(shard, each, 5)
    assert shard._kept == {}


def test_one_that_comes_from_behind_reads_on_with_the_others(stream: Stream, shard: SharedShard):
    first, second = reader(), reader()
    follow(shard, first, 1, after=100)
    stream.a_read = 10
    assert follow(shard, second, 1, after=95) == ["96", "97", "98", "99", "100", "101"]
    assert follow(shard, first, 2, after=101) == follow(shard, second, 2, after=101)
    assert stream.reads == [100, 95, 101, 111]


def test_where_nothing_came_only_the_first_asks_until_something_is_heard(stream: Stream, shard: SharedShard):
    readers = reader(), reader()
    for each in readers:
        follow(shard, each, 1, after=100)
    stream.reads, stream.last = [], 101
    end = Place("101", None)
    assert [shard.read(end, each).raw for each in readers] == [[], []]
    assert stream.reads == [101]
    stream.last = 102
    shard.news.tell()
    assert [shard.read(end, each).raw for each in readers] == [[{"n": 102}], [{"n": 102}]]
    assert stream.reads == [101, 101]


def test_what_is_not_heard_of_is_late_and_not_missed(
    stream: Stream, shard: SharedShard, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(sharing, "QUIET_SECONDS", 0.0)
    who, stream.last = reader(), 1
    follow(shard, who, 1)
    assert shard.read(Place("1", None), who).raw == []
    stream.last = 2
    assert follow(shard, who, 1, after=1) == ["2"]


def test_records_are_made_once_for_all_that_want_them_in_one_shape(stream: Stream, shard: SharedShard):
    made: list[int] = []

    def record(raw: dict[str, Any], _shard: str) -> int:
        made.append(raw["n"])
        return raw["n"]

    readers = reader(), reader()
    for each in readers:
        follow(shard, each, 1, after=100)
    stream.a_read = 3
    for each in readers:
        assert shard.read(Place("0", None), each).records(record) == [1, 2, 3]
    assert made == [1, 2, 3]


def test_an_iterator_that_has_expired_is_made_anew(stream: Stream, shard: SharedShard):
    who = reader()
    follow(shard, who, 1)
    stream.refusals = ["ExpiredIteratorException"]
    assert follow(shard, who, 1, after=1) == ["2"]


def test_where_a_place_is_forgotten_the_oldest_is_read(stream: Stream, shard: SharedShard):
    stream.refusals = ["TrimmedDataAccessException"]
    assert follow(shard, reader(), 1, after=50) == ["1"]


def test_what_the_stream_refuses_again_is_the_readers_to_know(stream: Stream, shard: SharedShard):
    stream.refusals = ["ExpiredIteratorException"] * 2
    with pytest.raises(ClientError):
        follow(shard, reader(), 1)


def test_all_who_read_a_shard_share_it_and_nobody_else(stream: Stream):
    shards, source = SharedShards(cast(Wake, Heard())), cast(Source, stream)
    one = shards.shard(source, "one")
    assert shards.shard(source, "one") is one
    assert shards.shard(source, "two") is not one
