"""Which rows have been sent again, in S3: so that none is sent twice, whoever runs, however often, however it ends.

    recovered/hits/<run>.jsonl.gz      the hits of a run exactly as they are to be sent; gone once they are. A line is
                                       empty where `headrace forget` has taken a person's hit out
    recovered/000001.json              that run 1 claims these rows: written once, if nobody else has (If-None-Match).
                                       It has no more than their hashes, and stays: a row that is written anew, as
                                       `headrace forget` does, may outlive any number of days
    recovered/progress/<run>.json      how far it is, and until when it is its sender's alone (If-Match)

<run> is a UUID, so that no run is ever taken for another.

A claim is made by one who has read all claims before it, so no row is in two. A run that was cut short is finished by
the next one, with the very same hits: what had been sent already has the same ids, and the tables keep one of each.
"""

import gzip
import re
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any
from uuid import uuid4

import orjson

from headrace.console import Problem
from headrace.recover.mending import Mended
from headrace.recover.objects import Objects

PREFIX = "recovered/"
HITS = f"{PREFIX}hits/"
PROGRESS = f"{PREFIX}progress/"
CLAIM = re.compile(rf"{PREFIX}(\d+)\.json")
LEASE_SECONDS = 20.0  # it is renewed every two, however slow the collector is (headrace.recover.sending)


@dataclass(frozen=True, kw_only=True)
class Claim:
    """hits, progress: their objects' keys."""

    name: str
    hits: str
    progress: str
    rows: list[str]


@dataclass(frozen=True, kw_only=True)
class Progress:
    """sent: lines of the run that are done with; refused: hits of them that were bad again. blocked: the rows of those
    that something before the collector refused, which may be sent by another run. until: epoch seconds."""

    holder: str
    until: float
    sent: int = 0
    refused: int = 0
    blocked: list[str] = field(default_factory=list)
    finished: bool = False


class Run:
    """A claimed run that this process may send."""

    def __init__(self, objects: Objects, claim: Claim, progress: Progress, etag: str) -> None:
        self._objects, self._claim = objects, claim
        self.progress, self._etag = progress, etag

    @property
    def name(self) -> str:
        return self._claim.name

    def hits(self) -> list[Mended | None]:
        """All of the run's by their places, those that were sent too; None where one was forgotten meanwhile.

        Raises Problem where they are gone: S3 keeps them as long as bad rows, and nobody has finished the run in time.
        """
        content = self._objects.content(self._claim.hits)
        if content is None:
            raise Problem(
                f"run {self.name} was never finished, and the hits it claimed are gone from {self._claim.hits}",
                f"delete s3://{self._objects.bucket}/{_key(self.name)}, and its rows are looked at anew; "
                "what the run had sent keeps its ids, so EVENTS has it once",
            )
        return [Mended(**orjson.loads(line)) if line else None for line in gzip.decompress(content).splitlines()]

    def note(self, *, sent: int, refused: int = 0, blocked: Sequence[str] = (), finished: bool = False) -> None:
        """Writes how far it is, and claims it for some seconds more. Raises Problem where another has taken over."""
        progress = Progress(
            holder=self.progress.holder,
            until=time.time() + LEASE_SECONDS,
            sent=sent,
            refused=refused,
            blocked=list(blocked),
            finished=finished,
        )
        etag = self._objects.write(self._claim.progress, asdict(progress), self._etag)
        if etag is None:
            raise Problem(f"another `make recover` has taken run {self.name} over", "let it finish")
        self.progress, self._etag = progress, etag
        if finished:  # nobody needs a second copy of people's hits
            self._objects.erase(self._claim.hits)


class Account:
    """All runs of a stack. Raises botocore's errors."""

    def __init__(self, s3: Any, bucket: str) -> None:
        self._objects = Objects(s3, bucket)
        self._known: dict[str, Claim] = {}  # a claim never changes

    def claimed(self) -> tuple[int, set[str]]:
        """The number of the last run, and the rows of all, but for those that a finished run gives back as blocked."""
        rows: set[str] = set()
        last = 0
        for claim, progress in self._each():
            given_back = progress.blocked if progress and progress.finished else ()
            rows.update(set(claim.rows).difference(given_back))
            last = int(claim.name)
        return last, rows

    def claim(self, number: int, hits: Iterable[Mended]) -> Run | None:
        """Makes run `number` of these hits; None where somebody else has made it meanwhile."""
        hits = list(hits)
        run = uuid4()
        claim = Claim(
            name=f"{number:06d}",
            hits=f"{HITS}{run}.jsonl.gz",
            progress=f"{PROGRESS}{run}.json",
            rows=sorted({hit.row for hit in hits}),
        )
        self._objects.put(claim.hits, gzip.compress(b"".join(orjson.dumps(hit) + b"\n" for hit in hits)))
        if self._objects.write(_key(claim.name), asdict(claim), None) is None:
            self._objects.erase(claim.hits)
            return None
        return self._taken(claim, None)

    def unfinished(self) -> tuple[list[Claim], float]:
        """Runs that were cut short, and how many seconds until all of them may be taken over."""
        waiting, found = 0.0, []
        for claim, progress in self._each():
            if progress is None or not progress.finished:
                found.append(claim)
                waiting = max(waiting, (progress.until if progress else 0.0) - time.time())
        return found, waiting

    def take_over(self, claim: Claim) -> Run | None:
        """The run, to be finished; None where somebody else sends it."""
        stored = self._objects.read(claim.progress)
        before = Progress(**stored.content) if stored else None
        if before and (before.finished or before.until > time.time()):
            return None
        return self._taken(claim, before, stored and stored.etag)

    def _taken(self, claim: Claim, before: Progress | None, etag: str | None = None) -> Run | None:
        holder, until = str(uuid4()), time.time() + LEASE_SECONDS
        progress = replace(before, holder=holder, until=until) if before else Progress(holder=holder, until=until)
        new = self._objects.write(claim.progress, asdict(progress), etag)
        return None if new is None else Run(self._objects, claim, progress, new)

    def _each(self) -> Iterator[tuple[Claim, Progress | None]]:
        """All runs, in their order, and how far they are; None where one was cut short before it had noted any."""
        claims = self._claims()
        for claim, stored in zip(claims, self._objects.read_all([one.progress for one in claims]), strict=True):
            yield claim, Progress(**stored.content) if stored else None

    def _claims(self) -> list[Claim]:
        """All runs, in their order."""
        names = [found[1] for key in self._objects.keys(PREFIX) if (found := CLAIM.fullmatch(key))]
        new = [name for name in names if name not in self._known]
        for name, stored in zip(new, self._objects.read_all([_key(name) for name in new]), strict=True):
            if stored:
                self._known[name] = _claim(name, stored.content)
        return [self._known[name] for name in names if name in self._known]


def _claim(name: str, stored: dict[str, Any]) -> Claim:
    # Runs from before progress went by a UUID have it beside the claim.
    progress = stored.get("progress") or f"{PREFIX}{name}.progress.json"
    return Claim(name=name, hits=stored["hits"], progress=progress, rows=stored["rows"])


def _key(name: str) -> str:
    return f"{PREFIX}{name}.json"
