"""An answer for people (a table, or where that is too wide a list of each row's values) and for programs."""

import csv
import io
import json
import math
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.measure import Measurement
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

CELL_CHARACTERS = 60


def shown(columns: Sequence[str], rows: Sequence[tuple[Any, ...]], console: Console) -> RenderableType:
    """For people. Into a file or a pipe it is a table of any width."""
    table = _table(columns, rows)
    width = Measurement.get(console, console.options.update(max_width=10_000), table).maximum
    if not console.is_terminal:
        console.width = max(console.width, width)
    return table if width <= console.width else Group(*_records(columns, rows))


def csv_lines(columns: Sequence[str], rows: Iterable[tuple[Any, ...]]) -> Iterator[str]:
    """A header and a line a row; NULL is empty."""
    yield _csv(columns)
    for row in rows:
        yield _csv(["" if value is None else _plain(value) for value in row])


def json_lines(columns: Sequence[str], rows: Iterable[tuple[Any, ...]]) -> Iterator[str]:
    """One JSON array of objects, a line each. Decimal numbers are texts, because JSON's numbers are not exact."""
    names = _distinct(columns)
    before = "["
    for row in rows:
        yield before + json.dumps(dict(zip(names, map(_json, row), strict=True)), ensure_ascii=False, default=str)
        before = ","
    yield "]" if before == "," else "[]"


def _table(columns: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for number, name in enumerate(columns):
        numeric = all(isinstance(row[number], int | float | Decimal) or row[number] is None for row in rows)
        table.add_column(Text(name), justify="right" if numeric else "left", no_wrap=True)
    for row in rows:
        table.add_row(*(_cell(value, CELL_CHARACTERS) for value in row))
    return table


def _records(columns: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> Iterator[RenderableType]:
    for number, row in enumerate(rows, 1):
        yield Rule(f"row {number:,}", align="left", style="dim")
        record = Table(box=None, pad_edge=False, show_header=False, padding=(0, 2, 0, 0))
        record.add_column(style="bold", no_wrap=True)
        record.add_column(overflow="fold")
        for name, value in zip(columns, row, strict=True):
            record.add_row(Text(name), _cell(value, None))
        yield record


def _cell(value: Any, most: int | None) -> Text:
    if value is None:
        return Text("null", style="dim")
    text = " ".join(_plain(value).split("\n"))
    return Text(text if most is None or len(text) <= most else f"{text[: most - 1]}…")


def _plain(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, list | dict | tuple):
        return json.dumps(_json(value), ensure_ascii=False, default=str)
    return str(value)


def _json(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_json(one) for one in value]
    if isinstance(value, dict):
        return {str(key): _json(one) for key, one in value.items()}
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value


def _csv(row: Iterable[Any]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(row)
    return line.getvalue()


def _distinct(names: Sequence[str]) -> list[str]:
    """A name that comes again is numbered: an object has each key once."""
    found: list[str] = []
    for name in names:
        count, wanted = 1, name
        while wanted in found:
            count += 1
            wanted = f"{name}_{count}"
        found.append(wanted)
    return found
