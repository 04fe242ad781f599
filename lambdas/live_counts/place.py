"""Lambda's entry for the sources: batches of events bring players to their levels."""

import logging
import os
import time
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from botocore.exceptions import BotoCoreError, ClientError

from live_counts.counts import Tables
from live_counts.levels import BY_PRODUCT, LEVELS
from live_counts.places import Place
from live_counts.settling import Settled, Settler
from shared import refusals
from shared.clients import client
from shared.events.decode import decode
from shared.events.event import NAMES, Undecodable
from shared.observability import count, log
from shared.outlet import outlet
from shared.processing import Refused, error_code
from shared.records import Failures, Record, done_of, failures, kinesis_records
from shared.states import Unread

LEVEL = os.environ.get("LEVEL", "funnel_stage")
LEVEL_OF = LEVELS[LEVEL]
DETAILED = NAMES if LEVEL in BY_PRODUCT else ()
GONE_AFTER_MS = int(os.environ.get("GONE_AFTER_SECONDS", "300")) * 1000


class Batch(NamedTuple):
    """A batch sorted out. places: by player. first: by player, the position of the first record. late: how many events
    were too old to say where anybody is now."""

    places: Mapping[str, Sequence[Place]]
    first: Mapping[str, int]
    undecodable: Mapping[int, Undecodable]
    ignored: int
    late: int


def handler(event: Any, context: Any) -> Failures:
    """Returns Lambda's partial batch answer: from the first event of whoever could not be brought up to date."""
    records = kinesis_records(event)
    cutoff = time.time_ns() // 1_000_000 - GONE_AFTER_MS
    batch = sort_out(records, cutoff)
    errors: set[str] = set()
    settled = Settled(list(batch.places), 0, 0)
    if batch.places:
        try:
            settled = Settler(client("dynamodb"), Tables.of(os.environ), shard_of(event)).settle(batch.places, cutoff)
        except (Unread, BotoCoreError, ClientError) as error:
            errors.add(error_code(error))
    failed = min((batch.first[player] for player in settled.unsettled), default=len(records))
    # Lambda hands over what follows the first failure once more: bad rows of that are kept then.
    refused = [Refused(records[at], why) for at, why in batch.undecodable.items() if at < failed]
    sequences = [records[failed].sequence] if failed < len(records) else []
    if refused and refusals.KEEPS_UNDECODABLE:
        sequences += refusals.keep(refused, outlet(), lambda: context.get_remaining_time_in_millis() / 1000)
    report(batch, settled, len(refused), errors, done_of(event, sequences))
    return failures(sequences)


def sort_out(records: Sequence[Record], cutoff: int) -> Batch:
    """What a batch says of players. cutoff: epoch ms; older events say nothing of now."""
    places: dict[str, list[Place]] = {}
    first: dict[str, int] = {}
    undecodable: dict[int, Undecodable] = {}
    ignored = late = 0
    for position, record in enumerate(records):
        event = decode(record.data, DETAILED)
        if isinstance(event, Undecodable):
            undecodable[position] = event
            continue
        standing = LEVEL_OF(event)
        if standing is None:
            ignored += 1
        elif event.occurred_at < cutoff:
            late += 1
        else:
            player, level = standing
            if player not in places:
                places[player] = []
                first[player] = position
            places[player].append(Place(level, event.occurred_at, event.event_id))
    return Batch(places, first, undecodable, ignored, late)


def shard_of(event: Mapping[str, Any]) -> str:
    """Which shard a batch is of: `stream/shardId-000000000000`. All of its records are of one."""
    record = event["Records"][0]
    return f"{record['eventSourceARN'].rpartition('/')[2]}/{record['eventID'].partition(':')[0]}"


def report(batch: Batch, settled: Settled, refused: int, errors: set[str], done: Mapping[str, Any]) -> None:
    """One log line and the metrics of a batch."""
    unsettled = len(settled.unsettled)
    log(
        logging.WARNING if unsettled else logging.INFO,
        "batch",
        **done,
        players=len(batch.places),
        moves=settled.moves,
        writes=settled.writes,
        ignored=batch.ignored,
        late=batch.late,
        refused=refused,
        unsettled=unsettled,
        errors=sorted(errors),
    )
    count(
        {
            "Processed": done["done"],
            "Moves": settled.moves,
            "Writes": settled.writes,
            "Late": batch.late,
            "Refused": refused,
            "Failed": done["again"],
        },
        by_reason={},
    )
