"""What a customer reads, and what events can not make them read."""

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from offers.addresses import address_of
from offers.codes import ALPHABET, new_code
from offers.message import message, shown


def detail(*names: str) -> dict[str, object]:
    return {
        "items": [{"sku": f"sku-{number}", "name": name} for number, name in enumerate(names)],
        "discount_percent": 10,
        "valid_until": "2025-11-29T02:16:17Z",
    }


def test_both_bodies_have_the_code_the_items_and_the_day():
    found = message(detail("Blue shirt", "Hat"), "ABCD-EFGH-JKMN")
    assert found.subject == "10% off what you left in your cart"
    for body in (found.text, found.html):
        assert "ABCD-EFGH-JKMN" in body
        assert "Blue shirt and Hat" in body
        assert "2025-11-29" in body


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (["", ""], "You took 2 items out"),
        ([""], "You took an item out"),
        (["Hat", ""], "You took Hat and one more item out"),
        ([f"Hat {number}" for number in range(9)], "Hat 4 and 4 more items out"),
    ],
)
def test_items_without_a_name_are_counted(names: list[str], words: str):
    assert words in message(detail(*names), "CODE").text


def test_a_name_can_not_write_html():
    found = message(detail('Hat & "Scarf"'), "CODE")
    assert "Hat &amp; &quot;Scarf&quot;" in found.html
    assert 'Hat & "Scarf"' in found.text
    assert "onclick" not in message(detail("<b onclick=1>Hat"), "CODE").html


@pytest.mark.parametrize(
    "name",
    [
        "https://evil.example",
        "win at evil.example",
        "evil@example",
        "a\\b",
        "a/b",
        "tel:5",
        "888.com",
        "163.com",
        "1.2.3.4",
        "1.5.com",
        "a1.5",
        "x.1",
        ".com",
        "evil 1.5x.com",
        "evil\u3002com",
        "evil\uff0ecom",
        "evil\uff61com",
        "evil\u2024com",
        "evil\ufe52com",
        "1\u2488com",
        "пример.рф",
        "例え.テスト",
        "\u0661.com",
        "www evil",
        "WWW evil",
        "\uff57\uff57\uff57 evil",
        "javascript:x",
        "call 0900 123 456",
        "call \u0660\u0661\u0662\u0663\u0664\u0665\u0666",
        "call (0900) 12-34-567",
        "call \uff10\uff19\uff10\uff10\uff11\uff12\uff13\uff14\uff15\uff16",
        "<b>Hat",
        "a=b",
        "[a](b)",
        "back\u202eward",
        "zero\u200bwidth",
        "bell\u0007",
        "  ",
        "",
    ],
)
def test_a_name_that_could_be_a_link_or_a_trick_is_not_repeated(name: str):
    assert shown(name) is None


@pytest.mark.parametrize(
    "name",
    [
        "Blue shirt",
        "Milk 1.5 l",
        "Milk 1.5l",
        "Milk 1,5 l",
        "Été, 2 pieces",
        "No. 5",
        "Salt & Co.",
        "Levi's (men) 32-34",
        "iPhone 15 128 GB",
        "Wool, 50% off!",
        "LEGO® City",
        "Рубашка синяя",
        "青いシャツ",
        "नीली कमीज़",
        "قميص أزرق",
    ],
)
def test_ordinary_names_are(name: str):
    assert shown(name) == name


# Every dot there is, and what becomes one, in front of a domain's end.
DOTS = [
    sign
    for sign in map(chr, range(0x110000))
    if not 0xD800 <= ord(sign) < 0xE000
    and (
        "." in unicodedata.normalize("NFKC", sign)
        or sign in "\u3002\uff0e\uff61"
        or "FULL STOP" in unicodedata.name(sign, "")
    )
]


def test_no_dot_of_any_script_joins_two_words():
    assert len(DOTS) > 10
    assert [sign for sign in DOTS if shown(f"evil{sign}com") or shown(f"888{sign}com")] == []


@given(st.text(st.sampled_from("a1.2 ,-・。:/@w")))
def test_whatever_is_repeated_has_a_dot_only_in_a_number_or_at_the_end_of_a_word(name: str):
    found = shown(name)
    if found is None:
        return
    assert not set(found) & set("・。:/@")
    for word in found.split():
        inner = word.rstrip(".,-")
        assert "." not in inner or re.search(r"[0-9]\.[0-9]", inner)


def test_line_ends_in_a_name_become_blanks():
    assert shown("Blue\r\nBcc: shirt") is None
    assert shown("Blue\nshirt") == "Blue shirt"


@pytest.mark.parametrize("text", ["ann@example.org", " ann+shop@mail.example.org "])
def test_an_address_is_one(text: str):
    assert address_of(text) == text.strip()


@pytest.mark.parametrize(
    "text", ["ann", "ann@", "@example.org", "a b@example.org", "a@b.org,c@d.org", "a@b.org\r\nBcc: c@d.org", "a@b", ""]
)
def test_what_is_none_is_none(text: str):
    assert address_of(text) is None


def test_codes_are_legible_and_never_the_same():
    codes = {new_code() for _ in range(100)}
    assert len(codes) == 100
    assert all(set(code) <= {*ALPHABET, "-"} for code in codes)
