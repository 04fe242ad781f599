"""Lambda's entry to the recommendation feed: batches of any source, told to Personalize as they are.

There is no table behind it. What an event says of an item depends on that event alone, and Personalize tells events
apart by their id: the second with the same id counts for nothing. So a batch that is repeated changes nothing.
"""

import logging
import os
import time
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

import boto3
from botocore.config import Config

from recommendations.feed import CONNECTIONS, Entry, Fed, Feed
from recommendations.interactions import EVENT_TYPES, VIEW_TYPES, Rules, interactions
from shared import refusals
from shared.events.decode import decode
from shared.events.event import Undecodable
from shared.observability import count, log
from shared.outlet import SPILL_SECONDS, outlet
from shared.processing import Refused
from shared.records import Failures, Record, done_of, failures, kinesis_records

RULES = Rules(
    item_property=os.environ.get("ITEM_PROPERTY", "itemId"),
    event_types={**EVENT_TYPES, **(VIEW_TYPES if os.environ.get("PRODUCT_VIEWS") == "true" else {})},
)

CONNECT_SECONDS = 1
READ_SECONDS = 4

# A call that hangs, and then the bad rows with their own way out: no call begins later.
CALL_SECONDS = CONNECT_SECONDS + READ_SECONDS
RESERVED_SECONDS = CALL_SECONDS + 2 * SPILL_SECONDS


class Batch(NamedTuple):
    """A batch sorted out. entries: what Personalize is told. undecodable, unfit: by position, why not."""

    records: Sequence[Record]
    entries: Sequence[Entry]
    undecodable: Mapping[int, Undecodable]
    unfit: Mapping[int, Undecodable]


def handler(event: Any, context: Any) -> Failures:
    """Returns Lambda's partial batch answer: what was not told, by the service's fault, comes again."""

    def time_left() -> float:
        return context.get_remaining_time_in_millis() / 1000

    batch = sort_out(kinesis_records(event), RULES)
    feed = Feed(client(), os.environ["TRACKING_ID"], lambda: time_left() - RESERVED_SECONDS, time.sleep)
    fed = feed.tell(batch.entries)
    refused = refusals_of(batch, fed)
    failed = [batch.records[position].sequence for position in sorted(fed.failed)]
    failed += refusals.keep(refused, outlet(), time_left) if refused else []
    report(batch, fed, refused, done_of(event, failed))
    return failures(failed)


@cache
def client() -> Any:
    # One attempt a call: the feed repeats calls itself, within the time that the function has.
    config = Config(
        connect_timeout=CONNECT_SECONDS,
        read_timeout=READ_SECONDS,
        retries={"total_max_attempts": 1},
        max_pool_connections=CONNECTIONS,
        tcp_keepalive=True,
    )
    return boto3.client("personalize-events", config=config)


def sort_out(records: Sequence[Record], rules: Rules) -> Batch:
    """Reads a batch; what means nothing here is in none of its parts."""
    entries: list[Entry] = []
    undecodable: dict[int, Undecodable] = {}
    unfit: dict[int, Undecodable] = {}
    for position, record in enumerate(records):
        event = decode(record.data, rules.event_types)
        if isinstance(event, Undecodable):
            undecodable[position] = event
            continue
        found = interactions(event, rules)
        if isinstance(found, Undecodable):
            unfit[position] = found
        elif found:
            entries += [Entry(position, interaction) for interaction in found]
    return Batch(records, entries, undecodable, unfit)


def refusals_of(batch: Batch, fed: Fed) -> list[Refused]:
    """The bad rows to keep, in order: those of records that Lambda will not hand over again."""
    rejected = {one.position: Undecodable("rejected", one.message, "personalize") for one in reversed(fed.rejected)}
    found = {**(batch.undecodable if refusals.KEEPS_UNDECODABLE else {}), **batch.unfit, **rejected}
    repeated_from = min(fed.failed, default=len(batch.records))
    return [Refused(batch.records[position], found[position]) for position in sorted(found) if position < repeated_from]


def report(batch: Batch, fed: Fed, refused: Sequence[Refused], done: Mapping[str, Any]) -> None:
    """One log line and the metrics of a batch."""
    reasons: dict[str, int] = {}
    for _, why in refused:
        reasons[why.reason] = reasons.get(why.reason, 0) + 1
    log(
        logging.WARNING if fed.failed else logging.INFO,
        "batch",
        **done,
        records=len(batch.records),
        fed=fed.fed,
        calls=fed.calls,
        retried=fed.retried,
        refused=reasons,
        undecodable=len(batch.undecodable),
        failed=len(fed.failed),
        errors=sorted(fed.errors),
    )
    count(
        {
            "Processed": done["done"],
            "Fed": fed.fed,
            "Calls": fed.calls,
            "Retried": fed.retried,
            "Failed": done["again"],
        },
        by_reason={"Refused": reasons},
    )
