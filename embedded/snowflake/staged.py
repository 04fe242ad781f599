"""Staged files: what a COPY statement reads, line by line."""

# pyarrow.compute makes its functions as it is imported.
# pyright: reportAttributeAccessIssue=false

from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

LINES = pa.schema(
    [
        ("file", pa.int32()),  # its number in the order given, from 0
        ("filename", pa.string()),
        ("row", pa.int64()),  # the line's number, from 1
        ("line", pa.large_string()),  # NULL where it is not UTF-8
        ("blank", pa.bool_()),
    ]
)


@dataclass(frozen=True)
class StagedFile:
    """A file to load: its path in the bucket and its content, uncompressed."""

    path: str
    content: bytes

    def line(self, number: int) -> str:
        """A line by its number, from 1, as far as it can be read."""
        return self.content.split(b"\n")[number - 1].decode(errors="replace")


def lines(number: int, file: StagedFile) -> pa.RecordBatch:
    """The lines of a file, as LINES; those that are blank count, but are not loaded in Snowflake either."""
    # A whole file at a time: to go through its lines in Python takes twice as long.
    found = pc.split_pattern(pa.array([file.content], pa.large_binary()), pattern="\n").flatten()
    try:
        found = found.cast(pa.large_string())
    except pa.ArrowInvalid:
        found = pa.array([_text(line) for line in found.to_pylist()], pa.large_string())
    columns = [
        pa.repeat(pa.scalar(number, pa.int32()), len(found)),
        pa.repeat(file.path, len(found)),
        pa.array(range(1, len(found) + 1), pa.int64()),
        found,
        pc.fill_null(pc.equal(pc.ascii_trim_whitespace(found), ""), fill_value=False),
    ]
    return pa.record_batch(columns, schema=LINES)


def _text(line: bytes) -> str | None:
    try:
        return line.decode()
    except UnicodeDecodeError:
        return None
