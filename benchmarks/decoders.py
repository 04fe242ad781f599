"""What it costs to read an event: records a second a core, of each kind of stream.

    python -m benchmarks.decoders

The records are those of one synthetic shop's visitors as the three trackers tell of them: pages and product views
mostly, a few carts and orders. Google Analytics' hits have gone through the collector. Snowplow's enriched events are
read by the Snowplow analytics SDK's transform too, which the reference applications use: it gives a dictionary of all
fields, ours an Event. What orjson alone takes is shown beside, to tell the machine's speed from ours.
"""

import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import orjson
from rich.console import Console
from rich.table import Table
from snowplow_analytics_sdk.event_transformer import transform

from pumper.batches import Filling
from pumper.dataset import open_dataset, synthetic_dataset
from pumper.hits import Hit
from pumper.rows import BadRows
from pumper.stream_records import stamped
from pumper.trackers import GOOGLE_ANALYTICS, SEGMENT, SNOWPLOW, TRACKERS

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "lambdas"))

from collect.configuration import Configuration
from collect.taking import take_in
from shared.events.decode import decode
from shared.events.event import Event

TARGET = 100_000  # records a second a core
EVENTS = 3_000
CHUNK = 250  # records between two looks at the clock: less than a scheduler's turn
ROUNDS = 15

Read = Callable[[bytes], Any]


def hits(tracker: str, folder: Path) -> list[Hit]:
    """The shop's events as a tracker has them."""
    dataset = synthetic_dataset(folder, events=EVENTS, seed=1, show=lambda *_: None)
    with open_dataset(dataset, folder, by_time=False, seed=1, bad=BadRows(), show=lambda *_: None) as opened:
        encoder = opened.encoder(0, tracker)
        return [hit for run in opened.source.runs(None) for hit in encoder.hits(run)][:EVENTS]


def records(tracker: str, folder: Path) -> list[bytes]:
    """They, as they stand in a stream."""
    found = hits(tracker, folder)
    spell, now = TRACKERS[tracker].spell_time, time.time_ns() // 1_000_000
    if spell is None:
        return [envelope(hit.body, now) for hit in found]
    filling = Filling(0, sys.maxsize)
    filling.take(found, len(found))
    return [record.data for told in stamped(filling.batch(0), 0, now, spell) for record in told]


def envelope(body: str, now: int) -> bytes:
    """What the collector makes of one hit."""
    http = {"method": "POST", "path": "/collect", "sourceIp": "203.0.113.77"}
    context = {"domainName": "collect.example", "requestId": "UKQ5xhRgjoEEMeA=", "stage": "$default", "http": http}
    event = {
        "rawPath": "/collect",
        "rawQueryString": "",
        "headers": {"content-type": "text/plain", "user-agent": "headrace-pumper", "accept-language": "fr-BE,fr;q=0.9"},
        "requestContext": {**context, "timeEpoch": now},
        "body": body,
        "isBase64Encoded": False,
    }
    (item,) = take_in(event, Configuration()).events
    return item.data


def rates(samples: Sequence[bytes], readers: Sequence[Read]) -> list[float]:
    """Each reader's records a second of processor time: of each chunk the quickest round, since what else the machine
    does only ever slows them."""
    seconds = [0.0 for _ in readers]
    for at in range(0, len(samples), CHUNK):
        chunk = samples[at : at + CHUNK]
        rounds = [[_seconds(read, chunk) for read in readers] for _ in range(ROUNDS)]
        seconds = [sum(pair) for pair in zip(seconds, map(min, *rounds), strict=True)]
    return [len(samples) / spent for spent in seconds]


def _seconds(read: Read, chunk: Sequence[bytes]) -> float:
    begun = time.process_time()
    for record in chunk:
        read(record)
    return time.process_time() - begun


def main() -> None:
    table = Table(title="decoders: records a second a core", title_justify="left")
    for column in ("records", "bytes each", "read by", "records/s", "target", "ratio"):
        table.add_column(column, justify="left" if column in ("records", "read by") else "right", no_wrap=True)
    with tempfile.TemporaryDirectory() as folder:
        for tracker in (GOOGLE_ANALYTICS, SEGMENT, SNOWPLOW):
            samples = records(tracker, Path(folder))
            assert all(isinstance(decode(sample), Event) for sample in samples)
            other: Read = (lambda record: transform(record.decode())) if tracker == SNOWPLOW else orjson.loads
            ours, theirs = rates(samples, [decode, other])
            target = theirs if tracker == SNOWPLOW else TARGET
            size = f"{statistics.mean(map(len, samples)):,.0f}"
            table.add_row(tracker, size, "decode", f"{ours:,.0f}", f"{target:,.0f}", f"{ours / target:.2f}")
            name = "the SDK's transform" if tracker == SNOWPLOW else "orjson alone"
            table.add_row("", "", name, f"{theirs:,.0f}", "", "")
    Console(width=100).print(table)


if __name__ == "__main__":
    main()
