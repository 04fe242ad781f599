"""The collector's HTTP API in the embedded cloud: requests a second, events a second to RAW, and what each costs.

    python -m benchmarks.collect_http [ROUNDS]

Beside it stands the least that could answer: an HTTP server of the same kind (aiohttp) that reads the body, puts its
lines to the same stream with the SDK, one process, no function, no envelope. Applications are on, all four; `alone` is
without them. `through applications` is until the last of the four has processed the last event. Each figure is the best
of several rounds, which take turns, since other programs disturb; processor seconds are what they disturb least, and
are those of all processes of the stack until the last row is in RAW (of the plain server: its own, and the emulator's).
"""

import asyncio
import contextlib
import itertools
import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import boto3
from aiohttp import web
from rich.console import Console
from rich.table import Table

from benchmarks.http_load import Answered, load, posts
from benchmarks.throughput import row_count
from embedded.runtime.mappings.definition import ENABLED_TAG

ROUNDS = 3
CONNECTIONS = 8
# So many that buffers fill and empty several times, and that the second for which the last events lie in Firehose's
# buffer, with nothing to do for anybody, is a small part.
SINGLE_HITS, BATCHES, BATCH = 6_000, 3_000, 20
VISITORS = 300
TARGET_REQUESTS, TARGET_EVENTS = 300, 5_000
PATIENCE_SECONDS = 120.0
SETTLE_SECONDS, CATCH_UP_SECONDS = 3.0, 15.0  # until mappings have stopped; until they have read what came meanwhile
_HIT = (  # 640 bytes, as the pumper's hits are on average
    "v=1&tid=UA-1000001-1&ul=en-us&sr=1920x1080&sd=24-bit&de=UTF-8&cu=USD&t=pageview"
    "&dl=https%3A%2F%2Fshop.example.com%2F&pa=detail&pr1id=sku-1&pr1nm=A%20product&pr1pr=19.99&dt="
).ljust(570, "0")


@dataclass(frozen=True)
class Round:
    """One round. to_raw, through: events a second to RAW, and through all applications; None where there are none.
    cpu: milliseconds an event."""

    answered: Answered
    to_raw: float | None
    through: float | None
    cpu: float


@dataclass(frozen=True)
class Server:
    """What is measured. groups: the processes it consists of, by their process groups. home: where RAW is, if it has
    one; health: the URL where its mappings say how far they are."""

    port: int
    groups: frozenset[int]
    home: Path | None = None
    health: str | None = None


def main(rounds: int) -> None:
    with tempfile.TemporaryDirectory() as folder, stack(Path(folder)) as (ours, environment):
        emulator = running(Path(folder))["emulator"]["pid"]
        with plain(environment, emulator) as theirs:
            table = Table(title=f"{CONNECTIONS} connections, best of {rounds} rounds", title_justify="left", box=None)
            for column in ("what", "target", "plain server", "stack", "ratio", "alone"):
                table.add_column(column, justify="left" if column == "what" else "right")
            measure(ours, "/collect", 200, 1)  # the functions are warm before the clock starts
            for kind, path, requests, size in (
                ("single hits", "/collect", SINGLE_HITS, 1),
                (f"batches of {BATCH}", "/batch", BATCHES, BATCH),
            ):
                found: list[list[Round]] = [[], [], []]
                for _ in range(rounds):
                    for server, rounds_of in zip((theirs, ours), found, strict=False):
                        rounds_of.append(measure(server, path, requests, size))
                    with applications_asleep(environment):
                        found[2].append(measure(replace(ours, health=None), path, requests, size))
                report(table, kind, size, *found)
        Console().print(table)


def report(table: Table, kind: str, size: int, plain: list[Round], ours: list[Round], alone: list[Round]) -> None:
    """alone: the stack's without applications."""

    def row(label: str, target: str, form: str, figure: Callable[[list[Round]], float], beside: bool = True) -> None:
        theirs, mine, without = (figure(side) for side in (plain, ours, alone))
        told = [format(theirs, form) if beside else "", format(mine, form), f"{mine / theirs:.2f}" if beside else ""]
        table.add_row(f"{kind}: {label}", target, *told, format(without, form))

    def fastest(rounds: list[Round]) -> Answered:
        return max((each.answered for each in rounds), key=lambda answered: answered.a_second)

    single = size == 1
    row("requests a second", f"{TARGET_REQUESTS}" if single else "", ",.0f", lambda rounds: fastest(rounds).a_second)
    row("median answer, ms", "", ".1f", lambda rounds: fastest(rounds).percentile(0.5))
    row("99 % within, ms", "", ".1f", lambda rounds: fastest(rounds).percentile(0.99))
    target = "" if single else f"{TARGET_EVENTS:,}"
    row("events to RAW a second", target, ",.0f", lambda rounds: max(each.to_raw or 0 for each in rounds), False)
    row("through applications", "", ",.0f", lambda rounds: max(each.through or 0 for each in rounds), False)
    row("CPU, ms an event", "", ".3f", lambda rounds: min(each.cpu for each in rounds))
    row("errors", "0", ",.0f", lambda rounds: sum(each.answered.errors for each in rounds), False)


