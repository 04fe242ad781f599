"""Puts spilled items back where they were meant to go. EventBridge Scheduler invokes it.

An object is deleted once all of its items were accepted. What is refused again stays, in its order: the object is
rewritten with the rest. Two runs at once, a run cut off between a put and a delete, or a rewrite that fails put items
twice; their `request.id` is the same, so readers drop the second.

An item that is refused for itself, alone in its put, would be refused for ever: it moves to `errors/spill/` with the
stream's reason. Nothing is ever deleted that was neither accepted nor moved.
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from shared.observability import count, log
from shared.outlet import READ_SECONDS, SPILL_SECONDS, Outlet, outlet
from shared.puts import ITEM_ERRORS, Item, Target, send
from shared.spill import PREFIX, REFUSED_PREFIX, Spilled, decode, encode, spill_key

# An object is only begun with this much time: reading it, a put for each role, and rewriting it may each be slow calls.
OBJECT_SECONDS = 4.0 * READ_SECONDS


@dataclass(slots=True)
class Run:
    """What a run did. left: items still in objects it looked at. moved: items that no stream will ever take. refusing:
    the roles whose stream takes nothing now."""

    objects: int = 0
    items: int = 0
    left: int = 0
    moved: int = 0
    unreadable: int = 0
    finished: bool = True
    refusing: set[str] = field(default_factory=set)


def handler(_event: Any, context: Any) -> dict[str, object]:
    """Raises botocore's errors where S3 can not be read: the function's error alarm is then right to ring."""
    run = put_back(outlet(), lambda: context.get_remaining_time_in_millis() / 1000)
    summary: dict[str, object] = {
        "objects": run.objects,
        "items": run.items,
        "left": run.left,
        "moved": run.moved,
        "unreadable": run.unreadable,
        "finished": run.finished,
    }
    wrong = run.left or run.moved or run.unreadable
    log(logging.WARNING if wrong else logging.INFO, "reingest", **summary)
    counts = {"Reingested": run.items, "Refused": run.left, "Moved": run.moved, "Unreadable": run.unreadable}
    count(counts, by_reason={})
    return summary


def put_back(streams: Outlet, time_left: Callable[[], float]) -> Run:
    """Goes through the spilled objects, oldest first, while there is time."""
    run = Run()
    s3 = streams.client("s3")
    for key in _keys(s3, streams.bucket):
        if time_left() < OBJECT_SECONDS:
            run.finished = False
            break
        _put_back_object(key, streams, s3, run, time_left)
    return run


def _put_back_object(key: str, streams: Outlet, s3: Any, run: Run, time_left: Callable[[], float]) -> None:
    try:
        spilled = decode(s3.get_object(Bucket=streams.bucket, Key=key)["Body"].read())
        targets = {role: streams.target(role) for role in dict.fromkeys(one.target for one in spilled)}
    except s3.exceptions.NoSuchKey:  # another run was here between the listing and now
        return
    except (ClientError, BotoCoreError, ValueError, KeyError, TypeError, AttributeError) as error:
        run.unreadable += 1
        log(logging.ERROR, "can not be put back; it stays", key=key, error=type(error).__name__)
        return
    left: list[Spilled] = []
    refused: list[Spilled] = []
    for role, target in targets.items():
        items = [one.item for one in spilled if one.target == role]
        # Later items must not overtake those a stream refused, so in this run it is not asked again.
        if role not in run.refusing:
            items, never = _put(items, target, lambda: time_left() - SPILL_SECONDS)
            refused += [Spilled(role, item, reason) for item, reason in never]
        if items:
            run.refusing.add(role)
        left += [Spilled(role, item) for item in items]
    try:
        if refused:
            s3.put_object(Bucket=streams.bucket, Key=spill_key(REFUSED_PREFIX), Body=encode(refused))
        if not left:
            s3.delete_object(Bucket=streams.bucket, Key=key)
        elif len(left) < len(spilled):
            s3.put_object(Bucket=streams.bucket, Key=key, Body=encode(left))
    except (ClientError, BotoCoreError) as error:
        log(logging.ERROR, "stays whole, so items will be put twice", key=key, error=type(error).__name__)
    run.objects += 1
    run.items += len(spilled) - len(left) - len(refused)
    run.left += len(left)
    run.moved += len(refused)


def _put(
    items: Sequence[Item], target: Target, time_left: Callable[[], float]
) -> tuple[list[Item], list[tuple[Item, str]]]:
    """What is left of the items, in their order, and what will never be taken, with the stream's reason. Where a call
    fails for one item's sake, it is found by halves."""
    if time_left() <= 0:
        return list(items), []
    sent = send(items, target, time_left)
    reasons = sent.errors & ITEM_ERRORS
    if not reasons:
        return sent.left, []
    if len(sent.left) == 1:
        return [], [(sent.left[0], min(reasons))]
    half = len(sent.left) // 2
    left, never = _put(sent.left[:half], target, time_left)
    if left:  # the stream refuses for other reasons now: what comes later waits
        return left + sent.left[half:], never
    left, more = _put(sent.left[half:], target, time_left)
    return left, never + more


def _keys(s3: Any, bucket: str) -> Iterator[str]:
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=PREFIX):
        for content in page.get("Contents", ()):
            yield content["Key"]
