"""Events by their ids: from the warehouse's RAW, else from the streams, which keep them for a day or more."""

import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from headrace.console import Problem
from headrace.home import PROJECT_FOLDER
from headrace.hops.cloud import Cloud
from headrace.warehouse import connected, find

# What stands in RAW and in the streams is read by the code that the functions read it with.
sys.path.append(str(PROJECT_FOLDER / "lambdas"))

from shared.events.decode import decode
from shared.events.event import Event

STREAMS = {"events_stream": "events", "enriched_stream": "enriched", "segment_stream": "segment"}
SEARCH_SECONDS = 20.0  # in all streams
RECORDS_A_CALL = 2_000


@dataclass(frozen=True, kw_only=True)
class Found:
    """An event, and where it was found: RAW, or a stream's name in the program."""

    event: Event
    place: str


def find_events(stack: str, published: Mapping[str, Any], cloud: Cloud, event_ids: Sequence[str]) -> dict[str, Found]:
    """Those of the events that can be found, by id. Raises Problem where the warehouse can not be asked, and
    botocore's errors."""
    found: dict[str, Found] = {}
    if "snowflake_database" in published:
        found |= _matching(_raw(stack, event_ids), event_ids, "RAW")
    kinesis, deadline = cloud.client("kinesis"), time.monotonic() + SEARCH_SECONDS
    for output, place in STREAMS.items():
        missing = [event_id for event_id in event_ids if event_id not in found]
        if missing and output in published:
            found |= _matching(_records(kinesis, published[output], deadline), missing, place)
    return found


def _matching(lines: Iterable[bytes], event_ids: Sequence[str], place: str) -> dict[str, Found]:
    """Reads until all are found."""
    wanted, found = set(event_ids), dict[str, Found]()
    marks = [event_id.encode() for event_id in event_ids if event_id.isascii()]
    plain = len(marks) == len(event_ids)
    for line in lines:
        if plain and not any(mark in line for mark in marks):
            continue  # decoding each would take ten times as long
        event = decode(line)
        if isinstance(event, Event) and event.event_id in wanted:
            found[event.event_id] = Found(event=event, place=place)
            if len(found) == len(wanted):
                break
    return found


def _raw(stack: str, event_ids: Sequence[str]) -> list[bytes]:
    """The envelopes that RAW has of them; none where there is no RAW yet."""
    try:
        place = find(stack)
    except Problem:
        return []  # the streams may still know
    literals = ", ".join(_literal(event_id) for event_id in event_ids)
    with connected(place, raw_only=True) as warehouse:
        rows = warehouse.rows(f"select DATA from {place.raw} where REQUEST_ID in ({literals})")  # noqa: S608 -- quoted
    return [str(data).encode() for (data,) in rows]


def _literal(text: str) -> str:
    """A text of SQL, on both engines: a backslash means something to one of them, and stands in no id of RAW."""
    return "'" + text.replace("'", "''").replace("\\", "") + "'"


def _records(kinesis: Any, stream: str, deadline: float) -> Iterator[bytes]:
    """A stream's records from its beginning, for as long as there is time."""
    pages = kinesis.get_paginator("list_shards").paginate(StreamName=stream)
    for shard in [shard for page in pages for shard in page["Shards"]]:
        iterator = kinesis.get_shard_iterator(
            StreamName=stream, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
        )["ShardIterator"]
        while iterator and time.monotonic() < deadline:
            answer = kinesis.get_records(ShardIterator=iterator, Limit=RECORDS_A_CALL)
            yield from (record["Data"] for record in answer["Records"])
            iterator = answer.get("NextShardIterator")
            if not answer["Records"] and not answer.get("MillisBehindLatest"):
                break