def measure(server: Server, path: str, requests: int, size: int) -> Round:
    """Sends so many requests of `size` hits, and waits until all are in RAW, and through, where there is such."""
    events, before, processed_before = requests * size, row_count(server.home) if server.home else 0, processed(server)
    spent, begun = processor(server), time.monotonic()
    answered = load(server.port, posts(path, itertools.islice(bodies(size), requests)), CONNECTIONS)

    def all_in_raw() -> bool:
        return server.home is None or row_count(server.home) >= before + events

    def all_through() -> bool:
        return all(count >= processed_before.get(name, 0) + events for name, count in processed(server).items())

    raw_seconds = seconds_until(all_in_raw, begun)
    cpu = (processor(server) - spent) / events * 1000
    through_seconds = seconds_until(all_through, begun)
    to_raw, through = events / raw_seconds, events / through_seconds
    return Round(answered, to_raw if server.home else None, through if server.health else None, cpu)


def seconds_until(done: Callable[[], bool], begun: float) -> float:
    """How long it took since `begun` (monotonic seconds) until something was done; no longer than patience goes."""
    while not done() and time.monotonic() - begun < PATIENCE_SECONDS:
        time.sleep(0.1)
    return time.monotonic() - begun


def processed(server: Server) -> dict[str, int]:
    """How many events of the collector's stream each application has processed."""
    if server.health is None:
        return {}
    with urllib.request.urlopen(server.health) as answer:
        mappings = json.load(answer)["mappings"]
    return {each["name"]: each["records"] for each in mappings if "-events-stream-" in each["source"]}


def bodies(size: int) -> Iterator[bytes]:
    """Bodies of so many hits each, of a few hundred visitors in turn."""
    numbers = itertools.count(time.time_ns())  # so that no round's hits are those of another
    while True:
        mine = itertools.islice(numbers, size)
        yield "\n".join(f"{_HIT}&cid={number % VISITORS}&z={number}" for number in mine).encode()


def processor(server: Server) -> float:
    """Processor seconds that its processes have taken so far."""
    ticks = 0
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            fields = path.read_text().rpartition(")")[2].split()
            if int(fields[2]) in server.groups:
                ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


@contextmanager
def stack(home: Path) -> Iterator[tuple[Server, dict[str, str]]]:
    """The whole program, deployed in a folder of its own, and the variables under which AWS's tools reach it."""
    environment = {**os.environ, "HEADRACE_HOME": str(home)}
    try:
        subprocess.run([sys.executable, "-m", "embedded", "up"], env=environment, check=True, stdout=subprocess.DEVNULL)
        cloud = running(home)
        groups = frozenset(cloud[process]["pid"] for process in ("emulator", "runtime"))
        published = json.loads((home / "local" / "environment.json").read_text())
        health = f"http://127.0.0.1:{cloud['ports']['firehose']}/_headrace/health"
        yield Server(cloud["ports"]["front_door"], groups, home, health), {**environment, **published}
    finally:
        destroy = [sys.executable, "-m", "embedded", "destroy"]
        subprocess.run(destroy, env=environment, check=False, stdout=subprocess.DEVNULL)


@contextmanager
def applications_asleep(environment: dict[str, str]) -> Iterator[None]:
    """Nothing reads the streams meanwhile but Firehose; what comes is read afterwards, before this returns."""
    session = boto3.Session(environment["AWS_ACCESS_KEY_ID"], environment["AWS_SECRET_ACCESS_KEY"])
    client = session.client("lambda", environment["AWS_REGION"], endpoint_url=environment["AWS_ENDPOINT_URL"])
    pages = client.get_paginator("list_event_source_mappings").paginate()
    found = [each for page in pages for each in page["EventSourceMappings"] if ":kinesis:" in each["EventSourceArn"]]

    def set_enabled(enabled: str) -> None:
        for each in found:
            client.tag_resource(Resource=each["EventSourceMappingArn"], Tags={ENABLED_TAG: enabled})
            # Its tags are looked at when it changes.
            client.update_event_source_mapping(UUID=each["UUID"], Enabled=False)

    set_enabled("false")
    time.sleep(SETTLE_SECONDS)
    try:
        yield
    finally:
        set_enabled("true")
        time.sleep(CATCH_UP_SECONDS)


def running(home: Path) -> dict[str, Any]:
    return json.loads((home / "local" / "cloud.json").read_text())


@contextmanager
def plain(environment: dict[str, str], emulator: int) -> Iterator[Server]:
    """A plain server, in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.collect_http", "--serve"]
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        try:
            assert process.stdout is not None
            yield Server(int(process.stdout.readline()), frozenset({process.pid, emulator}))
        finally:
            process.kill()


async def serve() -> None:
    """Prints the port it was given, and puts what it is posted to a stream of its own until it is killed."""
    kinesis = boto3.client("kinesis")
    kinesis.create_stream(StreamName="plain", ShardCount=1)
    kinesis.get_waiter("stream_exists").wait(StreamName="plain", WaiterConfig={"Delay": 1})

    async def answer(request: web.Request) -> web.Response:
        lines = (await request.read()).split(b"\n")
        records = [{"Data": line, "PartitionKey": str(hash(line))} for line in lines]
        await asyncio.to_thread(kinesis.put_records, StreamName="plain", Records=records)
        return web.Response()

    application = web.Application()
    application.router.add_post("/{path:.*}", answer)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    if sys.argv[1:] == ["--serve"]:
        asyncio.run(serve())
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS)
