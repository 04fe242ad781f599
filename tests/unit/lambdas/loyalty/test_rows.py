from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty.conversions import BASKET, CLICK, PURCHASED
from loyalty.lines import Unreadable
from loyalty.rows import COLUMNS, ConversionRow, MemberRow, columns_of, conversion_of, member_of


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "kangak@fakeemail.com, kangakerfluffle, kangakerfluffle, F",
            MemberRow("kangak@fakeemail.com", "kangakerfluffle", "kangakerfluffle", "F"),
        ),
        (
            "wackywallaroo@fakeemail.com, , wackywallaroo, M",
            MemberRow("wackywallaroo@fakeemail.com", "", "wackywallaroo", "M"),
        ),
        ("o'hara+roo@xn--mller-kva.example, , ,", MemberRow("o'hara+roo@xn--mller-kva.example", "", "", "")),
        (" KangaK@FakeEmail.com ,a,b,", MemberRow("kangak@fakeemail.com", "a", "b", "")),
        ('k@x.org, "Roo, Kanga", "the ""K""", F', MemberRow("k@x.org", "Roo, Kanga", 'the "K"', "F")),
        ("jürgen@müller.example, ĳ, 漢, M", MemberRow("jürgen@müller.example", "ĳ", "漢", "M")),
    ],
)
def test_a_member_is_read(text, expected):
    assert member_of(text) == expected


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("kangak@fakeemail.com, a, b", "wrong_columns"),
        ("kangak@fakeemail.com, a, b, F, more", "wrong_columns"),
        ("kangak@fakeemail.com", "wrong_columns"),
        ("kangak, a, b, F", "invalid_email"),
        ("@fakeemail.com, a, b, F", "invalid_email"),
        ("kangak@nowhere, a, b, F", "invalid_email"),
        ("kangak@x..org, a, b, F", "invalid_email"),
        ("'kangak@x.org', a, b, F", "invalid_email"),
        ("<kangak@x.org>, a, b, F", "invalid_email"),
        ("kangak\u200b@x.org, a, b, F", "invalid_email"),
        ("two@x.org two@y.org, a, b, F", "invalid_email"),
        (f"{'k' * 250}@x.org, a, b, F", "invalid_email"),
        (f"k@x.org, {'f' * 255}, b, F", "value_too_long"),
        ("k@x.org, a, b\x01c, F", "control_character"),
        ('k@x.org, "open, b, F', "wrong_quotes"),
        ('k@x.org, "a"b, c, F', "wrong_quotes"),
    ],
)
def test_what_is_no_member_has_a_reason(text, reason):
    assert member_of(text).reason == reason


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "MarsupialHoodie, ClickConversion, playfulwally@fakeemail.com, Instagram",
            ConversionRow("MarsupialHoodie", CLICK, "playfulwally@fakeemail.com", where="Instagram"),
        ),
        (
            "MarsupialHoodie, BasketConversion, kangak@fakeemail.com, [6;14]",
            ConversionRow("MarsupialHoodie", BASKET, "kangak@fakeemail.com"),
        ),
        (
            "MarsupialHoodie, PurchaseConversion, wombatz@fakeemail.com, [6;9], 18.64",
            ConversionRow("MarsupialHoodie", PURCHASED, "wombatz@fakeemail.com", total=Decimal("18.64")),
        ),
        ("H,PurchaseConversion,w@x.org,[6],9", ConversionRow("H", PURCHASED, "w@x.org", total=Decimal(9))),
    ],
)
def test_a_conversion_is_read(text, expected):
    assert conversion_of(text) == expected


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("MarsupialHoodie", "unknown_conversion"),
        ("MarsupialHoodie, ViewConversion, k@x.org, Facebook", "unknown_conversion"),
        ("MarsupialHoodie, ClickConversion, k@x.org", "wrong_columns"),
        ("MarsupialHoodie, BasketConversion, k@x.org, [6], 9.45", "wrong_columns"),
        ("MarsupialHoodie, PurchaseConversion, k@x.org, [6;9]", "wrong_columns"),
        (", ClickConversion, k@x.org, Facebook", "invalid_promotion"),
        (f"{'p' * 129}, ClickConversion, k@x.org, Facebook", "invalid_promotion"),
        ("\\" * 65 + ", ClickConversion, k@x.org, Facebook", "invalid_promotion"),
        ("H\x01H, ClickConversion, k@x.org, Facebook", "invalid_promotion"),
        ("H, ClickConversion, k@x.org, Face\u2028book", "invalid_where"),
        ("H, ClickConversion, kangak, Facebook", "invalid_email"),
        ("H, ClickConversion, k@x.org, ", "invalid_where"),
        ("H, BasketConversion, k@x.org, []", "invalid_items"),
        ("H, BasketConversion, k@x.org, 6;14", "invalid_items"),
        ("H, BasketConversion, k@x.org, [6;;14]", "invalid_items"),
        ('H, BasketConversion, k@x.org, "[6,14]"', "invalid_items"),
        ("H, PurchaseConversion, k@x.org, [6], [6]", "invalid_total"),
        ("H, PurchaseConversion, k@x.org, [6], -1", "invalid_total"),
        ("H, PurchaseConversion, k@x.org, [6], NaN", "invalid_total"),
        ("H, PurchaseConversion, k@x.org, [6], 1e9", "invalid_total"),
        ('H, PurchaseConversion, k@x.org, [6], "18,64"', "invalid_total"),
    ],
)
def test_what_is_no_conversion_has_a_reason(text, reason):
    assert conversion_of(text).reason == reason


@given(
    st.text(st.characters(codec="utf-8"), max_size=60)
    | st.from_regex(r"[^,\n]*, (Click|Basket)Conversion,.*", fullmatch=True)
)
def test_any_text_is_a_row_or_a_reason(text):
    assert isinstance(member_of(text), MemberRow | Unreadable)
    assert isinstance(conversion_of(text), ConversionRow | Unreadable)
    assert isinstance(columns_of(text), tuple | Unreadable | None)


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("email, facebook, instagram, gender", COLUMNS),
        ("Gender,E-Mail,Insta User,FB_user", ("gender", "email", "instagram", "facebook")),
        ("name, email, since", ("", "email", "")),
        ("k@x.org, a, b, F", None),
    ],
)
def test_a_header_names_the_columns(text, columns):
    assert columns_of(text) == columns


@pytest.mark.parametrize("text", ["name, mailbox", "email, gender, email", "Ann, ann, ann, F", "e-mail, email"])
def test_a_wrong_header_is_one(text):
    assert columns_of(text).reason == "wrong_header"


def test_columns_are_taken_by_their_names():
    assert member_of("Ann, ann@x.org, 2019, F", ("", "email", "", "gender")) == MemberRow("ann@x.org", "", "", "F")
    assert member_of("Ann, ann@x.org, 2019", ("", "email", "", "gender")).reason == "wrong_columns"
