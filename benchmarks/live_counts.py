"""What live counts cost: events a second a core through the rules, and items written for 1,000 events.

    python -m benchmarks.live_counts

Batches of 500 events of 50 players. Decoding is left out (benchmarks.decoders has it), and so is the network: what is
timed is whose events these are, where they were, what is new, and the transactions that write it.
"""

import statistics
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "lambdas"))

from live_counts import place  # noqa: E402 - found through the line above
from live_counts.counts import Tables, transactions  # noqa: E402
from live_counts.places import NOWHERE, Place, plan  # noqa: E402
from shared.events.event import ADD_TO_CART, PAGE_VIEW, PRODUCT_VIEW, PURCHASE, Event  # noqa: E402
from shared.records import Record  # noqa: E402

TARGET = 100_000  # events a second a core
MAX_WRITES = 60  # for 1,000 events of players who mostly stay
PLAYERS, EVENTS_EACH, BATCHES = 50, 10, 40
ROUNDS = 15
NAMES = (PAGE_VIEW, PRODUCT_VIEW, ADD_TO_CART, PURCHASE)
TABLES = Tables(players="players", levels="levels", transitions="transitions", sightings="sightings")

# How many of the 50 move in each batch, halfway.
HISTORIES = {"one player in ten moves in a batch": 5, "every player moves in every batch": 50}


def batches(movers: int) -> list[list[Any]]:
    """Records of a history, already decoded."""
    found: list[list[Any]] = []
    for batch in range(BATCHES):
        records: list[Any] = []
        for turn in range(EVENTS_EACH):
            for player in range(PLAYERS):
                moves = max(0, batch - (turn < EVENTS_EACH // 2)) if player < movers else 0
                at = (batch * EVENTS_EACH + turn) * 1000
                event = Event(f"{at}-{player}", NAMES[(player + moves) % 4], at, at, f"player {player}")
                records.append(Record("0", event, at))  # pyright: ignore[reportArgumentType]
        found.append(records)
    return found


def run(history: Sequence[Sequence[Any]]) -> list[int]:
    """Takes a history in; returns how many items each batch writes."""
    stored: dict[str, Place] = {}
    remembered: dict[str, Place] = {}
    written: list[int] = []
    for records in history:
        brought = place.sort_out(records, 0).places
        wanted = plan(
            brought, {player: stored.get(player, NOWHERE) for player in brought}, remembered, remembered, cutoff=0
        )
        items = 0
        for changes in transactions(wanted.moves):
            items += len(changes.writes(TABLES))
            stored.update((player, after) for player, (_, after) in changes.players.items())
        if wanted.remembered is not None:
            remembered = dict(wanted.remembered)
            items += 1
        written.append(items)
    return written


def rate(history: Sequence[Sequence[Any]]) -> float:
    """Events a second of processor time, the median of some rounds."""
    rounds: list[float] = []
    for _ in range(ROUNDS):
        begun = time.process_time()
        run(history)
        rounds.append(sum(map(len, history)) / (time.process_time() - begun))
    return statistics.median(rounds)


def main() -> None:
    place.decode = lambda data: data  # pyright: ignore[reportAttributeAccessIssue]
    table = Table(title="live counts: batches of 500 events of 50 players at 4 levels", title_justify="left")
    for column in ("history", "figure", "measured", "target", "ratio"):
        table.add_column(column, justify="left" if column in ("history", "figure") else "right")
    for name, movers in HISTORIES.items():
        history = batches(movers)
        found = rate(history)
        table.add_row(name, "events/s a core", f"{found:,.0f}", f"{TARGET:,}", f"{found / TARGET:.1f}")
        writes = 2 * statistics.mean(run(history)[1:])  # in the first batch, everybody enters
        target = f"{MAX_WRITES}" if movers < PLAYERS else ""
        ratio = f"{MAX_WRITES / writes:.1f}" if target else ""
        table.add_row("", "items written for 1,000 events", f"{writes:,.0f}", target, ratio)
    Console().print(table)


if __name__ == "__main__":
    main()
