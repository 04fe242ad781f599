"""Loads a dropped file: chunk by chunk in its order, never the whole of it in memory, and again from where it stopped.

After each chunk the place in the file is saved under a condition. So of two functions on one file the slower stops, and
what is done again after a crash is one chunk: the customers' items know its conversions and change nothing.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Any, NamedTuple
from uuid import UUID

from loyalty.customers import MAX_CONVERSIONS_A_WRITE
from loyalty.files import MEMBERS, Dropped, Problem, Progress, note, read, write
from loyalty.lines import MARK_BYTES, Line, cut, encoding_of
from loyalty.sorting import sort_out
from loyalty.taking import take_in
from shared.bad_rows import bad_row
from shared.envelope import Request, derived_id
from shared.puts import Item
from shared.states import StateTable

READ_BYTES = 256 * 1024
LINES_AT_A_TIME = MAX_CONVERSIONS_A_WRITE

# A chunk is only begun with this much time: its transactions, its bad rows and its place may each be slow to write.
CHUNK_SECONDS = 20.0

_NAMESPACE = UUID("6b1f7c52-9a0e-4c39-8a53-2f6d6f0b7b11")


class NotKept(Exception):
    """Neither the bad rows' stream nor the spill took the bad rows."""


class Loader(NamedTuple):
    """What a file is loaded with. keep: keeps bad rows, and says whether it could. time_left: seconds."""

    s3: Any
    customers: StateTable
    files: StateTable
    keep: Callable[[Sequence[Item]], bool]
    time_left: Callable[[], float]

    def load(self, file: Dropped) -> Progress:
        """Goes on with a file while there is time; `finished_at` of what it returns says whether it is done.

        Raises Conflict (another function is at it), Unread, NotKept, and botocore's errors.
        """
        stored = self.files.load([file.identity])[file.identity]
        progress, version = read(stored.attributes), stored.version
        if progress.finished_at is not None:
            return progress  # its note was written before that; by now there may be that of a newer version
        # Where the last function did not stop between two chunks, it may have written some of the next one.
        interrupted = version > 0 and not progress.paused
        progress = (progress if version else self._begin(file, progress))._replace(paused=False)
        version = self._save(file, progress, version)
        for lines in self._chunks(file, progress):
            progress = self._take(file, lines, progress, interrupted)
            interrupted = False
            if progress.problem is not None:
                break
            if progress.offset < file.size and self.time_left() < CHUNK_SECONDS:
                progress = progress._replace(paused=True)
                self._tell(file, progress)
                self._save(file, progress, version)
                return progress
            version = self._save(file, progress, version)
        progress = progress._replace(finished_at=time.time_ns() // 1_000_000)
        self._tell(file, progress)
        self._save(file, progress, version)
        return progress

    def _begin(self, file: Dropped, progress: Progress) -> Progress:
        """Finds out how the file is written, before its first chunk."""
        if file.size == 0:
            problem = Problem(0, "empty_file", "the file is empty")
            self._keep(file, [(Line(0, 0, b""), problem)])
            return progress.refusing([problem])._replace(problem=problem.reason)
        encoding, mark = encoding_of(self._open(file, 0).read(MARK_BYTES))
        return progress._replace(encoding=encoding, offset=mark)

    def _chunks(self, file: Dropped, progress: Progress) -> Iterator[list[Line]]:
        """The lines from where the file was left on; none where it is gone or was read to its end."""
        if progress.problem is not None or progress.offset >= file.size:
            return
        body = self._open(file, progress.offset)
        lines = cut(body.iter_chunks(READ_BYTES), progress.encoding, progress.line, progress.offset)
        while some := list(islice(lines, LINES_AT_A_TIME)):
            yield some

    def _take(self, file: Dropped, lines: Sequence[Line], progress: Progress, interrupted: bool) -> Progress:
        found = sort_out(file, lines, progress.encoding, progress.columns)
        self._keep(file, found.refused)
        news = take_in(found.rows, self.customers)
        known = 0 if interrupted else len(found.rows) - news
        return progress.refusing([problem for _, problem in found.refused])._replace(
            offset=lines[-1].end,
            line=lines[-1].number + 1,
            columns=found.columns,
            loaded=progress.loaded + len(found.rows) - known,
            duplicates=progress.duplicates + known,
            blank=progress.blank + found.blank,
            problem=found.problem,
        )

    def _open(self, file: Dropped, offset: int) -> Any:
        version = {"VersionId": file.version} if file.version else {}
        wanted = {"Bucket": file.bucket, "Key": file.key, "IfMatch": f'"{file.etag}"', "Range": f"bytes={offset}-"}
        answer = self.s3.get_object(**wanted, **version)
        body = answer["Body"]
        if "ContentRange" not in answer:  # HTTP lets a server ignore the range, and some of S3's kind do
            while offset:
                offset -= len(body.read(min(offset, READ_BYTES)))
        return body

    def _keep(self, file: Dropped, refused: Sequence[tuple[Line, Problem]]) -> None:
        if refused and not self.keep([Item(_bad_row(file, line, problem)) for line, problem in refused]):
            raise NotKept(f"{len(refused)} bad rows")

    def _save(self, file: Dropped, progress: Progress, version: int) -> int:
        self.files.save(file.identity, write(progress), version)
        return version + 1

    def _tell(self, file: Dropped, progress: Progress) -> None:
        body = note(file, progress)
        self.s3.put_object(Bucket=file.bucket, Key=file.result_key, Body=body, ContentType="application/json")


def _bad_row(file: Dropped, line: Line, problem: Problem) -> bytes:
    """The row has the object's key for a path. Its id is the line's, so that a row kept twice can be told."""
    return bad_row(
        reason=problem.reason,
        message=f"line {problem.line}: {problem.message}",
        protocol="loyalty_members" if file.key.startswith(MEMBERS) else "loyalty_conversions",
        payload=line.data,
        request=Request(
            id=derived_id(_NAMESPACE, f"{file.identity}\n{problem.line}".encode()),
            timestamp=file.at,
            method="",
            path=file.key,
            hostname=file.bucket,
            source_ip="",
            headers={},
        ),
        full_addresses=True,
    )
