"""What follows an invocation: which records are done, which are tried again and how, which are given up.

https://docs.aws.amazon.com/lambda/latest/dg/kinesis-on-failure-destination.html
"""

from dataclasses import dataclass, replace

from embedded.runtime.mappings.answers import Outcome
from embedded.runtime.mappings.records import Record

RETRIES_EXHAUSTED, TOO_OLD = "RetryAttemptsExhausted", "RecordAgeExceeded"

FIRST_PAUSE_SECONDS = 0.1
LONGEST_PAUSE_SECONDS = 5.0  # AWS waits up to a minute; on a laptop somebody is watching


@dataclass(frozen=True)
class Part:
    """A batch, or what is left of one. failures: invocations that count as failed; refusals: those that never ran.

    invocations: how often the function was given its first record.
    """

    records: tuple[Record, ...]
    failures: int = 0
    refusals: int = 0
    invocations: int = 0


@dataclass(frozen=True)
class GivenUp:
    """Records that are not tried any more, in their order. last: how their last invocation ended, if there was one."""

    records: tuple[Record, ...]
    condition: str
    invocations: int
    last: Outcome | None


@dataclass(frozen=True)
class Next:
    """done: the records that need no more. again: what is tried next, in this order, after a pause."""

    done: tuple[Record, ...]
    again: tuple[Part, ...] = ()
    given_up: GivenUp | None = None
    pause_seconds: float = 0.0


def after(part: Part, outcome: Outcome, *, max_retries: int | None, bisects: bool) -> Next:
    """What follows an invocation of `part`.

    A batch whose function reported a failure is repeated from that record. With `bisects` a batch that failed from its
    first record is split, which does not count as a retry; so a record that always fails ends up alone, and is the only
    one that is given up. Without, the whole rest of the batch is.
    """
    if outcome.failed_from is None:
        return Next(done=part.records)
    invoked = replace(part, invocations=part.invocations + outcome.invoked)
    if not outcome.invoked:
        return Next((), (replace(invoked, refusals=part.refusals + 1),), pause_seconds=pause(part.refusals))
    done, rest = part.records[: outcome.failed_from], part.records[outcome.failed_from :]
    if bisects and len(rest) > 1:
        if done:
            return Next(done, (Part(rest, invocations=1),), pause_seconds=FIRST_PAUSE_SECONDS)
        middle = len(rest) // 2
        halves = (replace(invoked, records=rest[:middle]), replace(invoked, records=rest[middle:]))
        return Next((), halves, pause_seconds=FIRST_PAUSE_SECONDS)
    failures = 1 if done else part.failures + 1
    invocations = 1 if done else invoked.invocations
    if max_retries is not None and failures > max_retries:
        return Next(done, given_up=GivenUp(rest, RETRIES_EXHAUSTED, invocations, outcome))
    again = Part(rest, failures=failures, invocations=invocations)
    return Next(done, (again,), pause_seconds=pause(failures - 1))


def without_old(
    part: Part, now: float, max_age_seconds: int | None, last: Outcome | None
) -> tuple[Part, GivenUp | None]:
    """The part without its records that are too old to be tried. Records lie in the order in which they arrived."""
    if max_age_seconds is None:
        return part, None
    young = next((i for i, each in enumerate(part.records) if now - each.arrived <= max_age_seconds), len(part.records))
    if young == 0:
        return part, None
    given_up = GivenUp(part.records[:young], TOO_OLD, part.invocations, last)
    return replace(part, records=part.records[young:]), given_up


def pause(before: int) -> float:
    """Seconds to wait after a failure, when there were so many in a row before it."""
    return min(FIRST_PAUSE_SECONDS * 2 ** min(before, 16), LONGEST_PAUSE_SECONDS)
