"""The reconciliation on a terminal of 80 columns."""

from rich.markup import escape
from rich.table import Table

from headrace.console import console
from headrace.hops.counts import Counts
from headrace.report.checks import Hop, Verdict

MARKS = {Verdict.AGREES: "[green]✓[/]", Verdict.PENDING: "[yellow]…[/]", Verdict.WRONG: "[red]✗[/]", Verdict.NONE: ""}


def show_hops(stack: str, hops: list[Hop], counts: Counts) -> None:
    console.print(f"[bold]Stack {escape(stack)}, hop by hop[/]")
    console.print(_hops(hops))
    wrong = [hop for hop in hops if hop.verdict is Verdict.WRONG]
    if wrong:
        console.print("[red]does not add up:[/] " + "; ".join(f"{hop.name.strip()}, {hop.note}" for hop in wrong))
        console.print("`make status` shows the last error of each delivery stream and pipe.")
    elif any(hop.verdict is Verdict.PENDING for hop in hops):
        console.print("[yellow]nothing is lost so far[/], but not everything has arrived")
    elif counts.delivered.lines or counts.bad.lines:
        console.print("[green]every hop agrees with the one before it[/]")
    else:
        console.print("nothing has been sent yet: `make pump`")


def on_their_way(counts: Counts, seconds_left: float) -> str:
    """One line while waiting."""
    lacking = ", ".join(f"{count:,} not {LACKING[hop]}" for hop, count in counts.missing.items())
    return f"waiting for events on their way: {lacking} (at most {max(seconds_left, 0):.0f} s more)"


LACKING = {
    "collected": "collected",
    "bad rows": "in bad/",
    "delivered": "in raw/",
    "loaded": "in RAW",
    "spilled": "put again",
}


def _hops(hops: list[Hop]) -> Table:
    table = Table(box=None, pad_edge=False, show_header=False, padding=(0, 2, 0, 0))
    table.add_column(min_width=24, no_wrap=True)
    table.add_column(justify="right", no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for hop in hops:
        name = f"  {hop.name}" if hop.indented else hop.name
        table.add_row(name, f"{hop.count:,}", MARKS[hop.verdict], escape(hop.note))
        for part, count in hop.parts.items():
            table.add_row(f"    [dim]{escape(part)}[/]", f"[dim]{count:,}[/]", "", "")
    return table
