"""Values as trackers write them: exact where they can be read, none where they can not."""

from decimal import Decimal

import pytest
from boto3.dynamodb.types import TypeSerializer
from hypothesis import given
from hypothesis import strategies as st

from shared.events.values import MAX_DEPTH, currency, identifier, instant, milliseconds, money, quantity, too_deep


@pytest.mark.parametrize(
    ("written", "amount"),
    [("19.99", "19.99"), (19.99, "19.99"), (0.1, "0.1"), (7, "7"), ("-5", "-5"), (" 1e2 ", "100"), (".5", "0.5")],
)
def test_money_is_exact(written: object, amount: str) -> None:
    assert money(written) == Decimal(amount)


@pytest.mark.parametrize(
    "written",
    [
        *(None, "", ".", "e5", "abc", "12,50", "€5", "1_000", "٣", "NaN", "Infinity", True, [], {}),
        *("9" * 40, 10**14, "1e99", float("nan"), float("inf"), 1e300, "0." + "0" * 100_000),
        *("1e-999999", "0e-999999", "0e999999", 1e-320),
    ],
)
def test_what_is_no_amount_is_none(written: object) -> None:
    assert money(written) is None


@given(st.decimals(-999_999_999, 999_999_999, places=2))
def test_cents_survive(amount: Decimal) -> None:
    assert money(str(amount)) == amount


numbers = st.integers() | st.floats() | st.booleans() | st.none()
digits = st.from_regex(r" ?[-+]?[0-9]{0,40}\.?[0-9]{0,40}([eE][-+]?[0-9]{1,9})?", fullmatch=True)


@given(numbers | digits | st.text())
def test_dynamodb_takes_every_amount(written: object) -> None:
    amount = money(written)
    assert amount is None or TypeSerializer().serialize(amount)["N"]


@pytest.mark.parametrize(
    ("written", "count"),
    [
        (2, 2),
        ("3", 3),
        ("2.0", 2),
        (4.0, 4),
        (None, 1),
        (0, 1),
        (-2, 1),
        ("2.5", 1),
        ("many", 1),
        (10**12, 1),
        (True, 1),
    ],
)
def test_a_quantity_is_at_least_one(written: object, count: int) -> None:
    assert quantity(written) == count


def test_currencies_are_three_letters() -> None:
    assert [currency(code) for code in ("EUR", "eur", " usd ", "€", "EURO", "ÄÖÜ", 978, None, "")] == [
        *("EUR", "EUR", "USD"),
        *[None] * 6,
    ]


def test_ids_are_texts_or_whole_numbers() -> None:
    assert [identifier(value) for value in (" a ", 42, "", "  ", None, 4.2, True, [])] == ["a", "42", *[None] * 6]


@pytest.mark.parametrize("wrong", [None, 5, "", "now", "2019-13-01T00:00:00Z", "0001-01-01T00:00:00+23:00", "x" * 999])
def test_what_is_no_time_is_none(wrong: object) -> None:
    assert instant(wrong) is None


def test_times_are_cut_to_milliseconds() -> None:
    assert instant("2019-02-25T15:55:05.905999Z") == 1_551_110_105_905
    assert [milliseconds(value) for value in (0, -1, 1.5, True, 10**15)] == [0, None, None, None, None]


def test_depth_is_counted_through_objects_and_lists() -> None:
    value: object = 1
    for _ in range(MAX_DEPTH):
        value = [{}, value]
    assert not too_deep(value)
    assert too_deep([value])
