"""Throttling as API Gateway does it."""

import time

from hypothesis import given
from hypothesis import strategies as st

from embedded.runtime.throttle import Throttle


def test_a_burst_passes_and_then_the_rate_holds():
    throttle = Throttle(rate=10.0, burst=3)
    start = time.monotonic()
    assert [throttle.admits(start) for _ in range(4)] == [True, True, True, False]
    assert throttle.admits(start + 0.11)
    assert not throttle.admits(start + 0.12)


def test_a_stage_without_limits_holds_nothing_back():
    throttle = Throttle()
    assert all(throttle.admits() for _ in range(1000))


@given(
    rate=st.floats(0.5, 1000),
    burst=st.integers(1, 100),
    gaps=st.lists(st.floats(0, 1), min_size=1, max_size=300),
)
def test_no_more_passes_than_burst_and_rate_allow(rate, burst, gaps):
    throttle = Throttle(rate, burst)
    start = now = time.monotonic()
    admitted = 0
    for gap in gaps:
        now += gap
        admitted += throttle.admits(now)
    assert admitted <= burst + rate * (now - start) + 1
