"""Effects and events for a person: what happened, for whom, when, and why."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from rich.table import Table
from rich.text import Text

from headrace.console import console
from headrace.effects import Effect
from headrace.trace.events import Found

NOT_FOUND = "neither in RAW yet, nor in a stream any more"


def show_effect(effect: Effect, events: Mapping[str, Found]) -> None:
    """An effect and its causes, in the order in which they occurred."""
    console.print(Text.assemble((effect.kind, "bold"), f" {effect.effect_id}"))
    facts = Table.grid(padding=(0, 2))
    facts.add_row("  application", effect.application)
    facts.add_row("  for", Text(effect.key))  # brackets in a name are no mark-up of rich's
    facts.add_row("  decided", moment(effect.decided_at))
    facts.add_row("  performed", Text(performed(effect)))
    for name, value in {**effect.detail, **effect.result}.items():
        if value is None:
            continue
        facts.add_row(Text(f"  {name.replace('_', ' ')}"), Text(words(value)))
    console.print(facts)
    console.print("  because of")
    known = [events[event_id] for event_id in effect.caused_by if event_id in events]
    for found in sorted(known, key=lambda one: one.event.occurred_at):
        show_event(found)
    for event_id in effect.caused_by:
        if event_id not in events:
            _print(Text.assemble("    ?\n      ", event_id, (f"  {NOT_FOUND}", "dim")))
    console.print()


def show_event(found: Found) -> None:
    """An event on two lines: when, what and of what; its id, and where it is."""
    event = found.event
    said = [words({"sku": product.sku, "name": product.name}) for product in event.products]
    if event.value is not None:
        said.append(f"{event.value} {event.currency or ''}".strip())
    if event.order_id:
        said.append(f"order {event.order_id}")
    where = "in RAW" if found.place == "RAW" else f"not in RAW, in stream {found.place}"
    _print(
        Text.assemble(
            f"    {moment(event.occurred_at)}  {event.name}  {', '.join(said)}".rstrip(),
            f"\n      {event.event_id}",
            (f"  {where}", "dim"),
        )
    )


def performed(effect: Effect) -> str:
    """When it was done; or that it was not, and why."""
    if effect.performed_at is not None:
        return moment(effect.performed_at)
    return f"not yet: {effect.error}, it is tried again" if effect.error else "not yet"


def moment(milliseconds: int) -> str:
    return datetime.fromtimestamp(milliseconds / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def words(value: Any) -> str:
    """A JSON value as a person reads it; of a thing with a name, its name."""
    if isinstance(value, list):
        return ", ".join(words(one) for one in value)
    if isinstance(value, dict):
        sku, name = value.get("sku"), value.get("name")
        if sku:
            return f"{sku} ({name})" if name and name != sku else str(sku)
        return ", ".join(f"{key} {words(one)}" for key, one in value.items())
    return str(value)


def _print(text: Text) -> None:
    """As it is, however narrow the terminal: an id that is cut can not be copied."""
    console.print(text, soft_wrap=True)
