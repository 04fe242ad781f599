"""`headrace demo`: the whole way once, on the embedded cloud, with the commands a user would type."""

import subprocess
import sys
import time

from rich.rule import Rule

from headrace import warehouse
from headrace.console import Problem, console
from headrace.demo.files import drop_files
from headrace.home import outputs, stack_folder
from headrace.hops.cloud import Cloud, aws_problems
from headrace.hops.counts import Hops
from headrace.hops.patience import patience_seconds
from headrace.report import settle

STACK = "local"
EVENTS = 5000
TRACKED_EVENTS = 500

# The trackers that write to streams of their own, each with visitors of its own.
TRACKERS = {"segment": ("segment_stream", 2), "snowplow": ("enriched_stream", 3)}

NEXT = """
The stack is still up. From here:
  [bold]make pump ARGS="--n-events 100000"[/]   send more, then make transform and make report
  [bold]make events[/]                          events and bad rows as they come (ARGS=--page: in the browser)
  [bold]make applications[/]                    what the real-time applications have done
  [bold]make status[/]                          what runs, what was delivered and loaded
  [bold]make logs[/]                            what the functions logged
  [bold]make destroy[/]                         take everything down; nothing is left
Your own hits go to [bold]{collect_url}[/]: the README shows how, and how to deploy to AWS and Snowflake."""


def demo(events: int = EVENTS) -> None:
    """Deploys, sends `events` events of a synthetic shop, transforms, reports, shows what the applications did, and
    prints the ledger. Raises Problem where a step fails, as the last two do where something does not add up.
    """
    began = time.monotonic()
    step("1/6  make up: deploy the platform to this machine", "embedded", "up")
    published = outputs(STACK)
    heading(f"2/6  make pump: {events:,} events of some days in a shop, ending now")
    pump(events)
    for tracker, (output, seed) in TRACKERS.items():
        if output in published:
            pump(min(events, TRACKED_EVENTS), "--as", tracker, "--seed", str(seed))
    if "loyalty" in published.get("applications", ()):
        with aws_problems(STACK):
            drop_files(Cloud(STACK).client("s3"), published["bucket"])
    wait_until_loaded()
    if "snowflake_database" in published:
        step("3/6  make transform: raw logs to sessions and statistics", "headrace", "transform")
    else:
        console.print("\n3/6  make transform is left out: this stack is configured without a warehouse")
    step("4/6  make report: does every hop agree, and what happened", "headrace", "report")
    if published.get("applications"):
        step(
            "5/6  make applications ARGS=--check: what was done, and does that follow",
            *("headrace", "applications", "--check"),
        )
    else:
        console.print("\n5/6  make applications is left out: this stack is configured without any")
    step("6/6  make ledger: every event, hour by hour and hop by hop", "headrace", "ledger")
    console.print(Rule(f"all done in {time.monotonic() - began:.0f} s", style="green"))
    console.print(NEXT.format(collect_url=published["collect_url"]), soft_wrap=True)


def pump(events: int, *arguments: str) -> None:
    run("make pump", "pumper", "--replay", "--speedup", "max", "--ending", "now", "--n-events", str(events), *arguments)


def step(title: str, module: str, *arguments: str) -> None:
    """Runs one command under a heading of its own."""
    heading(title)
    run(title.split(":")[0], module, *arguments)


def heading(title: str) -> None:
    console.print()
    console.print(Rule(f"[bold]{title}[/]", align="left"))


def run(name: str, module: str, *arguments: str) -> None:
    """Runs one command in a process of its own, as `make` does."""
    finished = subprocess.run([sys.executable, "-m", module, *arguments], check=False)
    if finished.returncode < 0 or finished.returncode == 130:
        raise KeyboardInterrupt
    if finished.returncode:
        raise Problem(f"'{name}' failed", "see the lines above; `make demo` can be run again")


def wait_until_loaded() -> None:
    """Waits for the events on their way through Firehose and the pipe."""
    with aws_problems(STACK):
        published = outputs(STACK)
        place = warehouse.find(STACK) if "snowflake_database" in published else None
        hops = Hops(STACK, stack_folder(STACK), published, place)
        settle(hops, patience_seconds(Cloud(STACK), published["raw_delivery_stream"]))
