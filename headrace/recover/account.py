"""Which rows have been sent again, in S3: so that none is sent twice, whoever runs, however often, however it ends.

    recovered/hits/<run>.jsonl.gz      the hits of a run exactly as they are to be sent; gone once they are. A line is
                                       empty where `headrace forget` has taken a person's hit out
    recovered/000001.json              that run 1 claims these rows: written once, if nobody else has (If-None-Match)
    recovered/000001.progress.json     how far it is, and until when it is its sender's alone (If-Match)

A claim is made by one who has read all claims before it, so no row is in two. A run that was cut short is finished by
the next one, with the very same hits: what had been sent already has the same ids, and the tables keep one of each.
"""

import gzip
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from typing import Any
from uuid import uuid4

import orjson

from headrace.console import Problem
from headrace.recover.mending import Mended
from headrace.recover.objects import Objects

PREFIX = "recovered/"
HITS = f"{PREFIX}hits/"
PROGRESS = ".progress.json"
LEASE_SECONDS = 20.0  # it is renewed within 18, however slow the collector is (headrace.recover.sending)


@dataclass(frozen=True, kw_only=True)
class Progress:
    """sent: lines of the run that are done with; refused: hits of them that were bad again. until: epoch seconds."""

    holder: str
    until: float
    sent: int = 0
    refused: int = 0
    finished: bool = False


class Run:
    """A claimed run that this process may send."""

    def __init__(self, objects: Objects, name: str, hits: str, progress: Progress, etag: str) -> None:
        self._objects, self._name, self._hits = objects, name, hits
        self.progress, self._etag = progress, etag

    @property
    def name(self) -> str:
        return self._name.removeprefix(PREFIX)

    def hits(self) -> list[Mended | None]:
        """All of the run's by their places, those that were sent too; None where one was forgotten meanwhile.

        Raises Problem where they are gone: S3 keeps them as long as bad rows, and nobody has finished the run in time.
        """
        content = self._objects.content(self._hits)
        if content is None:
            raise Problem(
                f"run {self.name} was never finished, and the hits it claimed are gone from {self._hits}",
                f"delete s3://{self._objects.bucket}/{self._name}.json, and its rows are looked at anew; "
                "what the run had sent keeps its ids, so EVENTS has it once",
            )
        return [Mended(**orjson.loads(line)) if line else None for line in gzip.decompress(content).splitlines()]

    def note(self, sent: int, refused: int, *, finished: bool = False) -> None:
        """Writes how far it is, and claims it for some seconds more. Raises Problem where another has taken over."""
        until = time.time() + LEASE_SECONDS
        progress = replace(self.progress, until=until, sent=sent, refused=refused, finished=finished)
        etag = self._objects.write(f"{self._name}{PROGRESS}", asdict(progress), self._etag)
        if etag is None:
            raise Problem(f"another `make recover` has taken run {self.name} over", "let it finish")
        self.progress, self._etag = progress, etag
        if finished:  # nobody needs a second copy of people's hits
            self._objects.erase(self._hits)


class Account:
    """All runs of a stack. Raises botocore's errors."""

    def __init__(self, s3: Any, bucket: str) -> None:
        self._objects = Objects(s3, bucket)

    def claimed(self) -> tuple[int, set[str]]:
        """The number of the last run, and all rows that have been claimed."""
        rows: set[str] = set()
        last = 0
        for name in self._claims():
            rows.update(self._claim(name)["rows"])
            last = int(name.removeprefix(PREFIX))
        return last, rows

    def claim(self, number: int, hits: Iterable[Mended]) -> Run | None:
        """Makes run `number` of these hits; None where somebody else has made it meanwhile."""
        hits = list(hits)
        key = f"{HITS}{uuid4()}.jsonl.gz"
        self._objects.put(key, gzip.compress(b"".join(orjson.dumps(hit) + b"\n" for hit in hits)))
        name = f"{PREFIX}{number:06d}"
        claim = {"hits": key, "count": len(hits), "rows": sorted({hit.row for hit in hits}), "begun": time.time()}
        if self._objects.write(f"{name}.json", claim, None) is None:
            self._objects.erase(key)
            return None
        return self._taken(name, key, None)

    def unfinished(self) -> tuple[list[str], float]:
        """Runs that were cut short, and how many seconds until all of them may be taken over."""
        waiting, names = 0.0, []
        for name in self._claims():
            progress, _ = self._progress(name)
            if progress is None or not progress.finished:
                names.append(name)
                waiting = max(waiting, (progress.until if progress else 0.0) - time.time())
        return names, waiting

    def take_over(self, name: str) -> Run | None:
        """The run, to be finished; None where somebody else sends it."""
        progress, etag = self._progress(name)
        if progress and (progress.finished or progress.until > time.time()):
            return None
        return self._taken(name, self._claim(name)["hits"], progress, etag)

    def _taken(self, name: str, hits: str, before: Progress | None, etag: str | None = None) -> Run | None:
        holder, until = str(uuid4()), time.time() + LEASE_SECONDS
        progress = replace(before, holder=holder, until=until) if before else Progress(holder=holder, until=until)
        new = self._objects.write(f"{name}{PROGRESS}", asdict(progress), etag)
        return None if new is None else Run(self._objects, name, hits, progress, new)

    def _claims(self) -> list[str]:
        """The names of all runs, in their order."""
        keys = self._objects.keys(PREFIX)
        return [key.removesuffix(".json") for key in keys if key.endswith(".json") and not key.endswith(PROGRESS)]

    def _claim(self, name: str) -> dict[str, Any]:
        found = self._objects.read(f"{name}.json")
        if found is None:
            raise Problem(f"the claim {name}.json is gone since it was listed", "run this again")
        return found.content

    def _progress(self, name: str) -> tuple[Progress | None, str | None]:
        found = self._objects.read(f"{name}{PROGRESS}")
        # Without one, it was cut short before it had made any.
        return (Progress(**found.content), found.etag) if found else (None, None)
