"""Runs of rows in, requests out: lanes that keep each client's hits in order, and the mark up to which all is done.

A hit goes to the lane of its client. A lane has one request under way at a time and repeats a failed one before the
next, so no hit overtakes an earlier one of the same client.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from headrace.console import Problem
from pumper.google_analytics import GoogleAnalytics, Hit
from pumper.lines import Position
from pumper.pacing import Pace
from pumper.sender import Answer, Batch, Sender
from pumper.source import Source
from pumper.tally import Tally

BATCHES_WAITING = 3
"""A lane's batches between reader and request: enough to keep it busy, little enough for memory not to grow."""
TICK = 0.01
"""Seconds that a paced run sleeps at least: hits due within it share requests."""
HITS_BETWEEN_MARKS = 500
NO_COLLECTOR = {"301", "302", "307", "308", "401", "403", "404", "405"}
"""Statuses that a collector does not give to a hit, good or bad."""


class Progress(NamedTuple):
    """From where a later run has to go on: reading from `position` (None: the beginning), leaving out `skip` hits."""

    position: Position | None
    skip: int
    done: int


@dataclass
class _Lane:
    queue: asyncio.Queue[Batch | None]
    filling: Batch | None = None
    unfinished: deque[int] = field(default_factory=deque)
    """The first hits' numbers of the batches that are not answered, the one being filled included."""


class Pump:
    """One run. `done` hits are known to be acknowledged before it, and it starts at `start` after `skip` hits."""

    def __init__(
        self,
        source: Source,
        encoder: GoogleAnalytics,
        pace: Pace | None,
        *,
        lanes: int,
        batch_size: int,
        limit: int | None,
        start: Progress,
        tally: Tally,
        stopping: asyncio.Event,
    ) -> None:
        self._source, self._encoder, self._pace = source, encoder, pace
        self._batch_size, self._limit, self._start = batch_size, limit, start
        self._tally, self._stopping = tally, stopping
        self._lanes = [_Lane(asyncio.Queue(BATCHES_WAITING)) for _ in range(lanes)]
        self._next = start.done
        self._marks: deque[tuple[int, Position | None]] = deque([(start.done - start.skip, start.position)])
        self._first_lost: int | None = None
        self._lost_in_a_row = 0
        self.problem: Problem | None = None
        """Why the run was ended early, if it was."""

    def progress(self) -> Progress:
        """The mark up to which every hit was answered."""
        unfinished = [lane.unfinished[0] for lane in self._lanes if lane.unfinished]
        if self._first_lost is not None:
            unfinished.append(self._first_lost)
        done = min(unfinished, default=self._next)
        while len(self._marks) > 1 and self._marks[1][0] <= done:
            self._marks.popleft()
        number, position = self._marks[0]
        return Progress(position, done - number, done)

    async def run(self, sender: Callable[[], Sender], watch: Callable[[], None]) -> None:
        """Sends everything, each lane through a sender of its own. `watch` is called twice a second and at the end."""
        watcher = asyncio.create_task(_every(0.5, watch))
        try:
            async with asyncio.TaskGroup() as group:
                for lane in self._lanes:
                    group.create_task(self._work(lane, sender()))
                try:
                    await self._feed()
                except Problem as problem:
                    self._stop(problem)
                for lane in self._lanes:
                    await lane.queue.put(None)
        finally:
            watcher.cancel()
            watch()

    async def _feed(self) -> None:
        skip = self._start.skip
        for run in self._source.runs(self._start.position):
            if not skip and self._next - self._marks[-1][0] >= HITS_BETWEEN_MARKS:
                self._marks.append((self._next, run.position))
            hits = self._encoder.hits(run)
            if skip:
                skip, hits = max(0, skip - len(hits)), hits[skip:]
            if self._limit is not None:
                hits = hits[: max(0, self._limit - self._next)]
            if hits:
                await self._send(hits)
            if self._stopping.is_set():
                return
            if self._limit is not None and self._next >= self._limit:
                break
        for lane in self._lanes:
            await self._launch(lane)

    async def _send(self, hits: list[Hit]) -> None:
        """Hits of one run, which are all of one client."""
        lane = self._lanes[hits[0].client % len(self._lanes)]
        batch, size = lane.filling, self._batch_size
        for hit in hits:
            due = None
            if self._pace is not None:
                due = await self._wait_for(self._pace, hit)
                batch = lane.filling
                if self._stopping.is_set():
                    return
            if batch is None or not batch.add(hit, size):
                await self._launch(lane)
                batch = lane.filling = Batch(self._next)
                lane.unfinished.append(self._next)
                batch.add(hit, size)
            if due is not None:
                batch.dues.append(due)
            self._next += 1

    async def _wait_for(self, pace: Pace, hit: Hit) -> float:
        """Waits until the hit is due, the loop's time that is given; what was due before leaves meanwhile."""
        now = asyncio.get_running_loop().time()
        due = pace.due(number=self._next - self._start.done, timestamp=hit.timestamp, now=now)
        if due > now:
            for lane in self._lanes:
                await self._launch(lane)
            await self._sleep_until(due)
        return due

    async def _launch(self, lane: _Lane) -> None:
        if lane.filling is not None:
            batch, lane.filling = lane.filling, None
            await lane.queue.put(batch)

    async def _sleep_until(self, due: float) -> None:
        wait = max(due - asyncio.get_running_loop().time(), TICK)
        try:
            await asyncio.wait_for(self._stopping.wait(), wait)
        except TimeoutError:
            return

    async def _work(self, lane: _Lane, sender: Sender) -> None:
        try:
            while (batch := await lane.queue.get()) is not None:
                if not self._stopping.is_set():
                    self._note(lane, batch, await sender.send(batch))
        finally:
            sender.close()

    def _note(self, lane: _Lane, batch: Batch, answer: Answer | None) -> None:
        """Keeps account of what came of a batch, and ends the run when nothing comes of any."""
        if answer is None:
            return
        lane.unfinished.popleft()
        if not answer.lost:
            self._lost_in_a_row = 0
            self._check_collector()
            return
        self._first_lost = min(batch.first, self._first_lost if self._first_lost is not None else batch.first)
        self._lost_in_a_row += 1
        if self._lost_in_a_row >= max(2, len(self._lanes)):
            self._stop(
                Problem(
                    f"the collector stopped answering ({_most_common(self._tally)})",
                    "when it is back, --resume goes on where this run ended",
                )
            )

    def _check_collector(self) -> None:
        """Ends the run when what answers is no collector at all."""
        strange = NO_COLLECTOR & self._tally.statuses.keys()
        if strange and not self._tally.accepted:
            self._stop(
                Problem(
                    f"the collector's URL answers {', '.join(sorted(strange))} to hits",
                    "check COLLECT_URL: it ends in /collect, as the stack's output collect_url does",
                )
            )

    def _stop(self, problem: Problem) -> None:
        self.problem = self.problem or problem
        self._stopping.set()


def _most_common(tally: Tally) -> str:
    troubles = [item for item in tally.statuses.most_common() if not item[0].startswith("2")]
    return ", ".join(f"{name} {count} times" for name, count in troubles[:2])


async def _every(seconds: float, call: Callable[[], None]) -> None:
    while True:
        await asyncio.sleep(seconds)
        call()
