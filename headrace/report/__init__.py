"""`headrace report`: does every hop's count agree with the one before, and what happened on each day."""

import json
import time
from typing import Any

from headrace import warehouse
from headrace.console import console
from headrace.home import outputs, stack_folder
from headrace.hops.cloud import Cloud, aws_problems
from headrace.hops.counts import Counts, Hops
from headrace.hops.tables import read_modelled
from headrace.report import display
from headrace.report.checks import Hop, Verdict, reconcile

POLL_SECONDS = 1.0
# Beyond Firehose's buffer: the embedded pipe loads at once, Snowpipe is said to take minutes.
PATIENCE_SECONDS = {"embedded": 15, "cloud": 180}


def report(stack: str, *, as_json: bool = False, wait: bool = True) -> int:
    """Prints the report. Returns 1 when a hop does not add up, else 0. Raises Problem where it can not be made."""
    published = outputs(stack)
    place = warehouse.find(stack) if "snowflake_database" in published else None
    with aws_problems(stack):
        hops = Hops(stack, stack_folder(stack), published, place)
        counts = settle(hops, patience_seconds(stack, hops), quiet=as_json) if wait else hops.count()
    modelled = read_modelled(place) if place else None
    checked = reconcile(counts, modelled, has_warehouse=place is not None, settled=wait)
    wrong = [hop for hop in checked if hop.verdict is Verdict.WRONG]
    if as_json:
        print(json.dumps(document(stack, checked, modelled.days if modelled else []), indent=2, default=str))
    else:
        display.show(stack, checked, counts, modelled, has_warehouse=place is not None)
    return 1 if wrong else 0


def patience_seconds(stack: str, hops: Hops) -> float:
    """How long nothing may move before what is missing counts as lost."""
    return hops.buffer_seconds() + PATIENCE_SECONDS["embedded" if Cloud(stack).embedded else "cloud"]


def settle(hops: Hops, patience: float, *, quiet: bool = False) -> Counts:
    """Counts until nothing is missing any more, or nothing has moved for `patience` seconds."""
    counts = hops.count()
    moved = time.monotonic()
    with console.status("", spinner="dots") as status:
        while counts.missing and time.monotonic() - moved < patience:
            if not quiet:
                status.update(display.on_their_way(counts, patience - (time.monotonic() - moved)))
            time.sleep(POLL_SECONDS)
            before, counts = counts, hops.count()
            if counts != before:
                moved = time.monotonic()
    return counts


def document(stack: str, checked: list[Hop], days: list[dict[str, Any]]) -> dict[str, Any]:
    """The report for programs. Numbers of money are texts, because JSON's numbers are not exact."""
    return {
        "stack": stack,
        "agrees": all(hop.verdict is not Verdict.WRONG for hop in checked),
        "hops": [
            {
                "name": hop.name.strip(),
                "count": hop.count,
                "verdict": hop.verdict.value,
                "note": hop.note,
                "parts": hop.parts,
            }
            for hop in checked
        ],
        "days": days,
    }
