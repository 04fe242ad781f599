"""Waits until the applications have done what follows from what was sent, and says whether they have."""

import time
from collections.abc import Mapping, Sequence
from typing import Any

from rich.table import Table
from rich.text import Text

from headrace.applications.display import show
from headrace.applications.done import read_done
from headrace.applications.effects import read_effects
from headrace.console import Problem, console
from headrace.demo import files
from headrace.demo.checks import Check, check
from headrace.demo.sent import Event, read_events
from headrace.home import outputs, stack_folder
from headrace.hops.cloud import Cloud, aws_problems

POLL_SECONDS = 0.5
PATIENCE_SECONDS = 15.0  # without anything moving; an event takes less than one
LONGEST_SECONDS = 60.0


def drop_files(stack: str) -> None:
    """Drops the reference's members, then its conversions: who is to be a member must be one before they click."""
    with aws_problems(stack):
        s3, bucket = Cloud(stack).client("s3"), outputs(stack)["bucket"]
        for name in (files.MEMBERS, files.CONVERSIONS):
            files.drop(s3, bucket, name)
            deadline = time.monotonic() + PATIENCE_SECONDS
            while not files.loaded(s3, bucket, name):
                if time.monotonic() > deadline:
                    raise Problem(f"{name} was not loaded within {PATIENCE_SECONDS:.0f} s", "see `make logs`")
                time.sleep(POLL_SECONDS / 5)
            console.print(f"dropped {name} into s3://{bucket}/loyalty/: loaded")


def show_and_check(stack: str) -> bool:
    """Shows what the applications have done, beside what follows from the events; whether all of it agrees."""
    published = outputs(stack)
    with aws_problems(stack):
        cloud = Cloud(stack)
        events = read_events(cloud.client("kinesis"), published)
        dropped = files.conversions() if "loyalty" in published["applications"] else {}
        checks = _settle(cloud, stack, published, events, dropped)
        effects = read_effects(cloud.client("dynamodb"), published["effects_table"])
        show(stack, read_done(cloud, stack_folder(stack), published, effects))
    _show_checks(checks, len(events))
    return all(one.agrees for one in checks)


def _settle(
    cloud: Cloud, stack: str, published: Mapping[str, Any], events: Sequence[Event], dropped: Mapping[str, int]
) -> list[Check]:
    """The checks, once all of them agree or nothing moves any more."""
    checks: list[Check] = []
    began = moved = time.monotonic()
    with console.status("waiting for the applications …", spinner="dots"):
        while True:
            before = checks
            effects = read_effects(cloud.client("dynamodb"), published["effects_table"])
            done = read_done(cloud, stack_folder(stack), published, effects)
            now = time.time_ns() // 1_000_000
            checks = check(events, dropped, published["applications"], done, effects, now)
            if checks != before:
                moved = time.monotonic()
            late = time.monotonic() - moved > PATIENCE_SECONDS or time.monotonic() - began > LONGEST_SECONDS
            if late or all(one.agrees for one in checks):
                return checks
            time.sleep(POLL_SECONDS)


def _show_checks(checks: Sequence[Check], events: int) -> None:
    console.print(Text(f"\nDoes that follow from the {events:,} events in the streams?", style="bold"))
    table = Table(box=None, pad_edge=False, show_header=False, padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(justify="right", no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for one in checks:
        mark = "[green]✓[/]" if one.agrees else "[red]✗[/]"
        table.add_row(one.name, f"{one.found:,}", mark, Text(one.expected))
    console.print(table)
    if not all(one.agrees for one in checks):
        console.print("[red]does not add up[/]: `make status` says what is behind, `make logs` why")
