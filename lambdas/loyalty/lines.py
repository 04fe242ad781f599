"""A file's bytes to its lines, in constant memory, from any line on. What a line means is not known here.

UTF-8, or UTF-16 with its byte order mark. Lines end with LF or CRLF; the last one needs no end.
"""

from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import NamedTuple

MAX_LINE_BYTES = 16_384  # a hundred times a real line; the rest of a longer one is passed over


class Encoding(StrEnum):
    """How a file's text is written; the values are Python's names."""

    UTF_8 = "utf-8"
    UTF_16_LE = "utf-16-le"
    UTF_16_BE = "utf-16-be"


_MARKS = {b"\xef\xbb\xbf": Encoding.UTF_8, b"\xff\xfe": Encoding.UTF_16_LE, b"\xfe\xff": Encoding.UTF_16_BE}
MARK_BYTES = max(map(len, _MARKS))


class Line(NamedTuple):
    """number: from 1 on. end: the offset in the file behind it. data: its bytes, without the line's end.

    too_long: whether `data` is only its beginning.
    """

    number: int
    end: int
    data: bytes
    too_long: bool = False


class Unreadable(NamedTuple):
    """Why a line can not be used. reason: a stable snake_case code. message: for a person, never with its content."""

    reason: str
    message: str


def encoding_of(beginning: bytes) -> tuple[Encoding, int]:
    """The encoding of a file that begins so, and how long its byte order mark is."""
    for mark, encoding in _MARKS.items():
        if beginning.startswith(mark):
            return encoding, len(mark)
    return Encoding.UTF_8, 0


def cut(chunks: Iterable[bytes], encoding: Encoding, number: int, offset: int) -> Iterator[Line]:
    """The lines in a file's bytes from `offset` on, of which the first has `number`."""
    width = 1 if encoding is Encoding.UTF_8 else 2
    newline = "\n".encode(encoding)
    rest, passed = b"", 0  # what began in an earlier chunk; how many bytes of it were passed over already
    for chunk in chunks:
        # What was looked through already is not again; a line's end may lie across two chunks.
        buffer, start, look = rest + chunk, 0, max(len(rest) - width, 0)
        while (at := _find(buffer, newline, start, look)) >= 0:
            after = at + width
            offset += passed + after - start
            yield _line(number, offset, buffer[start:at], passed, encoding)
            number, start, look, passed = number + 1, after, after, 0
        rest = buffer[start:]
        if len(rest) > MAX_LINE_BYTES + width:
            # Its beginning is kept to be shown, and whole characters of the end: a line's end may be cut in two.
            kept = MAX_LINE_BYTES + (len(rest) - MAX_LINE_BYTES) % width
            passed += len(rest) - kept
            rest = rest[:MAX_LINE_BYTES] + rest[len(rest) - (kept - MAX_LINE_BYTES) :]
    if rest:
        offset += passed + len(rest)
        yield _line(number, offset, rest, passed, encoding)


def text_of(line: Line, encoding: Encoding) -> str | Unreadable:
    """A line's text, without spaces around it."""
    if line.too_long:
        return Unreadable("line_too_long", f"a line has at most {MAX_LINE_BYTES:,} bytes")
    try:
        text = line.data.decode(encoding)
    except UnicodeDecodeError:
        if encoding is Encoding.UTF_8:
            return Unreadable("not_utf8", "neither UTF-8 nor UTF-16 with a byte order mark: save the file as UTF-8")
        return Unreadable("not_utf16", "the file begins as UTF-16, and this line is none")
    text = text.strip()
    if "\0" in text:
        return Unreadable("nul", "it holds NUL; a file in UTF-16 needs its byte order mark")
    if "\r" in text:
        return Unreadable("carriage_return", "CR inside a line: lines end with LF or CRLF")
    return text


def _find(buffer: bytes, newline: bytes, start: int, look: int) -> int:
    """Where the line that starts at `start` ends, from `look` on; -1 for nowhere. In UTF-16 half of one character and
    half of the next are no newline."""
    at = buffer.find(newline, look)
    while at >= 0 and (at - start) % len(newline):
        at = buffer.find(newline, at + 1)
    return at


def _line(number: int, end: int, data: bytes, passed: int, encoding: Encoding) -> Line:
    data = data.removesuffix("\r".encode(encoding))
    too_long = passed > 0 or len(data) > MAX_LINE_BYTES
    return Line(number, end, data[:MAX_LINE_BYTES], too_long)
