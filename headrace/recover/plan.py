"""What would become of the wanted bad rows, hit by hit."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from headrace.recover.mending import Left, Mend, Mended, mended
from headrace.recover.rows import BadRow
from headrace.recover.trackers import TRACKERS
from headrace.recover.trial import Good

SAMPLES = 3  # of each reason and outcome


@dataclass(frozen=True)
class Sample:
    """One hit before and after. after: None where it is not sent."""

    row: BadRow
    before: Any
    after: Mended | None
    message: str


@dataclass
class Plan:
    """outcomes: hits by the reason they were bad for, and by what they would be: `good`, or why not."""

    outcomes: Counter[tuple[str, str]] = field(default_factory=Counter)
    samples: dict[tuple[str, str], list[Sample]] = field(default_factory=dict)
    hits: list[Mended] = field(default_factory=list)
    rows: int = 0
    already: int = 0


GOOD = "good"


def planned(
    rows: Iterable[BadRow], claimed: set[str], mend: Mend, name: str, trial: Callable[[Mended], Good | Left]
) -> Plan:
    """claimed: rows that were sent before, and are not sent again. name: of the file. Raises Problem where the file
    fails.

    Of one row with several hits, all are sent or none: a row that is half mended could not be mended again.
    """
    plan = Plan()
    for row in rows:
        if row.protocol not in TRACKERS:
            continue
        if row.identity in claimed:
            plan.already += 1
            continue
        plan.rows += 1
        found = [(before, hit, _outcome(hit, trial)) for before, hit in mended(row, TRACKERS[row.protocol], mend, name)]
        whole = all(isinstance(outcome, Good) for _, _, outcome in found)
        for before, hit, outcome in found:
            if isinstance(outcome, Left):
                what, message = outcome.reason, outcome.message
            elif whole:
                what, message = GOOD, ""
            else:
                what, message = "left", "another hit in its row is still bad"
            after = hit if isinstance(hit, Mended) else None
            if what == GOOD and after:
                plan.hits.append(after)
            key = (row.reason, what)
            plan.outcomes[key] += 1
            samples = plan.samples.setdefault(key, [])
            if len(samples) < SAMPLES:
                samples.append(Sample(row, before, after, message))
    # Neighbours that one request can hold; the rest of the order is as they came.
    plan.hits.sort(key=lambda hit: (hit.protocol, sorted(hit.headers.items())))
    return plan


def _outcome(hit: Mended | Left, trial: Callable[[Mended], Good | Left]) -> Good | Left:
    return hit if isinstance(hit, Left) else trial(hit)
