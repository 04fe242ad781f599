"""What a customer reads, and what events can not make them read."""

import pytest
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
    found = message(detail("<b onclick=1>Hat"), "CODE")
    assert "<b onclick" not in found.html
    assert "&lt;b onclick" in found.html


@pytest.mark.parametrize(
    "name",
    ["https://evil.example", "win at evil.example", "evil@example", "a\\b", "back\u202eward", "bell\u0007", "  ", ""],
)
def test_a_name_that_could_be_a_link_or_a_trick_is_not_repeated(name: str):
    assert shown(name) is None


@pytest.mark.parametrize("name", ["Blue shirt", "Milk 1.5 l", "Été, 2 pieces", "No. 5"])
def test_ordinary_names_are(name: str):
    assert shown(name) == name


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
