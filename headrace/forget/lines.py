"""An object's lines, packed or not, and the same object without some of them. In constant memory."""

import gzip
from collections.abc import Callable, Iterator
from io import BufferedReader
from typing import IO, cast

GZIP_MAGIC = b"\x1f\x8b"
READ_BYTES = 64 * 1024

# Lists of people may be in UTF-16, by their byte order mark: then a line's end has two bytes.
WIDE_ENDS = {b"\xff\xfe": b"\n\0", b"\xfe\xff": b"\0\n"}
MARKS = (*WIDE_ENDS, b"\xef\xbb\xbf")


def lines_of(source: BufferedReader) -> Iterator[bytes]:
    """The lines with their ends."""
    beginning = source.peek(2)[:2]
    if beginning == GZIP_MAGIC:
        with gzip.GzipFile(fileobj=source) as lines:
            yield from lines
    elif beginning in WIDE_ENDS:
        yield from _wide(source, WIDE_ENDS[beginning])
    else:
        yield from source


def without(source: BufferedReader, into: IO[bytes], owns: Callable[[bytes], bool], *, keeps_places: bool) -> int:
    """Writes an object but the lines that `owns` names, packed as it was; returns how many were left out.

    keeps_places: whether an empty line takes the place of each, so that the others keep their numbers.
    """
    beginning = source.peek(2)[:2]
    end = WIDE_ENDS.get(beginning, b"\n")
    packed = gzip.GzipFile(fileobj=into, mode="wb", mtime=0) if beginning == GZIP_MAGIC else None
    target = cast("IO[bytes]", packed) if packed else into
    left_out = 0
    for line in lines_of(source):
        if not owns(line):
            target.write(line)
            continue
        left_out += 1
        target.write(next((mark for mark in MARKS if line.startswith(mark)), b""))
        if keeps_places and line.endswith(end):
            target.write(end)
    if packed:
        packed.close()
    return left_out


def text(line: bytes) -> str:
    """A line of a list, in whichever of the encodings: what is compared are addresses, which are ASCII in all."""
    mark = next((mark for mark in MARKS if line.startswith(mark)), b"")
    plain = line[len(mark) :]
    return plain.replace(b"\0", b"").decode("utf-8", "replace").strip()


def _wide(source: BufferedReader, end: bytes) -> Iterator[bytes]:
    rest = b""
    while chunk := source.read(READ_BYTES):
        rest += chunk
        start = look = 0
        while (at := rest.find(end, look)) >= 0:
            look = at + 1
            if (at - start) % 2 == 0:  # else it is half of one character and half of the next
                yield rest[start : at + 2]
                start = look = at + 2
        rest = rest[start:]
    if rest:
        yield rest
