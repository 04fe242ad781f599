import tracemalloc
from itertools import chain, repeat

from hypothesis import example, given
from hypothesis import strategies as st

from loyalty.lines import MAX_LINE_BYTES, Encoding, Line, Unreadable, cut, encoding_of, text_of

LONG = "x" * (MAX_LINE_BYTES + 1)
texts = st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), max_size=12), max_size=12)
ends = st.sampled_from(["\n", "\r\n"])
encodings = st.sampled_from(list(Encoding))


def chunked(data: bytes, sizes: list[int]) -> list[bytes]:
    """The bytes in pieces of these sizes, over and over."""
    found = []
    while data:
        size = sizes[len(found) % len(sizes)]
        found.append(data[:size])
        data = data[size:]
    return found


def lines_of(data: bytes, encoding: Encoding, sizes: list[int], number: int = 1, offset: int = 0) -> list[Line]:
    return list(cut(chunked(data, sizes), encoding, number, offset))


@given(lines=texts, end=ends, last=st.booleans(), encoding=encodings, sizes=st.lists(st.integers(1, 9), min_size=1))
@example(lines=["a", "", "ਊ"], end="\r\n", last=False, encoding=Encoding.UTF_16_LE, sizes=[1])
def test_lines_are_what_was_written_however_the_bytes_arrive(lines, end, last, encoding, sizes):
    if not last:
        lines = [*lines, "without an end"]
    data = (end.join(lines) + (end if last and lines else "")).encode(encoding)
    found = lines_of(data, encoding, sizes)
    assert [text_of(line, encoding) for line in found] == [_expected(line) for line in lines]
    assert [line.number for line in found] == list(range(1, len(lines) + 1))
    assert not found or found[-1].end == len(data)


@given(
    data=st.binary(max_size=300), encoding=encodings, sizes=st.lists(st.integers(1, 50), min_size=1), at=st.integers(0)
)
def test_reading_goes_on_at_any_line(data, encoding, sizes, at):
    whole = lines_of(data, encoding, [1000])
    if whole:
        left_at = whole[at % len(whole)]
        rest = lines_of(data[left_at.end :], encoding, sizes, left_at.number + 1, left_at.end)
        assert rest == whole[left_at.number :]


@given(data=st.binary(max_size=300), encoding=encodings)
def test_any_bytes_give_text_or_a_reason(data, encoding):
    for line in lines_of(data, encoding, [7]):
        assert isinstance(text_of(line, encoding), str | Unreadable)


@given(encoding=encodings, size=st.integers(700, 9000), more=st.integers(0, 40_000))
def test_a_line_too_long_costs_neither_memory_nor_its_neighbours(encoding, size, more):
    data = f"before\n{LONG}{'y' * more}\nafter".encode(encoding)
    before, long, after = lines_of(data, encoding, [size])
    assert text_of(before, encoding) == "before"
    assert text_of(after, encoding) == "after"
    assert len(long.data) <= MAX_LINE_BYTES
    assert text_of(long, encoding).reason == "line_too_long"
    assert after.end == len(data)


def test_a_file_of_any_size_takes_the_same_memory():
    chunk = b"y" * 262_144
    short_lines = b"k@x.org, kanga, kanga, F\n" * 2_000
    tracemalloc.start()
    try:
        for line in cut(chain(repeat(chunk, 24), repeat(short_lines, 4)), Encoding.UTF_8, 1, 0):
            assert len(line.data) <= MAX_LINE_BYTES
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert line.end == 24 * len(chunk) + 4 * len(short_lines)
    assert peak < 2_000_000


def test_the_longest_line_is_taken():
    (line,) = lines_of(b"x" * MAX_LINE_BYTES + b"\r\n", Encoding.UTF_8, [4096])
    assert text_of(line, Encoding.UTF_8) == "x" * MAX_LINE_BYTES


def test_byte_order_marks_tell_the_encoding():
    assert encoding_of(b"\xef\xbb\xbfa@") == (Encoding.UTF_8, 3)
    assert encoding_of("\ufeffa".encode("utf-16-le")) == (Encoding.UTF_16_LE, 2)
    assert encoding_of("\ufeffa".encode("utf-16-be")) == (Encoding.UTF_16_BE, 2)
    assert encoding_of(b"a@x") == (Encoding.UTF_8, 0)
    assert encoding_of(b"") == (Encoding.UTF_8, 0)


def test_what_is_no_text_is_answered_with_a_reason():
    def reason(data: bytes, encoding: Encoding = Encoding.UTF_8) -> str:
        return text_of(Line(1, len(data), data), encoding).reason

    assert reason("Müller".encode("latin-1")) == "not_utf8"
    assert reason("a@x.org".encode("utf-16-le")) == "nul"
    assert reason(b"a\0b") == "nul"
    assert reason(b"one\rtwo") == "carriage_return"
    assert reason(b"\x00\xd8", Encoding.UTF_16_LE) == "not_utf16"


def _expected(line: str) -> str | Unreadable:
    return text_of(Line(1, 0, line.encode()), Encoding.UTF_8)
