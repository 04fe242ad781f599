"""Rows in, batches out: reading, encoding and dealing hits to lanes, in whichever process does it.

A client's hits go to one lane, in their order. Batches come in portions, with what is needed to tell up to which row
everything has been sent: see Portion.
"""

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from pumper.batches import Batch, Filling
from pumper.dataset import open_dataset
from pumper.hits import Encoder, Hit
from pumper.lines import Position
from pumper.rows import BadRows
from pumper.source import Source
from pumper.trackers import GOOGLE_ANALYTICS, TRACKERS

HITS_BETWEEN_MARKS = 500


class Progress(NamedTuple):
    """From where a later run has to go on: reading from `position` (None: the beginning), leaving out `skip` hits."""

    position: Position | None
    skip: int
    done: int


@dataclass(frozen=True, kw_only=True)
class Job:
    """What is to be read and how it is packed. `limit`: hits in all, those before `start` included.

    `folder` has the dataset, `stack` what was made of it.
    """

    folder: Path
    stack: Path
    by_time: bool
    seed: int
    salt: int
    strict: bool
    lanes: int
    batch_size: int
    limit: int | None
    start: Progress
    tracker: str = GOOGLE_ANALYTICS

    @property
    def batches_a_portion(self) -> int:
        """So many batches that passing them to another process costs little for each hit: 480 hits, some 300 KB."""
        return max(1, 480 // self.batch_size)


class LeftOut(NamedTuple):
    """Rows that became no hits, since the beginning: bad ones, the first few in words, and hits that were too long."""

    bad_rows: int = 0
    examples: tuple[str, ...] = ()
    too_long: int = 0

    @property
    def total(self) -> int:
        return self.bad_rows + self.too_long


class Portion(NamedTuple):
    """Some batches, in the order in which they are to be sent.

    packed: every hit with a smaller number is in a batch of this portion or an earlier one.
    marks: from which place on reading gets the hit of which number, every few hundred hits.
    """

    batches: list[Batch]
    packed: int
    marks: list[tuple[int, Position]]
    left_out: LeftOut


class Refusal(NamedTuple):
    """A Problem that ended the packing in another process."""

    cause: str
    cure: str


class Packer:
    """Numbers the hits of a job and fills batches with them."""

    def __init__(self, job: Job, source: Source, encoder: Encoder, bad: BadRows) -> None:
        self._job, self._source, self._encoder, self._bad = job, source, encoder, bad
        self._most_bytes = TRACKERS[job.tracker].bytes
        self._fillings: list[Filling | None] = [None] * job.lanes
        self._next = job.start.done
        self._marked = job.start.done - job.start.skip
        self._marks: list[tuple[int, Position]] = []
        self._ready: list[Batch] = []

    @property
    def taken(self) -> int:
        """Hits added so far."""
        return self._next - self._job.start.done

    def portions(self, batches: int) -> Iterator[Portion]:
        """The whole job, so many batches at a time or a few more."""
        for hits in self.hits():
            self.add(hits)
            if len(self._ready) >= batches:
                yield self.portion()
        self.flush()
        yield self.portion()

    def hits(self) -> Iterator[list[Hit]]:
        """The job's hits, those of one run of rows at a time. Each list is to be added before the next is asked for."""
        skip, limit = self._job.start.skip, self._job.limit
        for run in self._source.runs(self._job.start.position):
            if not skip and self._next - self._marked >= HITS_BETWEEN_MARKS:
                self._marked = self._next
                self._marks.append((self._next, run.position))
            hits = self._encoder.hits(run)
            if skip:
                skip, hits = max(0, skip - len(hits)), hits[skip:]
            if limit is not None:
                hits = hits[: max(0, limit - self._next)]
            if hits:
                yield hits
            if limit is not None and self._next >= limit:
                return

    def add(self, hits: list[Hit], due: float | None = None) -> None:
        """Puts hits of one client into their lane's batch, which is ready when the next hit has no room in it."""
        lane, largest = hits[0].client % self._job.lanes, self._job.batch_size
        filling = self._fillings[lane]
        while hits:
            if filling is None:
                filling = self._fillings[lane] = Filling(self._next, self._most_bytes)
            taken = filling.take(hits, largest)
            if due is not None:
                filling.dues.extend([due] * taken)
            self._next += taken
            hits = hits[taken:]
            if hits:
                self._ready.append(filling.batch(lane))
                filling = None

    def flush(self) -> None:
        """Makes all batches ready, full or not."""
        for lane, filling in enumerate(self._fillings):
            if filling is not None:
                self._ready.append(filling.batch(lane))
                self._fillings[lane] = None

    def portion(self) -> Portion:
        """What is ready."""
        packed = min((filling.first for filling in self._fillings if filling is not None), default=self._next)
        bad = self._bad
        left_out = LeftOut(bad.count, tuple(bad.examples), self._encoder.too_long)
        portion = Portion(self._ready, packed, self._marks, left_out)
        self._ready, self._marks = [], []
        return portion


class Account:
    """Up to which hit everything is answered, told from the portions taken and the batches answered."""

    def __init__(self, start: Progress, lanes: int) -> None:
        self._packed = start.done
        self._marks: deque[tuple[int, Position | None]] = deque([(start.done - start.skip, start.position)])
        self._unfinished: list[deque[int]] = [deque() for _ in range(lanes)]
        self._first_lost: int | None = None

    def take(self, portion: Portion) -> None:
        """Notes a portion whose batches are to be sent from now on."""
        for batch in portion.batches:
            self._unfinished[batch.lane].append(batch.first)
        self._marks.extend(portion.marks)
        self._packed = portion.packed

    def finish(self, batch: Batch, *, lost: bool) -> None:
        """Notes what came of a lane's oldest batch."""
        self._unfinished[batch.lane].popleft()
        if lost:
            self._first_lost = min(batch.first, self._first_lost if self._first_lost is not None else batch.first)

    def progress(self) -> Progress:
        """The mark up to which every hit was answered."""
        unfinished = [firsts[0] for firsts in self._unfinished if firsts]
        if self._first_lost is not None:
            unfinished.append(self._first_lost)
        done = min([*unfinished, self._packed])
        while len(self._marks) > 1 and self._marks[1][0] <= done:
            self._marks.popleft()
        number, position = self._marks[0]
        return Progress(position, done - number, done)


@contextmanager
def open_packer(job: Job) -> Iterator[Packer]:
    """A packer over a dataset that has been prepared. Raises Problem when `strict` and there are bad rows."""
    bad = BadRows(strict=job.strict)
    with open_dataset(job.folder, job.stack, by_time=job.by_time, seed=job.seed, bad=bad, show=_unseen) as dataset:
        yield Packer(job, dataset.source, dataset.encoder(job.salt, job.tracker), bad)


def _unseen(_what: str, _done: int, _total: int) -> None:
    """Progress of what has been prepared and so takes no time."""
