"""How figures and names are written."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from headrace.report.wording import bar, money, printable, share, shortened


@pytest.mark.parametrize(
    ("amount", "written"),
    [
        ("0", "0.00"),
        ("1234.5", "1,234.50"),
        ("0.005", "0.01"),
        ("-3.1", "-3.10"),
        ("123456789012.34", "123,456,789,012.34"),
    ],
)
def test_money_has_two_places_and_no_noise(amount, written):
    assert money(Decimal(amount)) == written
    assert money(Decimal(amount), "EUR") == f"EUR {written}"


@pytest.mark.parametrize(
    ("part", "whole", "written"),
    [
        (0, 0, "-"),
        (0, 5, "0.0 %"),
        (5, 5, "100.0 %"),
        (1, 3, "33.3 %"),
        (1, 100_000, "< 0.1 %"),
        (99_999, 100_000, "> 99.9 %"),
    ],
)
def test_little_is_not_nothing_and_most_is_not_all(part, whole, written):
    assert share(part, whole) == written


@given(st.text(), st.integers(1, 60))
def test_a_name_never_takes_more_room_than_it_is_given_nor_commands_the_terminal(name, cells):
    assert cell_len(shortened(name, cells)) <= cells
    assert shortened(name, cells).isprintable()


def test_what_fits_is_not_shortened():
    assert shortened("  Rain\tjacket ", 11) == "Rain jacket"
    assert printable("\x1b[31mred\u202e") == "[31mred"


@given(st.integers(0, 1000), st.integers(1, 40))
def test_a_bar_fits_its_place_and_something_is_never_nothing(value, cells):
    drawn = bar(value, 1000, cells)
    assert len(drawn) <= cells
    assert bool(drawn) == bool(value)
    assert len(bar(1000, 1000, cells)) == cells
