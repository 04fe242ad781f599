"""Lines of a big file in big blocks, with where each begins, so that reading can start again there."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

BLOCK_BYTES = 1 << 20


class Position(NamedTuple):
    """The beginning of a line: its byte offset and its number, counted from 1."""

    offset: int
    line: int


class Block(NamedTuple):
    """Whole lines. `plain`: all of them are ASCII without quotes and carriage returns, so commas part the columns."""

    start: Position
    lines: list[str]
    plain: bool


def blocks(path: Path, start: Position) -> Iterator[Block]:
    """Whole lines, about a megabyte of them at a time, and where the first one begins.

    Bytes become characters one to one (Latin-1), so that a line's length is its length in the file whatever it holds;
    `text` makes of a line what its bytes say. Line ends are cut, carriage returns are left to `text`.
    """
    offset, line = start
    with path.open("rb") as file:
        file.seek(offset)
        rest = b""
        while block := file.read(BLOCK_BYTES):
            whole, newline, last = block.rpartition(b"\n")
            if not newline:
                rest += block
                continue
            read = _block(Position(offset, line), rest + whole)
            yield read
            offset += len(rest) + len(whole) + 1
            line += len(read.lines)
            rest = last
        if rest:
            yield _block(Position(offset, line), rest)


def _block(start: Position, content: bytes) -> Block:
    plain = content.isascii() and b'"' not in content and b"\r" not in content
    return Block(start, content.decode("latin-1").split("\n"), plain)


def text(line: str) -> str:
    """A line of `blocks` as text: carriage return cut, UTF-8 read, what is not UTF-8 replaced."""
    line = line.rstrip("\r")
    return line if line.isascii() else line.encode("latin-1").decode("utf-8", "replace")
