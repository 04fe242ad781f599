"""Lines in blocks: none lost, none changed, each at its place."""

from hypothesis import given
from hypothesis import strategies as st

from pumper import lines
from pumper.lines import Position, blocks, text


@given(st.lists(st.text(st.characters(exclude_characters="\n\r", codec="utf-8"), max_size=30)), st.integers(1, 50))
def test_every_line_comes_out_whole_and_where_it_stands(tmp_path_factory, written, block):
    path = tmp_path_factory.mktemp("lines") / "file"
    content = "".join(f"{line}\n" for line in written).encode()
    path.write_bytes(content)
    read, number = [], 1
    before, lines.BLOCK_BYTES = lines.BLOCK_BYTES, block
    try:
        for start, found, _ in blocks(path, Position(0, 1)):
            assert start.line == number
            offset = start.offset
            for line in found:
                assert content[offset : offset + len(line)].decode("latin-1") == line
                offset += len(line) + 1
            number += len(found)
            read += [text(line) for line in found]
    finally:
        lines.BLOCK_BYTES = before
    assert read == written


def test_a_file_without_a_last_line_end_keeps_its_last_line(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"one\r\ntwo")
    read = list(blocks(path, Position(0, 1)))
    assert [text(line) for block in read for line in block.lines] == ["one", "two"]
    assert not read[0].plain


def test_what_is_not_utf8_is_replaced_not_raised():
    assert text(b"\xff\xfe,a".decode("latin-1")) == "��,a"
