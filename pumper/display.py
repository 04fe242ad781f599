"""What a person sees of a run: progress as it goes, a table at its end."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from pumper.journal import FINISHED, Entry
from pumper.packing import LeftOut
from pumper.tally import Tally


class Display:
    """One progress bar at a time, on the given console."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._progress: Progress | None = None
        self._task = TaskID(0)

    @contextmanager
    def preparing(self) -> Iterator[Callable[[str, int, int], None]]:
        """A bar for reading files: call it with what is being done, bytes done and bytes in all."""
        with self._bar(TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %")) as bar:
            task = bar.add_task("reading the dataset", total=None)

            def show(what: str, done: int, total: int) -> None:
                bar.update(task, description=what, completed=done, total=total)

            yield show

    @contextmanager
    def sending(self, total: int | None, tally: Tally) -> Iterator[Callable[[], None]]:
        """A bar for hits sent, with rate and errors; call it to bring it up to date."""
        columns = (
            TextColumn("sending"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]:,.0f}/s"),
            TextColumn("{task.fields[errors]}"),
            TimeRemainingColumn(),
        )
        with self._bar(*columns) as bar:
            task = bar.add_task("sending", total=total, rate=0.0, errors="")
            begun = time.monotonic()

            def show() -> None:
                rate = tally.sent / max(time.monotonic() - begun, 1e-9)
                errors = f"[red]{tally.troubled:,} not taken[/red]" if tally.troubled else ""
                if tally.retried:
                    errors = f"{errors} [yellow]{tally.retried:,} retried[/yellow]".strip()
                bar.update(task, completed=tally.sent, rate=rate, errors=errors)

            yield show

    def summary(self, entry: Entry, tally: Tally, left_out: LeftOut, seconds: float) -> None:
        """The table at the end, and what was left out of the run."""
        figures = tally.figures()
        latency = "  ".join(
            f"{name} {value:,.1f} ms" for name, value in figures["latency_ms"].items() if value is not None
        )
        table = Table(title=f"{entry.ended}: {entry.mode} to {entry.url}", title_justify="left", show_header=False)
        table.add_column(style="bold")
        table.add_column(justify="right")
        for name in ("sent", "accepted", "rejected", "failed", "retried", "duplicates"):
            style = "red" if figures[name] and name in ("rejected", "failed") else ""
            table.add_row(name, Text(f"{figures[name]:,}", style=style))
        table.add_row("rate", f"{tally.sent / max(seconds, 1e-9):,.0f} events/s in {seconds:,.1f} s")
        table.add_row("latency", latency or "none")
        table.add_row("requests", f"{tally.requests:,}, {tally.bytes / 1e6:,.1f} MB")
        troubles = {name: count for name, count in tally.statuses.items() if not name.startswith("2")}
        if troubles:
            table.add_row("troubles", ", ".join(f"{name}: {count:,}" for name, count in troubles.items()))
        self._console.print(table)
        if left_out.bad_rows:
            self._console.print(f"left out {left_out.bad_rows:,} bad rows, such as:", style="yellow")
            for example in left_out.examples:
                self._console.print(f"  {example}", style="yellow", markup=False)
        if left_out.too_long:
            self._console.print(f"left out {left_out.too_long:,} hits too long for Google Analytics", style="yellow")
        if entry.ended == FINISHED and not tally.sent and not left_out.total:
            self._console.print("There was nothing to send: browsing_train.csv holds no rows.", style="yellow")
        if entry.ended != FINISHED and tally.accepted:
            self._console.print("Go on with --resume and the same options.")

    @contextmanager
    def _bar(self, *columns: object) -> Iterator[Progress]:
        with Progress(*columns, console=self._console, transient=True, disable=not self._console.is_terminal) as bar:  # type: ignore[arg-type]
            yield bar
