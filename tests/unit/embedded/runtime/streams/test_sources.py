"""A shard is read when those it came from are done."""

from embedded.runtime.streams.sources import Shard, beginnings


def test_children_wait_for_their_parents():
    parent, left, right = Shard("a", (), True), Shard("b", ("a",), False), Shard("c", ("a",), False)
    assert beginnings([parent, left, right], ended=set()) == [parent]
    assert beginnings([parent, left, right], ended={"a"}) == [parent, left, right]


def test_a_merged_shard_waits_for_both_parents():
    merged = Shard("c", ("a", "b"), False)
    both = [Shard("a", (), True), Shard("b", (), True)]
    assert merged not in beginnings([*both, merged], ended={"a"})
    assert merged in beginnings([*both, merged], ended={"a", "b"})


def test_a_parent_that_the_stream_has_forgotten_is_not_waited_for():
    orphan = Shard("b", ("a",), False)
    assert beginnings([orphan], ended=set()) == [orphan]
