import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.puts import Item
from shared.spill import Spilled, decode, encode, spill_key


@given(
    st.lists(
        st.builds(
            Spilled,
            st.sampled_from(["events", "bad"]),
            st.builds(Item, st.text(st.characters(exclude_categories=["Cs"])).map(str.encode), st.text(max_size=20)),
            st.sampled_from(["", "ValidationException"]),
        )
    )
)
def test_what_was_spilled_comes_back_in_its_order(spilled: list[Spilled]) -> None:
    assert decode(encode(spilled)) == spilled


def test_keys_sort_by_time_under_their_hour() -> None:
    keys = [spill_key() for _ in range(50)]
    assert all(re.fullmatch(r"spill/\d{4}/\d\d/\d\d/\d\d/[0-9a-f-]{13}-7[0-9a-f-]{21}\.jsonl", key) for key in keys)
    times = [key.rsplit("/", 1)[1][:13] for key in keys]
    assert times == sorted(times)
    assert len(set(keys)) == len(keys)


@pytest.mark.parametrize("content", [b"nothing", b"{}", b"[]", b'{"target":1,"key":"","data":2}', b"\xff"])
def test_what_was_not_spilled_here_is_an_error(content: bytes) -> None:
    with pytest.raises((ValueError, KeyError, TypeError, AttributeError)):
        decode(content)
