"""What would be mended, for a person: how many, and some of them before and after."""

import json
from collections.abc import Mapping

from rich.table import Table
from rich.text import Text

from headrace.console import console
from headrace.events.readable import visible
from headrace.recover.plan import GOOD, Plan, Sample

MOST_CHARACTERS = 160  # of a value that is shown
# What a settled hit has by itself, unless the file says so: an id, an address, when it happened.
ADDED = frozenset({"z", "uip", "messageId", "context.ip", "eid", "ip", "dtm", "_happened_at"})
RETIMED = frozenset({"timestamp", "originalTimestamp", "sentAt"})


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
    before, after = _flat(sample.before), _flat(sample.after.hit if sample.after else sample.before)
    changes = [name for name in {**before, **after} if before.get(name) != after.get(name) and not _own(name, before)]
    _print(f"  {_written(sample.before)}", "dim")
    for name in changes:
        if name in before:
            _print(f"    - {name}: {_written(before[name])}", "red")
        if name in after:
            _print(f"    + {name}: {_written(after[name])}", "green")


def _flat(value: object, name: str = "") -> dict[str, object]:
    """What is inside objects and lists, by its path: `ue_pr.data.schema`."""
    if isinstance(value, dict | list) and value:
        members = value.items() if isinstance(value, dict) else enumerate(value)
        found: dict[str, object] = {}
        for key, item in members:
            found |= _flat(item, f"{name}.{key}" if name else str(key))
        return found
    return {name: value}


def _own(name: str, before: Mapping[str, object]) -> bool:
    """Whether a change is that of recovering itself, which makes the hit the same at every attempt."""
    return name in RETIMED or (name in ADDED and name not in before)


def _written(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= MOST_CHARACTERS else f"{text[:MOST_CHARACTERS]}…"


def _print(text: str, style: str) -> None:
    console.print(Text(visible(text.replace("\n", "⏎")), style=style), soft_wrap=True)
