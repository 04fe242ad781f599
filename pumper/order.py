"""The whole dataset in the order of time, which a faithful replay needs and the files do not have.

An external merge sort: runs of rows sorted in memory go to disk and are merged from there, so memory stays the same
whatever the size. The result is kept beside the stack and made once for a dataset. It looks like browsing_train.csv,
with searches as rows of their own:

    session,search,<query>,<results>;<sku>:<rank>;…,time,
"""

import heapq
import json
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple, TextIO

from pumper.lines import Position, blocks, text
from pumper.rows import (
    BROWSING_FILE,
    COLUMNS,
    SEARCH,
    SEARCH_FILE,
    BadRow,
    BadRows,
    Row,
    Search,
    browsing_row,
    check_header,
    fields_of,
    search_row,
)
from pumper.searches import Progress

ROWS_IN_MEMORY = 60_000  # about 30 MB
FILES_AT_ONCE = 100  # macOS gives a process 256
_TITLE = "putting the dataset in the order of time"


class Ordered(NamedTuple):
    """A file in the order of time. `first` and `last`: epoch milliseconds of its ends."""

    path: Path
    rows: int
    first: int
    last: int


def open_ordered(folder: Path, cache: Path, bad: BadRows, progress: Progress) -> Ordered:
    """The dataset in the order of time, sorted now or by an earlier run (`cache` is the folder of things kept)."""
    for name in (BROWSING_FILE, SEARCH_FILE):
        check_header(folder / name)
    path, about = cache / "ordered.csv", cache / "ordered.json"
    if not (path.exists() and about.exists()):
        _sort(folder, path, about, progress)
    known = json.loads(about.read_text())
    bad.recall(known["bad_rows"], known["examples"])
    return Ordered(path, known["rows"], known["first"], known["last"])


def ordered_row(fields: list[str]) -> Row:
    """A row of the ordered file."""
    if fields[1] != SEARCH:
        return browsing_row(fields)
    session, _, query, figures, time, _ = fields
    results, *clicks = figures.split(";")
    pairs = (click.rpartition(":") for click in clicks)
    return Row(session, SEARCH, "", int(time), "", Search(query, int(results), tuple((s, int(r)) for s, _, r in pairs)))


def _sort(folder: Path, path: Path, about: Path, progress: Progress) -> None:
    work = path.with_suffix(".unfinished")
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    bad = BadRows()
    size = sum((folder / name).stat().st_size for name in (BROWSING_FILE, SEARCH_FILE))
    try:
        runs = _sorted_runs(_keyed_lines(folder, bad, progress, size), work)
        level = 0
        while len(runs) > FILES_AT_ONCE:
            level += 1
            groups = [runs[at : at + FILES_AT_ONCE] for at in range(0, len(runs), FILES_AT_ONCE)]
            runs = [_merged(group, work / f"{level}-{number}") for number, group in enumerate(groups)]
        rows = first = last = 0
        with ExitStack() as open_files, (work / "ordered").open("w", encoding="utf-8", newline="\n") as out:
            for keyed in heapq.merge(*(open_files.enter_context(_reading(run)) for run in runs)):
                time, _session, _number, line = keyed.split("\t", 3)
                out.write(line)
                last = int(time)
                first = first or last
                rows += 1
                if rows % ROWS_IN_MEMORY == 0:
                    progress(_TITLE, size, size)
        found = {"rows": rows, "first": first, "last": last, "bad_rows": bad.count, "examples": bad.examples}
        about.write_text(json.dumps(found))
        (work / "ordered").replace(path)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _keyed_lines(folder: Path, bad: BadRows, progress: Progress, size: int) -> Iterator[str]:
    """Every good row as a line that sorts by time, then session, then place in the files."""
    number = done = 0
    for name, row_of, line_of in ((BROWSING_FILE, browsing_row, _browsing), (SEARCH_FILE, search_row, _search)):
        path = folder / name
        for start, lines, plain in blocks(path, Position(check_header(path), 2)):
            for at, raw in enumerate(lines, start=start.line):
                try:
                    fields = raw.split(",") if plain else []
                    if len(fields) != len(COLUMNS[name]):
                        fields = fields_of(text(raw), name)
                    row = row_of(fields)
                    line = line_of(row, fields)
                except BadRow as error:
                    bad.add(name, at, str(error))
                    continue
                number += 1
                yield f"{row.timestamp:014d}\t{row.session}\t{number:010d}\t{line}\n"
            progress(_TITLE, done + start.offset, size)
        done += path.stat().st_size


def _browsing(row: Row, fields: list[str]) -> str:
    return _line([*fields[:4], str(row.timestamp), row.url])


def _search(row: Row, _fields: list[str]) -> str:
    search = row.search or Search("", 0, ())
    figures = ";".join([str(search.results), *(f"{sku}:{rank}" for sku, rank in search.clicks)])
    return _line([row.session, SEARCH, search.query, figures, str(row.timestamp), ""])


def _line(fields: list[str]) -> str:
    """One line of CSV; a tab or a line end within a value would break the order's own format and becomes a space."""
    line = ",".join(fields)
    if line.count(",") == len(fields) - 1 and line.isprintable() and '"' not in line:
        return line
    clean = (" ".join(value.split()).replace('"', '""') for value in fields)
    return ",".join(f'"{value}"' for value in clean)


def _sorted_runs(lines: Iterator[str], work: Path) -> list[Path]:
    runs: list[Path] = []
    chunk: list[str] = []
    for line in lines:
        chunk.append(line)
        if len(chunk) == ROWS_IN_MEMORY:
            runs.append(_write(sorted(chunk), work / f"0-{len(runs)}"))
            chunk.clear()
    if chunk:
        runs.append(_write(sorted(chunk), work / f"0-{len(runs)}"))
    return runs


def _merged(runs: list[Path], target: Path) -> Path:
    with ExitStack() as open_files:
        _write(heapq.merge(*(open_files.enter_context(_reading(run)) for run in runs)), target)
    for run in runs:
        run.unlink()
    return target


def _write(lines: Iterator[str] | list[str], path: Path) -> Path:
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(lines)
    return path


def _reading(path: Path) -> TextIO:
    return path.open(encoding="utf-8", newline="\n")
