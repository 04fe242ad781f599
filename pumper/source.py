"""Rows of one session at a time, from the files as they are or in the order of time.

A run is consecutive rows of one session. In the files as they are, a run is the whole session, with its searches, by
time; in the order of time it is what happened to one session without another's rows between.
"""

from collections.abc import Iterator
from functools import partial
from operator import attrgetter
from pathlib import Path
from typing import NamedTuple, Protocol

from pumper.lines import Position, blocks, text
from pumper.order import Ordered, ordered_row
from pumper.rows import (
    ACTIONS,
    BROWSING_FILE,
    BadRow,
    BadRows,
    Row,
    browsing_row,
    check_header,
    fields_of,
)
from pumper.searches import Searches

LONGEST_RUN = 5_000
"""Rows; the dataset's longest session has 206. A file of one endless session is cut here, to bound memory."""

_ON_PRODUCTS = {action for event_type, action in ACTIONS if event_type == "event_product"}
_row = partial(tuple.__new__, Row)  # a Row as its class makes it, in half the time
_by_time = attrgetter("timestamp")


class Run(NamedTuple):
    """Consecutive rows of one session. `position`: where reading starts to get this run first."""

    position: Position
    session: str
    rows: list[Row]


class Source(Protocol):
    """Runs, from a position on or from the beginning."""

    def runs(self, start: Position | None) -> Iterator[Run]: ...


class FileOrder:
    """Sessions as browsing_train.csv has them, each with its searches."""

    def __init__(self, folder: Path, searches: Searches, bad: BadRows) -> None:
        self._path, self._searches, self._bad = folder / BROWSING_FILE, searches, bad

    def runs(self, start: Position | None) -> Iterator[Run]:
        start = start or Position(check_header(self._path), 2)
        for run in _runs(self._path, start, self._bad, ordered=False):
            run.rows.extend(self._searches.of(run.session))
            run.rows.sort(key=_by_time)
            yield run


class TimeOrder:
    """The dataset by time, as `order` has put it."""

    def __init__(self, ordered: Ordered, bad: BadRows) -> None:
        self._path, self._bad = ordered.path, bad

    def runs(self, start: Position | None) -> Iterator[Run]:
        return _runs(self._path, start or Position(0, 1), self._bad, ordered=True)


def _runs(path: Path, start: Position, bad: BadRows, *, ordered: bool) -> Iterator[Run]:
    current, rows, begin = "", [], start
    row_of = ordered_row if ordered else browsing_row
    for (offset, number), lines, plain in blocks(path, start):
        for at, line in enumerate(lines, start=number):
            # What nearly every line is, told with little work: the rest goes the long way.
            row, session = None, ""
            fields = line.split(",")
            if plain and len(fields) == 6:
                session, event_type, action, sku, time, url = fields
                if session and len(time) == 13 and time.isdigit():
                    if event_type == "pageview":
                        if not action:
                            row = _row((session, "pageview", sku, int(time), url, None))
                    elif event_type == "event_product" and sku and action in _ON_PRODUCTS:
                        row = _row((session, action, sku, int(time), url, None))
            if row is None:
                try:
                    row = row_of(fields_of(text(line), BROWSING_FILE))
                except BadRow as error:
                    bad.add(path.name, at, str(error))
                    offset += len(line) + 1
                    continue
                session = row.session
            if session != current or len(rows) >= LONGEST_RUN:
                if rows:
                    yield Run(begin, current, rows)
                current, rows, begin = session, [], Position(offset, at)
            rows.append(row)
            offset += len(line) + 1
    if rows:
        yield Run(begin, current, rows)
