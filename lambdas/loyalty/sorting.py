"""A file's lines to what they mean, or to the reason why they mean nothing. Pure, and total: one outcome a line."""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from loyalty import rows
from loyalty.conversions import MAX_CAUSE_BYTES, Conversion
from loyalty.customers import Listing
from loyalty.files import MEMBERS, Dropped, Problem
from loyalty.lines import Encoding, Line, Unreadable, text_of
from loyalty.taking import Row
from loyalty.texts import clipped
from shared.envelope import derived_id

_NAMESPACE = UUID("0d8a5c1e-3b8a-4f44-9b55-6a0c1b0f7d35")


class Sorted(NamedTuple):
    """columns: of the file, once known. problem: why no line of the file can be used, as a reason."""

    rows: list[Row]
    refused: list[tuple[Line, Problem]]
    blank: int
    columns: tuple[str, ...] | None
    problem: str | None = None


def sort_out(
    file: Dropped, lines: Sequence[Line], encoding: Encoding, columns: tuple[str, ...] | None = None
) -> Sorted:
    """What stands in some lines of a file. With a wrong header nothing that follows can be told, so nothing is read."""
    found, refused, blank = list[Row](), list[tuple[Line, Problem]](), 0
    of_members = file.key.startswith(MEMBERS)
    for line in lines:
        text = text_of(line, encoding)
        if text == "":
            blank += 1
            continue
        if of_members and columns is None and isinstance(text, str):
            header = rows.columns_of(text)
            if isinstance(header, Unreadable):
                refused.append((line, Problem(line.number, *header)))
                return Sorted(found, refused, blank, columns, header.reason)
            columns = header or rows.COLUMNS
            if header:
                blank += 1
                continue
        row = text
        if isinstance(text, str):
            row = _listing(file, text, columns or rows.COLUMNS) if of_members else _conversion(file, line.number, text)
        if isinstance(row, Unreadable):
            refused.append((line, Problem(line.number, *row)))
        elif not isinstance(row, str):
            found.append(row)
    return Sorted(found, refused, blank, columns)


def _listing(file: Dropped, text: str, columns: Sequence[str]) -> Listing | Unreadable:
    row = rows.member_of(text, columns)
    return row if isinstance(row, Unreadable) else Listing(*row, listed_at=file.at)


def _conversion(file: Dropped, number: int, text: str) -> Conversion | Unreadable:
    """A line keeps its conversion's id as long as it stands where it stands, in the file of this name."""
    row = rows.conversion_of(text)
    if isinstance(row, Unreadable):
        return row
    place = f":{number}"
    return Conversion(
        conversion_id=derived_id(_NAMESPACE, f"{file.key}\n{number}\n{text}".encode()),
        promotion=row.promotion,
        kind=row.kind,
        customer=row.email,
        occurred_at=file.at,
        cause=clipped(file.key, MAX_CAUSE_BYTES - len(place)) + place,
        where=row.where,
        total=row.total,
    )
