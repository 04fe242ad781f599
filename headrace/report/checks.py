"""Each hop's count held against the hop before it. No I/O: counts in, verdicts out."""

from dataclasses import dataclass, field
from enum import Enum

from headrace.hops.counts import Counts
from headrace.hops.tables import Modelled


class Verdict(Enum):
    """What holding a count against the one before it came to."""

    AGREES = "agrees"
    PENDING = "pending"
    """Something is missing that can still come."""
    WRONG = "wrong"
    NONE = "none"
    """Nothing to hold it against."""


@dataclass(frozen=True, kw_only=True)
class Hop:
    """One line of the reconciliation. note: what the difference is made of. parts: what the count is made of.

    indented: whether it is a part of the line before it.
    """

    name: str
    count: int
    verdict: Verdict
    note: str = ""
    indented: bool = False
    parts: dict[str, int] = field(default_factory=dict)


def reconcile(counts: Counts, modelled: Modelled | None, *, has_warehouse: bool, settled: bool) -> list[Hop]:
    """The hops in the order in which an event passes them.

    settled: there was time for everything to arrive, so what is missing is lost.
    """
    late = Verdict.WRONG if settled else Verdict.PENDING
    hops = [*_sent(counts), _bad(counts, late), *_collected(counts, late), _delivered(counts, late)]
    if counts.undeliverable:
        note = "Firehose gave up on them, or no stream takes them: see their names in the bucket"
        hops.append(Hop(name="objects in S3 errors/", count=counts.undeliverable, verdict=Verdict.WRONG, note=note))
    if has_warehouse:
        hops += _warehouse(counts, modelled, late)
    return hops


def _sent(counts: Counts) -> list[Hop]:
    pumped = counts.pumped
    failed = Hop(
        name="failed",
        indented=True,
        count=pumped.failed,
        verdict=Verdict.NONE,
        note="no answer: they may have arrived all the same",
    )
    return [
        Hop(name="sent by the pumper", count=pumped.sent, verdict=Verdict.NONE, note=_plural(pumped.runs, "run")),
        Hop(name="accepted", indented=True, count=pumped.accepted, verdict=Verdict.NONE),
        Hop(name="rejected", indented=True, count=pumped.rejected, verdict=Verdict.NONE),
        *([failed] if pumped.failed else []),
    ]


def _bad(counts: Counts, late: Verdict) -> Hop:
    missing = counts.missing.get("bad rows", 0)
    others = counts.bad.lines - counts.bad.pumped
    extra = counts.bad.pumped - counts.pumped.rejected
    notes = [
        f"{missing:,} of the rejected missing" if missing else "",
        f"{others:,} sent by others" if others else "",
        f"{extra:,} more than the pumper knows of" if extra > 0 else "",
    ]
    return Hop(
        name="bad rows in S3 bad/",
        count=counts.bad.lines,
        verdict=late if missing else Verdict.AGREES,
        note=_joined(notes),
        parts=dict(counts.bad.kinds.most_common()),
    )


def _collected(counts: Counts, late: Verdict) -> list[Hop]:
    hops = []
    if counts.spilled.lines:
        note = "refused by a stream, put again on a schedule"
        hops.append(
            Hop(
                name="waiting in S3 spill/",
                count=counts.spilled.lines,
                verdict=Verdict.PENDING,
                note=note,
                parts=dict(counts.spilled.kinds),
            )
        )
    if counts.stream:
        if counts.stream.complete:
            verdict, note = _first_store(counts, counts.stream.records, late)
        else:
            verdict, note = Verdict.NONE, "it holds no older ones: it can not tell"
        hops.append(Hop(name="records in the stream", count=counts.stream.records, verdict=verdict, note=note))
    return hops


def _first_store(counts: Counts, held: int, late: Verdict) -> tuple[Verdict, str]:
    """What the first store behind the collector holds, against what the pumper was told had been accepted."""
    missing = counts.missing.get("collected", 0)
    others = held - counts.collected
    extra = counts.collected - counts.pumped.accepted
    notes = [
        f"{missing:,} of the accepted missing" if missing else "",
        f"{others:,} sent by others" if others else "",
        # A retry of what had arrived, an answer that was lost, or a run that was killed before it could say.
        f"{extra:,} more than acknowledged (retries)" if extra > 0 else "",
    ]
    return (late if missing else Verdict.AGREES), _joined(notes)


def _delivered(counts: Counts, late: Verdict) -> Hop:
    name, lines, forgotten = "events in S3 raw/", counts.delivered.lines, counts.delivered.forgotten
    objects = _plural(counts.delivered.objects, "object")
    if counts.stream is None:
        verdict, note = _first_store(counts, lines, late)
    elif not counts.stream.complete:
        verdict, note = Verdict.NONE, ""
    else:
        verdict, note = _against(lines + forgotten, counts.stream.records, late)
    taken_out = f"{forgotten:,} forgotten" if forgotten else ""
    return Hop(name=name, count=lines, verdict=verdict, note=_joined([objects, taken_out, note]))


def _warehouse(counts: Counts, modelled: Modelled | None, late: Verdict) -> list[Hop]:
    assert counts.loaded is not None
    refused = counts.loaded.refused
    verdict, note = _against(counts.loaded.rows, counts.delivered.lines - refused, late)
    if refused:
        verdict, note = Verdict.WRONG, _joined([f"{refused:,} refused by the pipe: see `make history`", note])
    hops = [
        Hop(name="rows in RAW.LOGS", count=counts.loaded.rows, verdict=verdict, note=note),
        Hop(name="duplicates", indented=True, count=counts.loaded.duplicates, verdict=Verdict.NONE),
        Hop(name="distinct events", indented=True, count=counts.loaded.distinct, verdict=Verdict.NONE),
    ]
    if modelled is None:
        return hops
    verdict, note = _against(modelled.hits, modelled.expected, Verdict.WRONG)
    newer = counts.loaded.distinct - modelled.expected
    if newer > 0 and verdict is Verdict.AGREES:
        verdict, note = Verdict.PENDING, f"{newer:,} loaded since: run `make transform`"
    hops.append(Hop(name="events in EVENTS.LOGS", count=modelled.hits, verdict=verdict, note=note))
    return hops


def _against(count: int, expected: int, late: Verdict) -> tuple[Verdict, str]:
    if count == expected:
        return Verdict.AGREES, ""
    if count < expected:
        return late, f"{expected - count:,} " + ("missing" if late is Verdict.WRONG else "on their way")
    return Verdict.WRONG, f"{count - expected:,} too many"


def _plural(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _joined(notes: list[str]) -> str:
    return ", ".join(note for note in notes if note)
