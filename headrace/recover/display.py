"""What would be mended, for a person: how many, and some of them before and after."""

import json
from typing import Any

from rich.table import Table
from rich.text import Text

from headrace.console import console
from headrace.events.readable import visible
from headrace.recover.plan import GOOD, Plan, Sample

MOST_CHARACTERS = 160  # of a value that is shown
# What recovering adds by itself to make the hit the same at every attempt.
OWN = {"z", "uip", "messageId", "timestamp", "sentAt", "context", "eid", "ip", "dtm", "_happened_at"}


def show(plan: Plan) -> None:
    """The counts, and samples under them."""
    table = Table(box=None, padding=(0, 2, 0, 0))
    for column in ("was bad for", "would be"):
        table.add_column(column, overflow="fold")
    table.add_column("hits", justify="right")
    for (reason, what), count in sorted(plan.outcomes.items()):
        table.add_row(visible(reason), Text(visible(what), style="green" if what == GOOD else "red"), f"{count:,}")
    if plan.outcomes:
        console.print(table)
    for (reason, what), samples in sorted(plan.samples.items()):
        console.print(
            Text.assemble("\n", (visible(reason), "bold"), " → ", (visible(what), "green" if what == GOOD else "red"))
        )
        for sample in samples:
            _show(sample)


def _show(sample: Sample) -> None:
    if sample.message:
        _print(f"  {sample.message}", "red")
    if not isinstance(sample.before, dict):
        _print(f"  {sample.before}", "dim")
        if sample.after:
            _print(f"  → {_written(sample.after.hit)}", "green")
        return
    after = sample.after.hit if sample.after else sample.before
    changes = [name for name in {**sample.before, **after} if _differs(name, sample.before, after)]
    same = {name: value for name, value in sample.before.items() if name not in changes}
    _print(f"  {_written(same)}", "dim")
    for name in changes:
        if name in sample.before:
            _print(f"    - {name}: {_written(sample.before[name])}", "red")
        if name in after:
            _print(f"    + {name}: {_written(after[name])}", "green")


def _differs(name: str, before: dict[str, Any], after: dict[str, Any]) -> bool:
    if name in OWN and (name not in before or name == "context" or name in ("timestamp", "sentAt")):
        return False
    return before.get(name) != after.get(name)


def _written(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= MOST_CHARACTERS else f"{text[:MOST_CHARACTERS]}…"


def _print(text: str, style: str) -> None:
    console.print(Text(visible(text.replace("\n", "⏎")), style=style), soft_wrap=True)
