"""What the real-time applications cost: events a second a core of each pure step, and writes for a thousand events.

    python -m benchmarks.applications

A step is what an application makes of a batch of decoded events, without reading or writing a table. An application
adds itself to STEPS, and to WRITES if its writes are a figure to reach.
"""

import contextlib
import os
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "lambdas"))

from offers.customer import NOBODY, learn, says_something  # noqa: E402 - found through the line above
from offers.decision import Identity, decide  # noqa: E402
from offers.rules import Rules  # noqa: E402

from shared.events.event import Event, Product  # noqa: E402

TARGET = 100_000  # events a second a core
BATCH = 500
CUSTOMERS = 50
ROUNDS = 15
BEGIN = 1_763_777_777_000  # epoch ms

NAMES = ("page_view", "product_view", "add_to_cart", "remove_from_cart", "purchase")  # what a shop's visitors do


class Step(NamedTuple):
    """run: one batch of events, from nothing. make_events: the batch."""

    name: str
    make_events: Callable[[], Sequence[Event]]
    run: Callable[[Sequence[Event]], object]


def shop_events(signals_only: bool = False) -> list[Event]:
    """A batch of CUSTOMERS customers in turn, each a page, a product, into the cart, out of it, an order."""
    names = NAMES[2:] if signals_only else NAMES
    return [
        Event(
            event_id=f"{number:08}-5d5d-4d5d-8d5d-5d5d5d5d5d5d",
            name=(name := names[number // CUSTOMERS % len(names)]),
            occurred_at=BEGIN + number * 1000,
            received_at=BEGIN + number * 1000,
            client_id=f"client-{number % CUSTOMERS}",
            user_id=f"user-{number % CUSTOMERS}",
            products=() if name == "page_view" else (Product(f"sku-{number % 97}", "A thing", price=Decimal("9.90")),),
            value=Decimal("59.90") if name == "purchase" else None,
        )
        for number in range(BATCH)
    ]


def step_offers(events: Sequence[Event]) -> object:
    """As a batch is taken: grouped by customer, learnt from, decided on."""
    rules, by_user, decided = Rules(), dict[str, list[Event]](), []
    for event in events:
        if says_something(event) and event.user_id:
            by_user.setdefault(event.user_id, []).append(event)
    for user_id, seen in by_user.items():
        decided.append(decide(Identity("user", user_id), learn(NOBODY, seen, rules), rules))
    return decided


STEPS = [
    Step("offers", shop_events, step_offers),
    Step("offers, each event a signal", lambda: shop_events(signals_only=True), step_offers),
]


def rate(step: Step) -> float:
    """Events a second: the median of several rounds."""
    events, seconds = step.make_events(), []
    for _ in range(ROUNDS):
        began = time.process_time()
        for _ in range(10):
            step.run(events)
        seconds.append(time.process_time() - began)
    return 10 * len(events) / statistics.median(seconds)


class Counting:
    """A table in memory that counts its writes."""

    def __init__(self) -> None:
        self.items: dict[str, Any] = {}
        self.writes = 0

    def load(self, keys: Any) -> dict[str, Any]:
        from shared.states import NOTHING

        return {key: self.items.get(key, NOTHING) for key in keys}

    def save(self, key: str, attributes: Any, version: int, _effects: Any = ()) -> None:
        from shared.states import Stored

        self.items[key] = Stored(attributes, version + 1)
        self.writes += 1


def writes_of_offers() -> int:
    """Of 1,000 events in batches of 500, of 50 customers whom nobody knew before: the most that it can be."""
    from offers.taking import Tables, take

    from tests.integration.offers.records import batch, hit

    actions = {"page_view": "pageview", "product_view": "detail", "add_to_cart": "add", "remove_from_cart": "remove"}
    tables = Tables(Counting(), Counting())  # pyright: ignore[reportArgumentType] - they need no more of a table
    for start in (0, BATCH):
        records = [
            hit(
                f"{start}-{event.event_id}",
                actions.get(event.name, event.name),
                event.occurred_at + start * 1000,
                client=event.client_id,
                user=event.user_id,
                skus=event.skus,
                value=None if event.value is None else str(event.value),
            )
            for event in shop_events()
        ]
        with Path(os.devnull).open("w") as nowhere, contextlib.redirect_stdout(nowhere):
            take(batch(records), tables, Rules(), lambda _refused: [])
    return sum(table.writes for table in tables)  # pyright: ignore[reportAttributeAccessIssue]


WRITES = [("offers", writes_of_offers, 150)]


def main() -> None:
    console = Console()
    table = Table(title="pure steps: events a second a core", title_justify="left")
    for column in ("application", "events/s", "target", "ratio"):
        table.add_column(column, justify="left" if column == "application" else "right")
    for step in STEPS:
        found = rate(step)
        table.add_row(step.name, f"{found:,.0f}", f"{TARGET:,}", f"{found / TARGET:.1f}")
    console.print(table)
    written = Table(title="writes for 1,000 events, batches of 500, 50 active keys", title_justify="left")
    for column in ("application", "writes", "at most"):
        written.add_column(column, justify="left" if column == "application" else "right")
    for name, count, limit in WRITES:
        written.add_row(name, f"{count():,}", f"{limit:,}")
    console.print(written)


if __name__ == "__main__":
    main()
