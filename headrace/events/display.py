"""Rows on a terminal: a line each, and of a bad row what its sender sent."""

import json
from datetime import UTC, datetime

from rich.text import Text

from headrace.console import console
from headrace.events.readable import readable, visible
from headrace.events.rows import Row, payload_of

PAYLOAD_LINES = 24  # of a bad row; --json has all of it
NAME_CELLS = 16


def show(row: Row) -> None:
    """One row; a line is cut at the terminal's edge, and whole where there is none."""
    _print(_headline(row))
    if not row.good:
        lines = readable(payload_of(row)).split("\n")
        for line in lines[:PAYLOAD_LINES]:
            _print(Text(f"    {visible(line)}", style="dim"))
        if len(lines) > PAYLOAD_LINES:
            _print(Text(f"    … {len(lines) - PAYLOAD_LINES:,} more lines", style="dim italic"))


def as_json(row: Row) -> str:
    """One line of JSON."""
    return json.dumps(as_object(row), ensure_ascii=True)


def as_object(row: Row) -> dict[str, object]:
    """What is shown, and the row as it is stored, in JSON's types."""
    return {
        "good": row.good,
        "received_at": datetime.fromtimestamp(row.received_at / 1000, UTC).isoformat(timespec="milliseconds"),
        **{name: getattr(row, name) for name in ("protocol", "name", "client", "user", "page", "what")},
        **({"reason": row.reason, "message": row.message} if row.reason else {}),
        "row": _stored(row.line),
    }


def _headline(row: Row) -> Text:
    moment = datetime.fromtimestamp(row.received_at / 1000).astimezone()
    pieces: list[str | tuple[str, str]] = [
        (f"{moment:%H:%M:%S}.{row.received_at % 1000:03d}", "dim"),
        "  ",
        ("good", "green") if row.good else ("BAD ", "bold red"),
        "  ",
        (visible(row.protocol) or "?", "cyan"),
        "  ",
    ]
    if row.reason:
        pieces += [(visible(row.reason), "bold yellow" if row.good else "bold red"), "  ", visible(row.message)]
        pieces += [(f"  {visible(row.page)}", "dim")]
        return Text.assemble(*pieces)
    pieces += [(f"{visible(row.name):{NAME_CELLS}}", "bold"), "  ", visible(row.user or row.client or "nobody known")]
    pieces += [(f"  {visible(row.page)}", "dim")] if row.page else []
    pieces += [(f"  {visible(row.what)}", "magenta")] if row.what else []
    return Text.assemble(*pieces)


def _print(text: Text) -> None:
    if console.is_terminal:
        console.print(text, no_wrap=True, overflow="ellipsis", crop=True)
    else:
        console.print(text, soft_wrap=True)


def _stored(line: bytes) -> object:
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return line.decode("utf-8", "backslashreplace")
