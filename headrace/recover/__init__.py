"""`headrace recover`: bad rows mended and sent again, each once."""

import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from headrace import collector
from headrace.console import console
from headrace.home import PROJECT_FOLDER, outputs

# What would become of a hit is found out by the collector's own code.
sys.path.append(str(PROJECT_FOLDER / "lambdas"))

from collect.configuration import from_environment
from headrace.hops.cloud import Cloud, aws_problems
from headrace.recover.account import Account, Run
from headrace.recover.display import show
from headrace.recover.mending import load
from headrace.recover.plan import Plan, planned
from headrace.recover.rows import Wanted, read_rows
from headrace.recover.sending import send
from headrace.recover.trackers import TRACKERS
from headrace.recover.trial import tried


def recover(stack: str, wanted: Wanted, file: Path | None, *, write_key: str, sending: bool) -> None:
    """Shows what the file would make of the wanted bad rows; with `sending`, sends what would be good.

    Rows that an earlier run has sent are left out. Raises Problem where the stack is not deployed, the file fails, the
    cloud or the collector does not answer, or somebody else is sending.
    """
    published = outputs(stack)
    mend = load(file)
    now = time.time_ns() // 1_000_000
    with aws_problems(stack, rights="docs/recovering.md"):
        cloud = Cloud(stack)
        s3, bucket = cloud.client("s3"), published["bucket"]
        variables = collector.variables(cloud.client("lambda"), published)
        key = write_key or variables.get("WRITE_KEYS", "").partition(",")[0]
        decided = from_environment({**variables, "WRITE_KEYS": f"{variables.get('WRITE_KEYS', '')},{key}"})
        account = Account(s3, bucket)
        if sending:
            _finish(account, published, key)
        while True:
            last, claimed = account.claimed()
            rows = read_rows(s3, bucket, wanted)
            plan = planned(
                rows, claimed, mend, str(file), lambda hit: tried(hit, TRACKERS[hit.protocol], decided, key, now)
            )
            if not sending or not plan.hits:
                break
            if run := account.claim(last + 1, plan.hits):
                show(plan)
                console.print()
                _send(run, published, key)
                break
            console.print("another run has just begun: looking anew", style="dim")
        if not sending or not plan.hits:
            show(plan)
            _conclude(plan, len(account.unfinished()[0]))


def _finish(account: Account, published: Mapping[str, Any], write_key: str) -> None:
    """Sends what runs before left unsent. One that is being sent is waited for, until it is done or given up."""
    told = False
    while True:
        claims, seconds = account.unfinished()
        if not claims:
            return
        for claim in claims:
            if run := account.take_over(claim):
                console.print(f"run {run.name} was cut short: finishing it first", style="yellow")
                _send(run, published, write_key)
        if seconds > 0:
            if not told:
                console.print(
                    "another run is not finished: waiting until it is, or is known to be cut short", style="dim"
                )
                told = True
            time.sleep(min(seconds, 1.0))


def _send(run: Run, published: Mapping[str, Any], write_key: str) -> None:
    columns = (TextColumn("sending"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("")
        sent = send(
            run, published["collect_url"], write_key, lambda done, of: progress.update(task, completed=done, total=of)
        )
    taken = max(sent.hits - sent.refused - len(sent.blocked), 0)  # some may have been forgotten since
    console.print(f"run {run.name}: {taken:,} hits are events now", style="green")
    if sent.refused:
        console.print(
            f"{sent.refused:,} became bad rows again: what is deployed differs from what is here", style="red"
        )
    if sent.blocked:
        how = f" ({sent.said})" if sent.said else ""  # of what another process has sent it is not known
        console.print(
            f"{len(sent.blocked):,} were refused by something before the collector{how}: their rows are left "
            "as they were, and the next --send tries them again",
            style="red",
        )


def _conclude(plan: Plan, unfinished: int) -> None:
    """What a person may do next."""
    console.print()
    if plan.already:
        console.print(f"{plan.already:,} rows have been sent again before, and are left out", style="dim")
    if unfinished:
        console.print(f"{unfinished:,} run was cut short: --send finishes it first", style="yellow")
    if not plan.rows:
        console.print("nothing is left to send" if plan.already else "there is no bad row like this")
    elif plan.hits:
        console.print(f"[bold]{len(plan.hits):,} hits would be events[/]: nothing has been sent, --send does it")
    else:
        console.print(
            "nothing of it would be good: write a file that mends it (docs/recovering.md), and give it as --with"
        )
