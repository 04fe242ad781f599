"""What loyalty promotions cost: events a second a core through the rules, and lines of files a second through theirs.

    python -m benchmarks.loyalty

Batches of 500 events of 50 customers, of whom there are 2,000. Decoding is left out (benchmarks.decoders has it), and
so is the network: what is timed is whose events these are, what they mean, and the decisions.
"""

import statistics
import sys
import time
from collections.abc import Callable, Sequence
from decimal import Decimal
from itertools import cycle, islice
from pathlib import Path

from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "lambdas"))

from loyalty.application import Loyalty  # noqa: E402 - found through the line above
from loyalty.customers import Customer  # noqa: E402
from loyalty.files import CONVERSIONS, MEMBERS, Dropped  # noqa: E402
from loyalty.lines import Encoding, cut  # noqa: E402
from loyalty.sorting import sort_out  # noqa: E402
from shared.events.event import ADD_TO_CART, PAGE_VIEW, PRODUCT_VIEW, PROMOTION_CLICK, PURCHASE, Event  # noqa: E402
from shared.states import NOTHING  # noqa: E402

TARGET = 100_000  # events a second a core
CUSTOMERS, ACTIVE, BATCH, BATCHES = 2_000, 50, 500, 100
LINES, LINES_AT_A_TIME = 30_000, 300
ROUNDS = 9

# What visitors of a shop do, of twenty things; and as if every event were a conversion.
MIXES = {
    "events of a shop": [PAGE_VIEW] * 10 + [PRODUCT_VIEW] * 6 + [PROMOTION_CLICK] + [ADD_TO_CART] * 2 + [PURCHASE],
    "conversions alone": [PROMOTION_CLICK, ADD_TO_CART, ADD_TO_CART, PURCHASE],
}
FILES = {
    "lines of members": (MEMBERS, "customer{}@example.org, fb_user{}, insta_user{}, F\n"),
    "lines of conversions": (
        CONVERSIONS,
        "MarsupialHoodie, PurchaseConversion, customer{}@example.org, [6;9], 18.64\n",
    ),
}


def batches(mix: Sequence[str]) -> list[list[Event]]:
    """A history of events, in batches."""
    names = cycle(mix)
    return [
        [
            event(next(names), batch * BATCH + number, (batch * ACTIVE + number % ACTIVE) % CUSTOMERS)
            for number in range(BATCH)
        ]
        for batch in range(BATCHES)
    ]


def event(name: str, number: int, customer: int) -> Event:
    return Event(
        f"{number:08x}-6a2f-5c0f-8f0a-4d1f3a5f7e21",
        name,
        1_795_000_000_000 + number,
        1_795_000_000_000 + number,
        f"browser {customer}",
        f"customer{customer}@example.org",
        page="https://shop.example/hoodies?sort=price",
        referrer="https://l.instagram.com/?u=shop",
        value=Decimal("18.64") if name is PURCHASE else None,
        properties={"t": "event", "promo1nm": "MarsupialHoodie"},
    )


def run(history: Sequence[Sequence[Event]]) -> int:
    """Takes a history in; returns how many decisions it brought."""
    application, customers, decisions = Loyalty("default"), dict[str, Customer](), 0
    for batch in history:
        by_key: dict[str, list[Event]] = {}
        for one in batch:
            key = application.key(one)
            if key is not None:
                by_key.setdefault(key, []).append(one)
        for key, events in by_key.items():
            customer = customers.get(key) or application.read(key, NOTHING)
            for one in events:
                customer, effects = application.step(customer, one)
                decisions += len(effects)
            customers[key] = customer
    return decisions


def read_file(prefix: str, content: bytes) -> int:
    """Reads a file's lines as the function does; returns how many can be used."""
    file = Dropped("lake", f"{prefix}list.csv", "", "etag", len(content), 1_795_000_000_000)
    lines, usable = cut([content], Encoding.UTF_8, 1, 0), 0
    while some := list(islice(lines, LINES_AT_A_TIME)):
        usable += len(sort_out(file, some, Encoding.UTF_8).rows)
    return usable


def rate(number: int, work: Callable[[], object]) -> float:
    """Things a second of processor time, the median of some rounds."""
    rounds: list[float] = []
    for _ in range(ROUNDS):
        begun = time.process_time()
        work()
        rounds.append(number / (time.process_time() - begun))
    return statistics.median(rounds)


def main() -> None:
    table = Table(title="loyalty promotions", title_justify="left")
    for column in ("what", "a second a core", "target", "ratio"):
        table.add_column(column, justify="left" if column == "what" else "right")
    for name, mix in MIXES.items():
        history = batches(mix)
        found = rate(BATCH * BATCHES, lambda history=history: run(history))
        table.add_row(name, f"{found:,.0f}", f"{TARGET:,}", f"{found / TARGET:.1f}")
    for name, (prefix, line) in FILES.items():
        content = "".join(line.format(*[number] * line.count("{}")) for number in range(LINES)).encode()
        assert read_file(prefix, content) == LINES
        table.add_row(name, f"{rate(LINES, lambda p=prefix, c=content: read_file(p, c)):,.0f}", "", "")
    Console().print(table)


if __name__ == "__main__":
    main()
