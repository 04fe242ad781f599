"""Objects without some of their lines: all others byte for byte, at their places where that matters."""

import gzip
import io
from io import BufferedReader

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headrace.forget.lines import lines_of, text, without

lines = st.lists(st.sampled_from([b"hers", b"his", b"", b"\xff\xfe", b"{}", b"h\0r"]), max_size=8)


def cleaned(content: bytes, *, keeps_places: bool = False) -> tuple[bytes, int]:
    into = io.BytesIO()
    source = BufferedReader(io.BytesIO(content))  # type: ignore[arg-type]
    count = without(source, into, lambda line: text(line) == "hers", keeps_places=keeps_places)
    return into.getvalue(), count


@given(lines, st.booleans(), st.booleans(), st.booleans())
@settings(max_examples=60, deadline=None)
def test_only_her_lines_go(content: list[bytes], packed: bool, last_end: bool, keeps_places: bool) -> None:
    if content[:1] == [b"\xff\xfe"]:
        content[0] = b"his"  # not a list in UTF-16
    plain = b"\n".join(content) + (b"\n" if last_end else b"")
    found, count = cleaned(gzip.compress(plain) if packed else plain, keeps_places=keeps_places)
    found = gzip.decompress(found) if packed else found
    others = [line for line in plain.splitlines(keepends=True) if line.strip() != b"hers"] if b"\n" in plain else None
    assert count == content.count(b"hers")
    if not keeps_places and others is not None:
        assert found == b"".join(others)
    if keeps_places:
        assert [line if line != b"hers" else b"" for line in plain.split(b"\n")] == found.split(b"\n")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_lists_in_any_encoding_stay_in_it(encoding: str) -> None:
    mark = {"utf-16-le": "\ufeff", "utf-16-be": "\ufeff"}.get(encoding, "")
    found, count = cleaned((mark + "hers\r\nhis ਊ\r\nhers").encode(encoding), keeps_places=True)
    assert count == 2
    assert found == (mark + "\nhis ਊ\r\n").encode(encoding)


def test_a_line_longer_than_a_read_is_one_line() -> None:
    wide = ("a" * 100_000 + "\nb").encode("utf-16")
    assert [len(line) for line in lines_of(BufferedReader(io.BytesIO(wide)))] == [200_004, 2]  # type: ignore[arg-type]
