"""How the embedded cloud of a stack is: processes, deliveries, loads."""

import re
from itertools import takewhile
from pathlib import Path
from typing import Any

from rich.console import Group, RenderableType
from rich.markup import escape
from rich.table import Table

from embedded.cloud.cloud import Cloud, Running, answers
from embedded.cloud.ports import HOST
from headrace.console import Problem

MEBIBYTE = 1024 * 1024
# What Pulumi appends to a name, after the kind that stands in it: ten mappings fit a terminal without.
GIVEN_NAME_ENDS = re.compile(r"(-(function|stream|table))?-[0-9a-f]{7}$")


def status(folder: Path) -> tuple[RenderableType, list[str]]:
    """What to show, and what is wrong (nothing, if all is well). Raises Problem where nothing was started."""
    running = Cloud(folder).running
    if running is None:
        raise Problem(f"stack '{folder.name}' is not up", "run `make up` first")
    health = answers(f"http://{HOST}:{running.ports.firehose}/_headrace/health") if _alive(running.runtime) else None
    troubles = [f"the {name} is down: run `make up`" for name, process, _ in _processes(running) if not _alive(process)]
    if _alive(running.runtime) and running.emulator.alive and health is None:
        troubles.append("the runtime does not answer: see `make logs ARGS=runtime`")
    if not (folder / "outputs.json").exists():
        troubles.append("the deployment is not complete: run `make up`, which goes on where it was")
    shown: list[RenderableType] = [_process_table(running)]
    if health:
        shown += [_door(health["front_door"]), _page(health["page"]), _delivery_table(health["delivery"])]
        shown += [_mapping_table(health["mappings"])] if health["mappings"] else []
        shown += [_pipe_table(health["pipes"])]
        for part in [*health["delivery"], *health["mappings"], *health["pipes"]]:
            if part["error"]:
                troubles.append(f"{part['name']}: {part['error']}")
    return Group(*shown), troubles


def _processes(running: Running) -> list[tuple[str, Any, str]]:
    """(name, process, what it listens on)."""
    ports = running.ports
    return [
        ("emulator", running.emulator, f"AWS {ports.aws}"),
        (
            "runtime",
            running.runtime,
            f"front door {ports.front_door}, Firehose {ports.firehose}, events page {ports.page}",
        ),
    ]


def _alive(process: Any) -> bool:
    return process is not None and process.alive


def _process_table(running: Running) -> Table:
    table = _table("processes", "process", "pid", "memory", "ports on 127.0.0.1")
    for name, process, ports in _processes(running):
        if _alive(process):
            table.add_row(name, str(process.pid), f"{process.resident_bytes / MEBIBYTE:.0f} MiB", ports)
        else:
            table.add_row(name, "[bold red]down[/]", "", ports)
    return table


def _door(door: dict[str, Any]) -> str:
    behind = escape(door["api"]) if door["api"] else "no API yet"
    held = f", {door['throttled']:,} of them throttled" if door["throttled"] else ""
    return f"\nfront door {door['url']}: {door['requests']:,} requests{held}\n  to {behind}"


def _page(page: dict[str, Any]) -> str:
    return f"events page {page['url']}: {page['state']}\n"


def _delivery_table(streams: list[dict[str, Any]]) -> Table:
    table = _table("delivery streams", "stream", "source", "waiting", "records", "objects", "retries")
    common = _common([stream["name"] for stream in streams])
    for stream in streams:
        table.add_row(
            escape(stream["name"].removeprefix(common)),
            escape(stream["source"].removeprefix(common)),
            f"{stream['buffered_records']:,}",
            f"{stream['delivered_records']:,}",
            f"{stream['delivered_objects']:,}",
            f"{stream['failed_attempts']:,}",
        )
    return table


def _mapping_table(mappings: list[dict[str, Any]]) -> Table:
    """`behind`: seconds since the oldest record that is not processed arrived. Figures since the runtime started."""
    table = _table("stream mappings", "function", "source", "behind", "records", "batches", "failed", "given up")
    functions, sources = (_common([mapping[key] for mapping in mappings]) for key in ("name", "source"))
    for mapping in mappings:
        table.add_row(
            escape(GIVEN_NAME_ENDS.sub("", mapping["name"].removeprefix(functions))),
            escape(GIVEN_NAME_ENDS.sub("", mapping["source"].removeprefix(sources))),
            f"{mapping['behind_seconds']:,.1f} s",
            f"{mapping['records']:,}",
            f"{mapping['invocations']:,}",
            f"{mapping['failed_invocations']:,}",
            f"{mapping['given_up']:,}",
        )
    return table


def _pipe_table(pipes: list[dict[str, Any]]) -> Table:
    table = _table("pipes", "pipe", "queued", "objects", "failed", "rows", "bad rows")
    for pipe in pipes:
        table.add_row(
            escape(pipe["name"].replace('"', "").partition(".")[2]),  # the database is the stack's own
            f"{pipe['queued'] + pipe['in_flight']:,}",
            f"{pipe['objects']:,}",
            f"{pipe['failed_objects']:,}",
            f"{pipe['rows_loaded']:,}",
            f"{pipe['errors']:,}",
        )
    return table


def _common(names: list[str]) -> str:
    """What all names begin with (project and stack), as far as whole words: it tells nothing in a table of them."""
    if len(names) < 2:
        return ""
    same = takewhile(lambda words: len(set(words)) == 1, zip(*(name.split("-") for name in names), strict=False))
    return "".join(f"{words[0]}-" for words in same)


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", box=None, padding=(0, 1, 0, 0))
    figures = {"memory", "waiting", "records", "objects", "retries", "queued", "failed", "rows", "bad rows"}
    figures |= {"behind", "batches", "given up"}
    for column in columns:
        table.add_column(column, justify="right" if column in figures else "left", no_wrap=True)
    return table
