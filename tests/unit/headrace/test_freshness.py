"""How an age is told."""

from datetime import timedelta

import pytest

from headrace.freshness import age


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (-5, "0 seconds"),
        (1.2, "1 second"),
        (119, "119 seconds"),
        (180, "3 minutes"),
        (7199, "119 minutes"),
        (7200, "2 hours"),
        (86_400, "24 hours"),
        (2 * 86_400, "2 days"),
        (1e8, "1,157 days"),
    ],
)
def test_an_age_is_told_in_the_largest_unit_that_says_something(seconds, told):
    assert age(timedelta(seconds=seconds)) == told
