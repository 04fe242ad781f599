"""Every minute, those who were not seen for too long leave their level. EventBridge Scheduler invokes it.

Only who is somewhere has a row, so the scan is as long as there are players now. It goes by segments, beginning with
another one each minute: a run that has no time left goes on where few runs came.

It also looks at all who were remembered lately. Whoever was removed at the very moment at which a shard remembered them
is brought back; that a function was killed between two writes is mended here too.
"""

import logging
import os
import time
from collections.abc import Callable, Iterator
from typing import Any

from live_counts.counts import Tables
from live_counts.places import CLOCKS_MS
from live_counts.settling import Settled, Settler
from live_counts.sightings import Sightings, newest
from shared.clients import client
from shared.observability import count, log

GONE_AFTER_MS = int(os.environ.get("GONE_AFTER_SECONDS", "300")) * 1000

SEGMENTS = 8
PAGE_SECONDS = 10  # no page is begun with less time: it has up to 1 MB, and so some 8,000 players may leave at once


def handler(_event: Any, context: Any) -> dict[str, object]:
    """Raises botocore's errors where tables can not be read: the function's error alarm is then right to ring."""
    summary = prune(
        client("dynamodb"),
        Tables.of(os.environ),
        now=time.time_ns() // 1_000_000,
        time_left=lambda: context.get_remaining_time_in_millis() / 1000,
    )
    log(logging.INFO if summary["finished"] else logging.WARNING, "prune", **summary)
    count({"Left": summary["moves"], "Writes": summary["writes"], "Failed": summary["unsettled"]}, by_reason={})
    return summary


def prune(dynamodb: Any, tables: Tables, *, now: int, time_left: Callable[[], float]) -> dict[str, Any]:
    """One run. now: epoch ms. Returns what it did; `finished` says whether it came to every player."""
    settler, cutoff = Settler(dynamodb, tables), now - GONE_AFTER_MS
    remembered = newest(Sightings(dynamodb, tables.sightings).load().values())
    runs = [settler.settle(dict.fromkeys(remembered, ()), cutoff)] if remembered else []
    finished = True
    for page in pages(dynamodb, tables.players, cutoff - CLOCKS_MS, first=now // 60_000 % SEGMENTS):
        if time_left() < PAGE_SECONDS:
            finished = False
            break
        runs.append(settler.settle(dict.fromkeys(page, ()), cutoff))
    return {**totals(runs), "finished": finished}


def pages(dynamodb: Any, table: str, before: int, first: int) -> Iterator[list[str]]:
    """Players whose rows are older than `before`, ms: a page of the scan at a time."""
    for segment in range(first, first + SEGMENTS):
        scan = dynamodb.get_paginator("scan").paginate(
            TableName=table,
            Segment=segment % SEGMENTS,
            TotalSegments=SEGMENTS,
            FilterExpression="lastUpdated < :before",
            ProjectionExpression="playerId",
            ExpressionAttributeValues={":before": {"N": str(before)}},
        )
        for page in scan:
            if page["Items"]:
                yield [item["playerId"]["S"] for item in page["Items"]]


def totals(runs: list[Settled]) -> dict[str, int]:
    return {
        "moves": sum(run.moves for run in runs),
        "writes": sum(run.writes for run in runs),
        "unsettled": sum(len(run.unsettled) for run in runs),
    }
