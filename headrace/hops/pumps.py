"""What the pumper says it sent: its runs against the deployed stack."""

import json
from dataclasses import dataclass
from pathlib import Path

from headrace.console import Problem

# How the pumper names itself in its requests. The collector keeps that header, in events and in bad rows.
USER_AGENT = "headrace-pumper"


@dataclass(frozen=True, kw_only=True)
class Pumped:
    """Sums over all runs, in hits. sent = accepted + rejected + failed; retried ones may have arrived twice."""

    runs: int = 0
    sent: int = 0
    accepted: int = 0
    rejected: int = 0
    failed: int = 0
    retried: int = 0


def read_pumps(folder: Path) -> Pumped:
    """Sums the runs in a stack's folder. Raises Problem for a line that is none."""
    path = folder / "pumps.jsonl"
    if not path.exists():
        return Pumped()
    try:
        runs = [json.loads(line) for line in path.read_text().splitlines() if line.strip()]
        sums = {
            figure: sum(int(run[figure]) for run in runs)
            for figure in ("sent", "accepted", "rejected", "failed", "retried")
        }
    except (ValueError, KeyError, TypeError) as error:
        raise Problem(
            f"{path} holds a line that is no run of the pumper ({error})",
            "remove that line; the events of its run then count as sent by others",
        ) from error
    return Pumped(runs=len(runs), **sums)
