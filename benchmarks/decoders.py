"""What it costs to read an event: records a second a core, of each kind of stream.

    python -m benchmarks.decoders

The records are typical ones of the tests' corpus. Snowplow's enriched events are read by the Snowplow analytics SDK's
transform too, which the reference applications use: it gives a dictionary of all fields, ours an Event.
"""

import statistics
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import orjson
from rich.console import Console
from rich.table import Table
from snowplow_analytics_sdk.event_transformer import transform

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "lambdas"))

from shared.events.decode import decode  # noqa: E402 - found through the line above
from shared.events.event import Event  # noqa: E402

CORPUS = ROOT / "tests" / "unit" / "lambdas" / "shared" / "events" / "corpus"
TARGET = 100_000  # records a second a core
CALLS = 5_000
ROUNDS = 15

KINDS = {  # what a shop's visitors mostly do
    "envelope": ["page_view", "product_view", "add_to_cart", "remove_from_cart", "purchase"],
    "segment": ["page", "product_viewed", "product_added", "product_removed", "order_completed"],
    "snowplow": ["page_view", "ecommerce_product_view", "add_to_cart", "remove_from_cart", "transaction"],
}


def records(kind: str) -> list[bytes]:
    """The kind's records as a stream has them: on one line."""
    if kind == "snowplow":
        return [(CORPUS / f"snowplow_{name}.tsv").read_bytes().rstrip(b"\n") for name in KINDS[kind]]
    return [orjson.dumps(orjson.loads((CORPUS / f"{kind}_{name}.json").read_bytes())) for name in KINDS[kind]]


def rate(read: Callable[[bytes], Any], samples: Sequence[bytes]) -> float:
    """Records a second of processor time, the median of some rounds."""
    some = list(samples) * (CALLS // len(samples))
    rounds: list[float] = []
    for _ in range(ROUNDS):
        begun = time.process_time()
        for record in some:
            read(record)
        rounds.append(len(some) / (time.process_time() - begun))
    return statistics.median(rounds)


def main() -> None:
    table = Table(title="decoders: records a second a core", title_justify="left")
    for column in ("records", "bytes each", "read by", "records/s", "target", "ratio"):
        table.add_column(column, justify="left" if column in ("records", "read by") else "right")
    for kind in KINDS:
        samples = records(kind)
        assert all(isinstance(decode(sample), Event) for sample in samples)
        size = f"{statistics.mean(map(len, samples)):,.0f}"
        target = float(TARGET)
        if kind == "snowplow":
            target = rate(lambda record: transform(record.decode()), samples)
            table.add_row(kind, size, "SDK's transform", f"{target:,.0f}", "", "")
        ours = rate(decode, samples)
        table.add_row(kind, size, "decode", f"{ours:,.0f}", f"{target:,.0f}", f"{ours / target:.1f}")
    for kind in ("envelope", "segment"):
        samples = records(kind)
        table.add_row(kind, "", "orjson alone", f"{rate(orjson.loads, samples):,.0f}", "", "")
    Console().print(table)


if __name__ == "__main__":
    main()
