"""Batches within Google's limits, carrying each hit's own time."""

from urllib.parse import parse_qs

from hypothesis import given
from hypothesis import strategies as st

from pumper.google_analytics import LONGEST_HIT, Hit
from pumper.sender import LARGEST_BATCH, LARGEST_BATCH_BYTES, Batch, payload

LATEST = 10**14 - 1


@given(st.lists(st.integers(1, LONGEST_HIT), max_size=60), st.integers(1, LARGEST_BATCH))
def test_batches_hold_every_hit_within_twenty_hits_and_16_kb(sizes, largest):
    batches = [Batch(0)]
    for size in sizes:
        hit = Hit(1, 0, "x" * size, False)
        if not batches[-1].add(hit, largest):
            batches.append(Batch(0))
            assert batches[-1].add(hit, largest)
    assert [len(hit.body) for batch in batches for hit in batch.hits] == sizes
    for batch in batches:
        assert len(batch.hits) <= largest
        assert len(payload(batch.hits, 0, LATEST)) <= LARGEST_BATCH_BYTES


def test_a_hit_tells_how_long_ago_it_happened_and_never_the_future():
    hits = [Hit(1, 5_000, "v=1", False), Hit(1, 99_000, "v=1", False)]
    past, future = payload(hits, shift=1_000, now=20_000).decode().split("\n")
    assert parse_qs(past)["qt"] == ["14000"]
    assert parse_qs(future)["qt"] == ["0"]


def test_a_hit_of_now_tells_no_time():
    assert payload([Hit(1, 5_000, "v=1", False)], None, 20_000) == b"v=1"
