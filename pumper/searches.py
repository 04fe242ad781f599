"""The searches of a session, found while its browsing rows stream by.

search_train.csv has its sessions in an order of its own. An index of one 64-bit number a search (6.5 MB for the full
dataset) says where each session's rows stand: thirty bits of the session's digest, then the row's byte offset. It is
made in one pass and kept beside the stack.
"""

import json
import os
import zlib
from array import array
from bisect import bisect_left
from collections.abc import Callable
from pathlib import Path

from pumper.lines import Position, blocks, text
from pumper.rows import SEARCH_FILE, BadRow, BadRows, Row, check_header, fields_of, search_row

_OFFSET_BITS = 34  # files of up to 17 GB
_LINE_BYTES = 8_192  # read at once: most rows, of a vector and 25 skus, are shorter
Progress = Callable[[str, int, int], None]
"""What is being done, bytes done, bytes in all."""


class Searches:
    """Looks up a session's searches; close it when done."""

    def __init__(self, path: Path, entries: "array[int]") -> None:
        self._entries = entries
        self._file = path.open("rb", buffering=0)
        self.found = 0
        """Searches handed out so far."""

    def __len__(self) -> int:
        return len(self._entries)

    def of(self, session: str) -> list[Row]:
        """The searches of one session, in the order of the file."""
        entries = self._entries
        digest = _digest(session)
        at = bisect_left(entries, digest << _OFFSET_BITS)
        rows: list[Row] = []
        while at < len(entries) and entries[at] >> _OFFSET_BITS == digest:
            line = self._line(entries[at] & ((1 << _OFFSET_BITS) - 1))
            row = search_row(fields_of(text(line.decode("latin-1")), SEARCH_FILE))
            if row.session == session:  # thirty bits may be another session's
                rows.append(row)
            at += 1
        self.found += len(rows)
        return rows

    def _line(self, offset: int) -> bytes:
        line = b""
        while part := os.pread(self._file.fileno(), _LINE_BYTES, offset + len(line)):
            line += part
            if b"\n" in part:
                break
        return line.partition(b"\n")[0]

    def close(self) -> None:
        self._file.close()


def open_searches(folder: Path, cache: Path, bad: BadRows, progress: Progress) -> Searches:
    """The searches of a dataset, indexed now or by an earlier run (`cache` is the folder of things kept)."""
    path = folder / SEARCH_FILE
    check_header(path)
    index, about = cache / "searches.index", cache / "searches.json"
    if not (index.exists() and about.exists()):
        _index(path, index, about, progress)
    known = json.loads(about.read_text())
    bad.recall(known["bad_rows"], known["examples"])
    entries: array[int] = array("Q")
    with index.open("rb") as file:
        entries.fromfile(file, known["rows"])
    return Searches(path, entries)


def _index(path: Path, index: Path, about: Path, progress: Progress) -> None:
    size = path.stat().st_size
    entries: list[int] = []
    bad = BadRows()
    for start, lines, _ in blocks(path, Position(check_header(path), 2)):
        offset = start.offset
        for number, line in enumerate(lines, start=start.line):
            try:
                session = search_row(fields_of(text(line), SEARCH_FILE)).session
                entries.append(_digest(session) << _OFFSET_BITS | offset)
            except BadRow as error:
                bad.add(SEARCH_FILE, number, str(error))
            offset += len(line) + 1
        progress("indexing the searches", offset, size)
    entries.sort()
    index.parent.mkdir(parents=True, exist_ok=True)
    unfinished = index.with_suffix(".unfinished")
    with unfinished.open("wb") as file:
        array("Q", entries).tofile(file)
    about.write_text(json.dumps({"rows": len(entries), "bad_rows": bad.count, "examples": bad.examples}))
    unfinished.replace(index)


def _digest(session: str) -> int:
    return zlib.crc32(session.encode("utf-8", "replace")) >> 2
