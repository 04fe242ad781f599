"""What the recommendation feed costs: events a second a core through its mapping, and PutEvents calls for a batch.

    python -m benchmarks.recommendations

Decoding is left out (benchmarks.decoders has it), and so is the network.
"""

import statistics
import sys
import time
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "lambdas"))

from recommendations.feed import MAX_EVENTS, Entry, by_session  # noqa: E402 - found through the line above
from recommendations.interactions import Rules, interactions  # noqa: E402
from shared.events.event import ADD_TO_CART, PAGE_VIEW, PRODUCT_CLICK, PURCHASE, Event, Product, Undecodable  # noqa: E402

TARGET = 100_000  # events a second a core
BATCH = 500
SESSIONS = (1, 50, 500)
ROUNDS = 15
RULES = Rules()
SHIRT, HAT = Product("ocean-blue-shirt", price=Decimal("19.99")), Product("hat", price=Decimal("9.50"), quantity=2)

# What a batch may consist of: the dearest last, as an order of two products is two interactions.
KINDS = {
    "a shop's mixture": (PAGE_VIEW, PRODUCT_CLICK, ADD_TO_CART, PURCHASE),
    "clicks alone": (PRODUCT_CLICK,),
    "orders of two products alone": (PURCHASE,),
}


def events(names: Sequence[str], sessions: int = 50) -> list[Event]:
    found = []
    for number in range(BATCH):
        name = names[number % len(names)]
        products = (SHIRT, HAT) if name == PURCHASE else () if name == PAGE_VIEW else (SHIRT,)
        at = 1_551_110_105_905 + number
        event = Event(f"{number:08}-5d5d-4d5d-8d5d-5d5d5d5d5d5d", name, at, at, f"client-{number % sessions}")
        found.append(event._replace(products=products, user_id=f"user-{number % sessions}"))
    return found


def rate(batch: Sequence[Event]) -> float:
    """Events a second of processor time, the median of some rounds."""
    seconds = []
    for _ in range(ROUNDS):
        begun = time.process_time()
        for _ in range(10):
            for event in batch:
                interactions(event, RULES)
        seconds.append(time.process_time() - begun)
    return 10 * len(batch) / statistics.median(seconds)


def calls(batch: Sequence[Event]) -> int:
    entries = [
        Entry(position, interaction)
        for position, event in enumerate(batch)
        if (found := interactions(event, RULES)) and not isinstance(found, Undecodable)
        for interaction in found
    ]
    return sum(-(-len(session) // MAX_EVENTS) for session in by_session(entries))


def main() -> None:
    console = Console()
    table = Table(title="mapping to PutEvents: events a second a core", title_justify="left")
    for column in ("events", "events/s", "target", "ratio"):
        table.add_column(column, justify="left" if column == "events" else "right")
    for name, names in KINDS.items():
        found = rate(events(names))
        table.add_row(name, f"{found:,.0f}", f"{TARGET:,}", f"{found / TARGET:.1f}")
    console.print(table)
    called = Table(title=f"PutEvents calls for a batch of {BATCH} clicks", title_justify="left")
    for column in ("sessions", "calls"):
        called.add_column(column, justify="right")
    for sessions in SESSIONS:
        called.add_row(f"{sessions}", f"{calls(events((PRODUCT_CLICK,), sessions))}")
    console.print(called)


if __name__ == "__main__":
    main()
