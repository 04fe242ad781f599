"""When hits leave."""

import pytest

from pumper.pacing import AtRate, Replay


def test_a_rate_spaces_hits_evenly_whatever_the_clock_says():
    pace = AtRate(4)
    assert [pace.due(number=n, timestamp=0, now=10 + n * 7) for n in range(4)] == [10, 10.25, 10.5, 10.75]


def test_a_replay_keeps_the_gaps_divided_by_the_speedup():
    pace = Replay(10)
    dues = [pace.due(number=n, timestamp=at, now=5) for n, at in enumerate([1_000_000, 1_000_500, 1_060_500])]
    assert dues == pytest.approx([5, 5.05, 11.05])
