"""Which page a hit is about, in the parameters that trackers say it with."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collect.protocols.google_analytics.location import location

ADDRESS = "https://shop.example/app?a=1#top"


@pytest.mark.parametrize(
    ("said", "page"),
    [
        ({"dl": ADDRESS}, ADDRESS),
        ({"dh": "shop.example", "dp": "/thanks?b=2"}, "https://shop.example/thanks?b=2"),
        ({"dh": "shop.example", "dp": "thanks"}, "https://shop.example/thanks"),
        ({"dp": "/thanks"}, "/thanks"),
        ({"dl": ADDRESS, "dp": "/virtual"}, "https://shop.example/virtual"),
        ({"dl": "http://localhost:8080/", "dp": "/virtual"}, "http://localhost:8080/virtual"),
        ({"dl": ADDRESS, "dh": "other.example"}, "https://other.example/app?a=1#top"),
        ({"dl": ADDRESS, "dh": "other.example", "dp": "/virtual"}, "https://other.example/virtual"),
        ({"dl": "https://[shop/", "dp": "/virtual"}, "https://[shop/"),
        ({"dh": "shop.example"}, None),
        ({"dl": "", "dh": None, "dp": 7}, None),
        ({}, None),
    ],
)
def test_host_and_path_override_the_addresss_own(said: dict[str, object], page: str | None) -> None:
    assert location(said) == page


@given(st.dictionaries(st.sampled_from(["dl", "dh", "dp"]), st.text() | st.none() | st.integers()))
def test_nothing_is_too_strange_for_an_address(said: dict[str, object]) -> None:
    assert location(said) is None or location(said)
