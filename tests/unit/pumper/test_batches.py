"""Batches within Google's limits, carrying each hit's own time."""

from urllib.parse import parse_qs

from hypothesis import given
from hypothesis import strategies as st

from pumper.batches import LARGEST_BATCH, LARGEST_BATCH_BYTES, Filling, payload
from pumper.google_analytics import LONGEST_HIT
from pumper.hits import Hit

LATEST = 10**14 - 1


def batch_of(*hits):
    filling = Filling(0)
    assert all(filling.take([hit], LARGEST_BATCH) for hit in hits)
    return filling.batch(0)


@given(st.lists(st.integers(1, LONGEST_HIT), min_size=1, max_size=60), st.integers(1, LARGEST_BATCH))
def test_batches_hold_every_hit_within_twenty_hits_and_16_kb(sizes, largest):
    fillings = [Filling(0)]
    for size in sizes:
        hit = Hit(1, 0, "x" * size, False)
        if not fillings[-1].take([hit], largest):
            fillings.append(Filling(0))
            assert fillings[-1].take([hit], largest)
    batches = [filling.batch(0) for filling in fillings]
    assert [len(line) for batch in batches for line in batch.lines.split(b"\n") if line] == sizes
    for batch in batches:
        assert len(batch.times) <= largest
        assert len(payload(batch, 0, LATEST)) <= LARGEST_BATCH_BYTES


def test_a_hit_tells_how_long_ago_it_happened_and_never_the_future():
    batch = batch_of(Hit(1, 5_000, "v=1", False), Hit(1, 99_000, "v=1", False))
    past, future = payload(batch, shift=1_000, now=20_000).decode().split("\n")
    assert parse_qs(past)["qt"] == ["14000"]
    assert parse_qs(future)["qt"] == ["0"]


def test_a_hit_of_now_tells_no_time():
    assert payload(batch_of(Hit(1, 5_000, "v=1", False)), None, 20_000) == b"v=1"
