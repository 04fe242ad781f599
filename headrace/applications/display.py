"""What the applications have done, on one screen of 80 columns."""

from collections.abc import Mapping
from datetime import UTC, datetime

from rich.table import Table
from rich.text import Text

from headrace.applications.done import Done, Other
from headrace.applications.failures import Failures
from headrace.applications.feed import DAYS, Fed
from headrace.applications.levels import Levels, Transition
from headrace.applications.offers import Offers
from headrace.applications.promotions import Promotion
from headrace.console import console
from headrace.report.wording import bar, plural, printable, shortened

BAR_CELLS = 24
CUSTOMER_CELLS, CODE_CELLS, ITEMS_CELLS = 16, 14, 32  # and 11 of the time: with three gaps of two, 79
ROWS = 6
NOWHERE = "·"


def show(stack: str, done: Done) -> None:
    console.print(Text(f"Stack {stack}, what its applications have done", style="bold"))
    if done.offers is not None:
        _show_offers(done.offers, complete=done.complete)
    if done.promotions is not None:
        _show_promotions(done.promotions)
    if done.fed is not None:
        _show_fed(done.fed)
    if done.levels is not None:
        _show_levels(done.levels)
    for other in done.others:
        _show_other(other)
    _show_failures(done.failures)


def _show_offers(offers: Offers, *, complete: bool) -> None:
    _title("Offers")
    if not offers.sent and not offers.waiting:
        console.print("none yet: nobody has bought for enough and taken something out of the cart")
        return
    least = "" if complete else "at least "
    waiting = f", {offers.waiting:,} on their way" if offers.waiting else ""
    console.print(f"{least}{offers.sent:,} sent to {plural(offers.customers, 'customer')}{waiting}")
    table = _table("newest (UTC)", "customer", "code", "items")
    for offer in offers.newest:
        time = datetime.fromtimestamp(offer.decided_at / 1000, UTC)
        customer, items = _cut(offer.customer, CUSTOMER_CELLS), _cut(", ".join(offer.items), ITEMS_CELLS)
        table.add_row(f"{time:%m-%d %H:%M}", customer, _cut(offer.code, CODE_CELLS), items)
    console.print(table)


def _show_promotions(promotions: tuple[Promotion, ...]) -> None:
    _title("Loyalty decisions: send a promo code?")
    if not promotions:
        console.print("none yet: no conversion of a known customer came")
        return
    table = _table("promotion", "conversion", "channel", figures=("True", "False"))
    for one in promotions[:ROWS]:
        table.add_row(
            _cut(one.promotion, 24),
            _cut(one.conversion, 20),
            _cut(one.where or "", 14),
            f"{one.promos:,}",
            f"{one.decisions - one.promos:,}",
        )
    promos, decisions = sum(one.promos for one in promotions), sum(one.decisions for one in promotions)
    more = f"and {plural(len(promotions) - ROWS, 'line')} more" if len(promotions) > ROWS else ""
    table.add_row("[bold]all[/]", f"[dim]{more}[/]", "", f"[bold]{promos:,}[/]", f"[bold]{decisions - promos:,}[/]")
    console.print(table)


def _show_fed(fed: Fed) -> None:
    _title("Fed to Amazon Personalize")
    if not fed.events:
        console.print("nothing yet: no product was clicked, added or bought")
    elif fed.by_type is None:
        console.print(f"{plural(fed.events, 'event')} in the last {DAYS} days, by the function's metric `Fed`")
    else:
        _show_bars(fed.by_type, "event", "events")


def _show_levels(levels: Levels) -> None:
    _title("Live counts: who is where now")
    if levels.players:
        _show_bars(levels.players, "level", "players")
    else:
        console.print("nobody is anywhere: no player was seen lately")
    if levels.written is not None:
        words = f"moves in the {levels.written.seconds} s to {levels.written.at}: {_moves(levels.written.transitions)}"
        console.print(Text(printable(words)))
    if levels.since:
        console.print(
            Text(printable(f"since then: {_moves(levels.since)}" if levels.written else _moves(levels.since)))
        )


def _moves(transitions: tuple[Transition, ...]) -> str:
    told = ", ".join(f"{one.origin or NOWHERE} → {one.to or NOWHERE} {one.count:,}" for one in transitions[:ROWS])
    return f"{told or 'none'}{f' and {len(transitions) - ROWS:,} more' if len(transitions) > ROWS else ''}"


def _show_other(other: Other) -> None:
    _title(other.application)
    told = ", ".join(f"{kind} {count:,}" for kind, count in other.done.items()) or "nothing yet"
    waiting = f", {other.waiting:,} on their way" if other.waiting else ""
    console.print(Text(printable(f"{told}{waiting}")))


def _show_failures(failures: Failures) -> None:
    console.print()
    if not failures.messages:
        console.print("[green]nothing was given up[/]: the queue of dead letters is empty")
        return
    of = ", ".join(f"{name} {count}" for name, count in failures.functions.items())
    console.print(f"[red]given up: {plural(failures.messages, 'dead letter')}[/]", Text(f"({printable(of)})"))
    console.print("`make logs` says why; what was given up is still in the stream until it expires")


def _show_bars(counts: Mapping[str, int], heading: str, figure: str) -> None:
    table = _table(heading, figures=(figure,))
    table.add_column(width=BAR_CELLS)
    most = max(counts.values())
    for name, count in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[:ROWS]:
        table.add_row(_cut(name, 36), f"{count:,}", f"[blue]{bar(count, most, BAR_CELLS)}[/]")
    console.print(table)
    if len(counts) > ROWS:
        console.print(f"[dim]and {len(counts) - ROWS:,} more, {sum(counts.values()):,} {figure} in all[/]")


def _title(text: str) -> None:
    console.print(Text(f"\n{text}", style="bold"))


def _table(*headings: str, figures: tuple[str, ...] = ()) -> Table:
    """Names left, figures right."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for heading in headings:
        table.add_column(heading, no_wrap=True)
    for heading in figures:
        table.add_column(heading, justify="right", no_wrap=True)
    return table


def _cut(text: str, cells: int) -> Text:
    """As Text, so that brackets in a name are no mark-up of rich's."""
    return Text(shortened(text, cells))
