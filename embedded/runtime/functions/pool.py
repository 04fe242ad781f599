"""The workers of one function: who is free, who is wanted, how many may be at work at once."""

import asyncio
import os
import time
from collections import deque
from collections.abc import Awaitable, Callable

from embedded.runtime.functions.definition import Function
from embedded.runtime.functions.worker import Worker

# Loading a handler takes a processor for a third of a second, and a laptop has few: where workers get free sooner than
# that, more of them would only be in each other's way.
PATIENCE_SECONDS = 0.1
# And where so many are at work, another would take the processor's caches from them: who comes then waits as well.
AT_WORK = max(2, os.cpu_count() or 1)
STARTS_AT_ONCE = 2
IDLE_SECONDS = 300.0  # then a worker goes, but for the last one
LIFE_SECONDS = 2_700.0  # its role's credentials are good for an hour


class NotThere(Exception):
    """The function can not be found, or not be run."""


class Pool:
    """Workers of one function. `start` makes one, and may raise. To be used from one event loop."""

    def __init__(self, start: Callable[[Function], Awaitable[Worker]]) -> None:
        self._start = start
        self._function: Function | None = None
        self._free: list[Worker] = []
        self._wanted: deque[asyncio.Future[Worker]] = deque()
        self._starting: set[asyncio.Task[None]] = set()
        self._workers = 0
        self.at_work = 0

    async def take(self, function: Function) -> Worker:
        """A worker that nobody else has, of the function as it is now: one that is or gets free, or a new one. It
        must be given back. Raises what `start` does, and NotThere when the pool is stopped meanwhile."""
        self._function = function
        self.at_work += 1
        try:
            if self.at_work <= AT_WORK and (worker := self._rested()):
                return worker
            loop = asyncio.get_running_loop()
            wanted = loop.create_future()
            self._wanted.append(wanted)
            if self._workers:
                loop.call_later(PATIENCE_SECONDS, self._hurry, wanted)
            else:
                self._start_wanted()
            return await wanted
        except BaseException:
            self.at_work -= 1
            raise

    def give_back(self, worker: Worker) -> None:
        """Takes a worker back whose work is done."""
        self.at_work -= 1
        self._offer(worker)

    def end_idle(self, seconds: float = IDLE_SECONDS) -> None:
        """Ends those that had nothing to do for so long, but for the last one, and those that are of no use."""
        rested = time.monotonic() - seconds
        useless = [worker for worker in self._free if not self._good(worker)]
        idle = [worker for worker in self._free[:-1] if worker.rested < rested]
        for worker in {*useless, *idle}:
            self._free.remove(worker)
            self._end(worker)

    def stop(self) -> None:
        """Ends those that are free, and tells who waits for one. The others end when they come back, or with this
        process; so do those that are on their way."""
        self._function = None
        while self._wanted:
            wanted = self._wanted.popleft()
            if not wanted.done():
                wanted.set_exception(NotThere("the function is gone, or the runtime ends"))
        while self._free:
            self._end(self._free.pop())

    def _rested(self) -> Worker | None:
        """One that is free: who was busy last has all at hand."""
        while self._free:
            worker = self._free.pop()
            if self._good(worker):
                return worker
            self._end(worker)
        return None

    def _good(self, worker: Worker) -> bool:
        young = time.monotonic() - worker.began < LIFE_SECONDS
        return worker.alive and young and worker.function == self._function

    def _offer(self, worker: Worker) -> None:
        if not self._good(worker):
            self._end(worker)
            self._start_wanted()
            return
        while self._wanted:
            wanted = self._wanted.popleft()
            if not wanted.done():
                wanted.set_result(worker)
                return
        self._free.append(worker)

    def _end(self, worker: Worker) -> None:
        self._workers -= 1
        worker.stop()

    def _hurry(self, wanted: "asyncio.Future[Worker]") -> None:
        """Who has waited long enough gets one that is free, or a new one is started."""
        if wanted.done():
            return
        if worker := self._rested():
            self._wanted.remove(wanted)
            wanted.set_result(worker)
        else:
            self._start_wanted()

    def _start_wanted(self) -> None:
        """As many workers are on their way as are wanted, within limits."""
        while self._function and len(self._starting) < min(STARTS_AT_ONCE, len(self._wanted)):
            task = asyncio.get_running_loop().create_task(self._start_one(self._function))
            self._starting.add(task)
            self._workers += 1

    async def _start_one(self, function: Function) -> None:
        try:
            worker = await self._start(function)
        except Exception as error:  # whoever waits for a worker is told: it is not ours to judge
            self._over()
            self._workers -= 1
            self._fail(error)
            return
        self._over()
        self._offer(worker)
        self._start_wanted()

    def _over(self) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._starting.discard(task)

    def _fail(self, error: Exception) -> None:
        """One that waits hears of it; the others get another attempt each."""
        while self._wanted:
            wanted = self._wanted.popleft()
            if not wanted.done():
                wanted.set_exception(error)
                break
        self._start_wanted()
