"""Batches in, requests out, through lanes that keep each client's hits in order.

A lane has one request under way at a time and repeats a failed one before the next, so no hit overtakes an earlier
one of the same client.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing

from headrace.console import Problem
from pumper.attempts import Answer, Sender
from pumper.batches import Batch
from pumper.feeds import Feed
from pumper.packing import Account, LeftOut, Portion, Progress
from pumper.tally import Tally

BATCHES_WAITING = 3
"""A lane's batches between reader and request: enough to keep it busy, little enough for memory not to grow."""
NO_COLLECTOR = {"301", "302", "307", "308", "401", "403", "404", "405"}
"""Statuses that a collector does not give to a hit, good or bad."""

_Queue = asyncio.Queue[Batch | None]


class Pump:
    """One run, from `start` on."""

    def __init__(self, *, lanes: int, start: Progress, tally: Tally, stopping: asyncio.Event, target: str) -> None:
        """target: what is sent to, as a person calls it."""
        self._tally, self._stopping, self._target = tally, stopping, target
        self._queues = [_Queue(BATCHES_WAITING) for _ in range(lanes)]
        self._account = Account(start, lanes)
        self._lost_in_a_row = 0
        self.left_out = LeftOut()
        self.problem: Problem | None = None
        """Why the run was ended early, if it was."""

    def progress(self) -> Progress:
        """The mark up to which every hit was answered."""
        return self._account.progress()

    async def run(self, feed: Feed, sender: Callable[[], Sender], watch: Callable[[], None]) -> None:
        """Sends everything, each lane through a sender of its own. `watch` is called twice a second and at the end."""
        watcher = asyncio.create_task(_every(0.5, watch))
        try:
            async with asyncio.TaskGroup() as group:
                for queue in self._queues:
                    group.create_task(self._work(queue, sender()))
                try:
                    async with aclosing(feed(self._stopping)) as portions:
                        await self._deal(portions)
                except Problem as problem:
                    self._stop(problem)
                for queue in self._queues:
                    await queue.put(None)
        finally:
            watcher.cancel()
            watch()

    async def _deal(self, portions: AsyncIterator[Portion]) -> None:
        async for portion in portions:
            self._account.take(portion)
            self.left_out = portion.left_out
            for batch in portion.batches:
                if self._stopping.is_set():
                    return
                await self._queues[batch.lane].put(batch)
            if self._stopping.is_set():
                return

    async def _work(self, queue: _Queue, sender: Sender) -> None:
        try:
            while (batch := await queue.get()) is not None:
                if not self._stopping.is_set():
                    self._note(batch, await sender.send(batch))
        finally:
            sender.close()

    def _note(self, batch: Batch, answer: Answer | None) -> None:
        """Keeps account of what came of a batch, and ends the run when nothing comes of any."""
        if answer is None:
            return
        self._account.finish(batch, lost=bool(answer.lost))
        if not answer.lost:
            self._lost_in_a_row = 0
            self._check_collector()
            return
        self._lost_in_a_row += 1
        if self._lost_in_a_row >= max(2, len(self._queues)):
            self._stop(
                Problem(
                    f"the {self._target} stopped answering ({_most_common(self._tally)})",
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
