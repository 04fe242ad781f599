"""The report on a terminal of 80 columns."""

from decimal import Decimal
from typing import Any

from rich.table import Table

from headrace.console import console
from headrace.hops.counts import Counts
from headrace.hops.tables import Modelled
from headrace.report.checks import Hop, Verdict

MARKS = {Verdict.AGREES: "[green]✓[/]", Verdict.PENDING: "[yellow]…[/]", Verdict.WRONG: "[red]✗[/]", Verdict.NONE: ""}
DAYS_SHOWN = 14
MILLION = 1_000_000
# What of STATS.OVERVIEW_1D fits a line: a heading and its column.
FIGURES = {
    "sessions": "count_active_sessions",
    "clients": "count_active_clients",
    "users": "count_active_users",
    "pages": "pageviews",
    "details": "sum_of_product_details",
    "adds": "sum_of_add_to_cart",
    "orders": "transactions",
    "revenue": "transaction_revenue",
}


def show(stack: str, hops: list[Hop], counts: Counts, modelled: Modelled | None, *, has_warehouse: bool) -> None:
    console.print(f"[bold]Stack {stack}, hop by hop[/]")
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
    if not has_warehouse:
        console.print("This stack has no warehouse (Snowflake is off): the way ends in S3.")
    elif modelled is None:
        console.print("No figures yet: run `make transform`.")
    else:
        _show_days(modelled.days)


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
        table.add_row(name, f"{hop.count:,}", MARKS[hop.verdict], hop.note)
        for part, count in hop.parts.items():
            table.add_row(f"    [dim]{part}[/]", f"[dim]{count:,}[/]", "", "")
    return table


def _show_days(days: list[dict[str, Any]]) -> None:
    console.print()
    console.print("[bold]By day (UTC)[/]")
    if not days:
        console.print("no events yet")
        return
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), header_style="dim")
    table.add_column("day", no_wrap=True)
    for heading in FIGURES:
        table.add_column(heading, justify="right", no_wrap=True)
    for day in days[-DAYS_SHOWN:]:
        table.add_row(f"{day['timestamp']:%Y-%m-%d}", *(_figure(day[column]) for column in FIGURES.values()))
    if len(days) > 1:
        totals = {column: sum(day[column] for day in days) for column in ("pageviews", *list(FIGURES.values())[4:])}
        cells = [_figure(totals[column]) if column in totals else "" for column in FIGURES.values()]
        table.add_row("[bold]all days[/]", *(f"[bold]{cell}[/]" for cell in cells))
    console.print(table)
    if len(days) > DAYS_SHOWN:
        console.print(f"[dim]and {len(days) - DAYS_SHOWN} earlier days: STATS.OVERVIEW_1D has them[/]")


def _figure(value: int | Decimal) -> str:
    """Seven characters, ten for money: more would not fit a line."""
    if value >= MILLION:
        return f"{value / MILLION:,.2f}M"
    return f"{value:,.2f}" if isinstance(value, Decimal) else f"{value:,}"
