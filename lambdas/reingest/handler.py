"""Puts spilled items back where they were meant to go. EventBridge Scheduler invokes it.

An object is deleted once all of its items were accepted. What is refused again stays, in its order: the object is
rewritten with the rest. Two runs at once, a run cut off between a put and a delete, or a rewrite that fails put items
twice; their `request.id` is the same, so readers drop the second. Nothing is ever deleted that was not accepted.
"""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from shared.observability import count, log
from shared.outlet import READ_SECONDS, SPILL_SECONDS, Outlet, outlet
from shared.puts import send
from shared.spill import PREFIX, Spilled, decode, encode

# An object is only begun with this much time: reading it, a put for each role, and rewriting it may each be slow calls.
OBJECT_SECONDS = 4.0 * READ_SECONDS


@dataclass(slots=True)
class Run:
    """What a run did. left: items still in objects it looked at. refusing: the roles whose stream takes nothing now."""

    objects: int = 0
    items: int = 0
    left: int = 0
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
        "unreadable": run.unreadable,
        "finished": run.finished,
    }
    log(logging.WARNING if run.left or run.unreadable else logging.INFO, "reingest", **summary)
    count({"Reingested": run.items, "Refused": run.left, "Unreadable": run.unreadable}, by_reason={})
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
    for role, target in targets.items():
        items = [one.item for one in spilled if one.target == role]
        # Later items must not overtake those a stream refused, so in this run it is not asked again.
        if role not in run.refusing:
            items = send(items, target, lambda: time_left() - SPILL_SECONDS).left
        if items:
            run.refusing.add(role)
        left += [Spilled(role, item) for item in items]
    run.objects += 1
    run.items += len(spilled) - len(left)
    run.left += len(left)
    try:
        if not left:
            s3.delete_object(Bucket=streams.bucket, Key=key)
        elif len(left) < len(spilled):
            s3.put_object(Bucket=streams.bucket, Key=key, Body=encode(left))
    except (ClientError, BotoCoreError) as error:
        log(logging.ERROR, "stays whole, so items will be put twice", key=key, error=type(error).__name__)


def _keys(s3: Any, bucket: str) -> Iterator[str]:
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=PREFIX):
        for content in page.get("Contents", ()):
            yield content["Key"]
