"""The ledger on a terminal of 80 columns: hours down, hops across."""

from collections import Counter
from collections.abc import Sequence

from rich.markup import escape
from rich.table import Table
from rich.text import Text

from headrace.console import console
from headrace.ledger.figure import Figure
from headrace.ledger.verdicts import hour_of, sentence, sums
from headrace.report.wording import plural

WAY = ("accepted", "put", "delivered", "loaded", "distinct", "modelled")
# Shown only where there is any; what was received, where not all of it was accepted.
BESIDE = (
    *("received", "bad", "declined", "lost", "retried", "spilled", "waiting", "unanswered", "refused", "forgotten"),
    "duplicate",
)
HOURS_SHOWN = 48


def show(stack: str, found: Sequence[Figure], missing: Sequence[Figure]) -> None:
    console.print(f"[bold]Stack {escape(stack)}, hour by hour[/] (UTC, by the time the collector received an event)")
    if not any(one.count for one in found):
        console.print("nothing has been sent yet: `make pump`")
        return
    hours = sorted({one.hour for one in found})
    if len(hours) > HOURS_SHOWN:
        wrong = {one.hour for one in missing}
        hours = [hour for number, hour in enumerate(hours) if hour in wrong or number >= len(hours) - HOURS_SHOWN]
        console.print(f"the last {HOURS_SHOWN} hours, and earlier ones that lack something; all are counted and judged")
    there = {one.hop for one in found if one.count or one.missing or one.hop in WAY}
    if there.isdisjoint(("bad", "declined", "lost")):
        there.discard("received")
    _table([hop for hop in WAY if hop in there], found, hours)
    _table([hop for hop in BESIDE if hop in there], found, hours)
    by_application = [
        Figure(hour=one.hour, hop=one.item, count=one.count, missing=one.missing)
        for one in found
        if one.hop == "processed"
    ]
    given_up = [
        Figure(hour=one.hour, hop=f"{one.item} failed", count=one.count) for one in found if one.hop == "failed"
    ]
    applications = [*by_application, *given_up]
    _table(sorted({one.hop for one in applications}), applications, hours)
    reasons: Counter[str] = Counter()
    for one in found:
        if one.hop == "bad":
            reasons[one.item] += one.count
    if reasons:
        told = ", ".join(f"{escape(reason)} {count:,}" for reason, count in reasons.most_common())
        console.print(f"\nbad by reason: {told}")
    _conclude(found, missing)


def on_their_way(missing: Sequence[Figure], seconds_left: float) -> str:
    """One line while waiting."""
    lacking: Counter[str] = Counter()
    for one in missing:
        lacking[one.hop] += one.missing
    told = ", ".join(f"{count:,} not {hop}" for hop, count in lacking.items()) or "the collector's last accounts"
    return f"waiting for what is on its way: {told} (at most {max(seconds_left, 0):.0f} s more)"


def _conclude(found: Sequence[Figure], missing: Sequence[Figure]) -> None:
    waiting = sum(one.count for one in found if one.hop == "waiting")
    added = Counter[str]()
    for (_, hop), count in sums(found).items():
        added[hop] += count
    console.print()
    if added["failed"]:
        told = f"{plural(added['failed'], 'record')} given up"
        console.print(f"[yellow]{told}[/]: the queue dead-letters says which, `make logs` why")
    for one in missing:
        console.print(Text.assemble(("✗ ", "red"), sentence(one)), soft_wrap=True)
    if missing:
        console.print("what to do about it: docs/ledger.md")
        return
    accepted = plural(added["accepted"], "event")
    console.print(f"[green]nothing is missing[/]: {accepted} accepted, each is where it belongs")
    if waiting:
        console.print(f"[yellow]{plural(waiting, 'item')} in spill/[/] will be put again within five minutes")
    later = added["distinct"] - added["modelled"]
    if "modelled" not in added:
        console.print("not modelled yet: `make transform`")
    elif later > 0:
        console.print(f"{plural(later, 'event')} loaded since the last transformation: `make transform`")


def _table(hops: Sequence[str], found: Sequence[Figure], hours: Sequence[int]) -> None:
    """One row an hour; a lack in red beside the count it is of."""
    if not hops:
        return
    counts = sums(found)
    lacks: Counter[tuple[int, str]] = Counter()
    for one in found:
        lacks[one.hour, one.hop] += one.missing
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column("hour", no_wrap=True)
    for hop in hops:
        table.add_column(hop.replace("_", " "), justify="right")
    for hour in hours:
        table.add_row(f"{hour_of(hour):%m-%d %H:00}", *(_cell(counts[hour, hop], lacks[hour, hop]) for hop in hops))
    if len(hours) > 1:
        shown = set(hours)
        totals = [sum(counts[hour, hop] for hour in shown) for hop in hops]
        lacking = [sum(lacks[hour, hop] for hour in shown) for hop in hops]
        table.add_row("[bold]all[/]", *(_cell(count, lack) for count, lack in zip(totals, lacking, strict=True)))
    console.print()
    console.print(table)


def _cell(count: int, lack: int) -> str:
    if lack:
        return f"[red]{count:,} -{lack:,}[/]"
    return f"{count:,}" if count else "[dim]·[/]"
