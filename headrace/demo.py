"""`headrace demo`: the whole way once, on the embedded cloud, with the commands a user would type."""

import subprocess
import sys
import time

from rich.rule import Rule

from headrace import warehouse
from headrace.console import Problem, console
from headrace.home import outputs, stack_folder
from headrace.hops.cloud import aws_problems
from headrace.hops.counts import Hops
from headrace.report import patience_seconds, settle

STACK = "local"
EVENTS = 5000

NEXT = """
The stack is still up. From here:
  [bold]make pump ARGS="--n-events 100000"[/]   send more, then make transform and make report
  [bold]make status[/]                          what runs, what was delivered and loaded
  [bold]make logs[/]                            what the functions logged
  [bold]make destroy[/]                         take everything down; nothing is left
Your own hits go to [bold]{collect_url}[/]: the README shows how, and how to deploy to AWS and Snowflake."""


def demo(events: int = EVENTS) -> None:
    """Deploys, sends `events` events of a synthetic shop, transforms and reports. Raises Problem where a step fails."""
    began = time.monotonic()
    step("1/4  make up: deploy the platform to this machine", "embedded", "up")
    step(
        f"2/4  make pump: {events:,} events of some days in a shop, ending now",
        *("pumper", "--replay", "--speedup", "max", "--ending", "now", "--n-events", str(events)),
    )
    wait_until_loaded()
    if "snowflake_database" in outputs(STACK):
        step("3/4  make transform: raw logs to sessions and statistics", "headrace", "transform")
    else:
        console.print("\n3/4  make transform is left out: this stack is configured without a warehouse")
    step("4/4  make report: does every hop agree, and what happened", "headrace", "report")
    console.print(Rule(f"all done in {time.monotonic() - began:.0f} s", style="green"))
    console.print(NEXT.format(collect_url=outputs(STACK)["collect_url"]), soft_wrap=True)


def step(title: str, module: str, *arguments: str) -> None:
    """Runs one command in a process of its own, as `make` does."""
    console.print()
    console.print(Rule(f"[bold]{title}[/]", align="left"))
    finished = subprocess.run([sys.executable, "-m", module, *arguments], check=False)
    if finished.returncode < 0 or finished.returncode == 130:
        raise KeyboardInterrupt
    if finished.returncode:
        raise Problem(f"'{title.split(':')[0]}' failed", "see the lines above; `make demo` can be run again")


def wait_until_loaded() -> None:
    """Waits for the events on their way through Firehose and the pipe."""
    with aws_problems(STACK):
        published = outputs(STACK)
        place = warehouse.find(STACK) if "snowflake_database" in published else None
        hops = Hops(STACK, stack_folder(STACK), published, place)
        settle(hops, patience_seconds(STACK, hops))
