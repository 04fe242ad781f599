"""The shop's figures on a terminal of 80 columns."""

from collections.abc import Iterable
from decimal import Decimal

from rich.table import Table
from rich.text import Text

from headrace.console import console
from headrace.report.figures import Figures, Period, Share, by_browser, by_device
from headrace.report.wording import bar, hour, mixture, money, plural, share, shortened

DAYS_SHOWN = 14
HOURS_SHOWN = 24
FIELDS_SHOWN = 5
# Columns of the terminal that the widest figures leave.
HOUR_BAR, STEP_BAR, SHARE_BAR = 24, 20, 32
MILLION = 1_000_000
# What of STATS.OVERVIEW_1D fits a line: a heading and its column.
DAY_FIGURES = {
    "sessions": "count_active_sessions",
    "clients": "count_active_clients",
    "users": "count_active_users",
    "pages": "pageviews",
    "details": "sum_of_product_details",
    "adds": "sum_of_add_to_cart",
    "orders": "transactions",
    "revenue": "transaction_revenue",
}
# Who is active on two days counts on both, so these do not add up to a total.
NOT_ADDED = {"count_active_sessions", "count_active_clients", "count_active_users"}


def show_figures(figures: Figures) -> None:
    """The sections that have something to show."""
    if figures.days:
        _show_days(figures.days)
    if figures.hours:
        _show_hours(figures.hours)
    if any(step.sessions for step in figures.funnel):
        _show_funnel(figures)
    if figures.products:
        _show_products(figures)
    if figures.audience:
        _show_audience(figures)
    if figures.quality:
        _show_quality(figures)
    if figures.mixed_currencies:
        console.print(Text(f"\n{mixture(figures.mixed_currencies)}"))


def _show_days(days: tuple[Period, ...]) -> None:
    table = _table("By day (UTC)", "day", *DAY_FIGURES)
    for one in days[-DAYS_SHOWN:]:
        table.add_row(f"{one.timestamp:%Y-%m-%d}", *(_brief(getattr(one, column)) for column in DAY_FIGURES.values()))
    if len(days) > 1:
        cells = (
            "" if column in NOT_ADDED else _brief(sum(getattr(one, column) for one in days))
            for column in DAY_FIGURES.values()
        )
        table.add_row("[bold]all days[/]", *(f"[bold]{cell}[/]" for cell in cells))
    console.print(table)
    if len(days) > DAYS_SHOWN:
        console.print(f"[dim]and {plural(len(days) - DAYS_SHOWN, 'earlier day')}: STATS.OVERVIEW_1D has them[/]")


def _show_hours(hours: tuple[Period, ...]) -> None:
    shown = hours[-HOURS_SHOWN:]
    table = _table("By hour (UTC)", "hour", "sessions", "orders", "revenue", "pages")
    table.add_column(width=HOUR_BAR)
    most = max(one.pageviews for one in shown)
    for one in shown:
        figures = (one.count_active_sessions, one.transactions, one.transaction_revenue, one.pageviews)
        table.add_row(hour(one.timestamp), *map(_brief, figures), f"[blue]{bar(one.pageviews, most, HOUR_BAR)}[/]")
    console.print(table)


def _show_funnel(figures: Figures) -> None:
    table = _table("Funnel, all days (sessions)", "step", "did it", "in order", "of the step before")
    table.add_column(width=STEP_BAR)
    before = None
    for step in figures.funnel:
        rate = "" if before is None else share(step.in_order, before)
        line = bar(step.in_order, figures.funnel[0].in_order, STEP_BAR)
        table.add_row(_name(step.name, 18), f"{step.sessions:,}", f"{step.in_order:,}", rate, f"[blue]{line}[/]")
        before = step.in_order
    console.print(table)


def _show_products(figures: Figures) -> None:
    title = f"Top {len(figures.products)} of {plural(figures.products_known, 'product')}, by revenue"
    table = _table(title, "product", "details", "adds", "items", "revenue")
    for product in figures.products:
        counts = (product.details, product.adds, product.purchased_items, product.revenue)
        table.add_row(_name(product.label, 38), *map(_brief, counts))
    console.print(table)


def _show_audience(figures: Figures) -> None:
    _show_shares("Browsers (share of sessions)", "browser", by_browser(figures.audience))
    _show_shares("Devices (share of sessions)", "device", by_device(figures.audience))
    if figures.totals and figures.totals.bots:
        bots = plural(figures.totals.bots, "session")
        console.print(f"[dim]without {bots} of bots ({share(figures.totals.bots, figures.totals.sessions)} of all)[/]")


def _show_shares(title: str, heading: str, shares: Iterable[Share]) -> None:
    table = _table(title, heading, "sessions", "share")
    table.add_column(width=SHARE_BAR)
    for one in shares:
        line = bar(one.sessions, one.of, SHARE_BAR)
        table.add_row(_name(one.name, 24), f"{one.sessions:,}", share(one.sessions, one.of), f"[blue]{line}[/]")
    console.print(table)


def _show_quality(figures: Figures) -> None:
    listed = ", ".join(f"{shortened(one.field, 30)} {one.hits:,}" for one in figures.quality[:FIELDS_SHOWN])
    more = len(figures.quality) - FIELDS_SHOWN
    rest = f" and {plural(more, 'field')} more" if more > 0 else ""
    line = f"\nValues of the wrong type, NULL in the tables (hits): {listed}{rest}. STATS.DATA_QUALITY has the days."
    console.print(Text(line, style="yellow"))


def _table(title: str, first: str, *headings: str) -> Table:
    """Names left, figures right."""
    console.print(Text(f"\n{title}", style="bold"))
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), header_style="dim")
    table.add_column(first, no_wrap=True)
    for heading in headings:
        table.add_column(heading, justify="right", no_wrap=True)
    return table


def _name(text: str, cells: int) -> Text:
    """As Text, so that brackets in a name are no mark-up of rich's."""
    return Text(shortened(text, cells))


def _brief(value: int | Decimal) -> str:
    """Seven characters, ten for money: more would not fit a line."""
    if value >= MILLION:
        return f"{value / MILLION:,.2f}M"
    return money(value) if isinstance(value, Decimal) else f"{value:,}"
