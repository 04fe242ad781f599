"""Waits until the applications have done what follows from the events in the streams, and says whether they have."""

import time
from collections.abc import Callable, Sequence

from rich.table import Table
from rich.text import Text

from headrace.applications.checks import Check
from headrace.console import console

POLL_SECONDS = 0.5
PATIENCE_SECONDS = 15.0  # without anything moving; from an event to what follows it takes less than one
LONGEST_SECONDS = 60.0


def settle(look: Callable[[], list[Check]]) -> list[Check]:
    """The checks, once all of them agree or nothing moves any more. look: makes them, as things stand."""
    began = moved = time.monotonic()
    checks = look()
    with console.status("waiting for the applications …", spinner="dots"):
        while not agree(checks):
            now = time.monotonic()
            if now - moved > PATIENCE_SECONDS or now - began > LONGEST_SECONDS:
                break
            time.sleep(POLL_SECONDS)
            before, checks = checks, look()
            if checks != before:
                moved = time.monotonic()
    return checks


def agree(checks: Sequence[Check]) -> bool:
    return all(one.agrees for one in checks)


def show_checks(checks: Sequence[Check], events: int) -> None:
    console.print(Text(f"\nDoes that follow from the {events:,} events in the streams?", style="bold"))
    table = Table(box=None, pad_edge=False, show_header=False, padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(justify="right", no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for one in checks:
        mark = "[green]✓[/]" if one.agrees else "[red]✗[/]"
        table.add_row(one.name, f"{one.found:,}", mark, Text(one.expected))
    console.print(table)
    if not agree(checks):
        waited = f"nothing moved for {PATIENCE_SECONDS:.0f} s, or it took {LONGEST_SECONDS:.0f} s in all"
        console.print(f"[red]does not add up[/] ({waited}): `make status` says what is behind, `make logs` why")
