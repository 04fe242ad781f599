"""An answer as people see it, and as programs read it."""

import csv
import io
import json
from datetime import datetime
from decimal import Decimal

from rich.console import Console

from headrace.query.answers import csv_lines, json_lines, shown

COLUMNS = ["day", "revenue", "ids", "name", "name"]
ROWS = [
    (datetime(2026, 1, 2), Decimal("0.10"), ["a", None], 'it\'s "x", y\nz', None),
    (datetime(2026, 1, 3, 4, 5), None, [], "[bold]no markup[/]", 1.5),
]


def told(width: int, columns, rows, terminal: bool = True) -> str:
    console = Console(file=io.StringIO(), width=width, force_terminal=terminal, color_system=None)
    console.print(shown(columns, rows, console))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_csv_is_read_back_as_it_was():
    read = list(csv.reader(io.StringIO("\n".join(csv_lines(COLUMNS, ROWS)))))
    assert read[0] == COLUMNS
    assert read[1] == ["2026-01-02 00:00:00", "0.10", '["a", null]', 'it\'s "x", y\nz', ""]


def test_json_keeps_every_column_and_every_digit():
    first, second = json.loads("\n".join(json_lines(COLUMNS, ROWS)))
    assert first == {
        "day": "2026-01-02T00:00:00",
        "revenue": "0.10",
        "ids": ["a", None],
        "name": 'it\'s "x", y\nz',
        "name_2": None,
    }
    assert second["name_2"] == 1.5
    assert json.loads("\n".join(json_lines(["a"], [(float("nan"),)]))) == [{"a": "nan"}]


def test_an_empty_answer_is_valid_too():
    assert list(csv_lines(["a"], [])) == ["a"]
    assert json.loads("\n".join(json_lines(["a"], []))) == []
    assert "a" in told(80, ["a"], [])


def test_a_table_shows_null_and_cuts_long_texts():
    said = told(120, ["n", "text"], [(1, None), (2, "x" * 100), (3, "[red]plain[/]")])
    assert "null" in said
    assert "x" * 59 + "…" in said
    assert "[red]plain[/]" in said


def test_an_answer_wider_than_the_terminal_is_shown_row_by_row_and_whole():
    said = told(40, [f"column_{number}" for number in range(20)], [tuple("abcdefghijklmnopqrst"), ("y" * 70,) * 20])
    assert "row 1 " in said
    assert "column_19" in said
    assert said.count("y") == 70 * 20


def test_in_a_pipe_a_table_stays_a_table():
    said = told(40, [f"column_{number}" for number in range(20)], [tuple("abcdefghijklmnopqrst")], terminal=False)
    assert len(said.strip().splitlines()) == 2
