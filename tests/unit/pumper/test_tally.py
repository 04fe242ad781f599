"""Figures that agree with each other."""

from hypothesis import given
from hypothesis import strategies as st

from pumper.tally import Latencies, Tally


@given(st.lists(st.floats(0.0001, 100), min_size=1))
def test_percentiles_are_within_a_fortieth_of_the_exact_ones(seconds):
    latencies = Latencies()
    for second in seconds:
        latencies.add(second)
    for percent in (50, 95, 99, 100):
        exact = sorted(seconds)[max(0, -(-len(seconds) * percent // 100) - 1)]
        measured = latencies.percentile(percent)
        assert measured is not None
        assert exact * 0.999 <= measured <= exact * 1.025


def test_nothing_measured_has_no_percentile():
    assert Latencies().percentile(50) is None
    assert Tally().figures()["latency_ms"] == {"p50": None, "p95": None, "p99": None}


def test_sent_is_accepted_and_rejected_and_failed():
    assert Tally(accepted=5, rejected=2, failed=1).figures()["sent"] == 8
