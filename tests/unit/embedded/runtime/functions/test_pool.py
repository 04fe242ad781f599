"""Who waits for a worker gets one or hears why not, whatever becomes of those that are on their way."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from embedded.runtime.functions import pool as pool_module
from embedded.runtime.functions.definition import Function
from embedded.runtime.functions.pool import NotThere, Pool
from tests.unit.embedded.runtime.functions.described import FUNCTION


@dataclass(eq=False)
class Fake:
    """A worker without a process."""

    function: Function
    alive: bool = True
    began: float = field(default_factory=time.monotonic)
    rested: float = 0.0

    def stop(self) -> None:
        self.alive = False


class Starts:
    """Starts workers when the test lets it."""

    def __init__(self) -> None:
        self.go = asyncio.Event()
        self.errors: list[Exception] = []
        self.made: list[Fake] = []

    async def __call__(self, function: Function) -> Any:
        await self.go.wait()
        if self.errors:
            raise self.errors.pop(0)
        self.made.append(Fake(function))
        return self.made[-1]


def play(story: Callable[[Pool, Starts], Awaitable[None]]) -> None:
    async def run() -> None:
        starts = Starts()
        await asyncio.wait_for(story(Pool(starts), starts), 20)

    asyncio.run(run())


async def waiting(pool: Pool, function: Function = FUNCTION) -> asyncio.Task[Any]:
    task = asyncio.create_task(pool.take(function))
    await asyncio.sleep(0)  # one turn of the loop: it waits now
    return task


def test_a_start_that_fails_is_told_to_one_and_the_others_get_workers():
    async def story(pool: Pool, starts: Starts) -> None:
        tasks = [await waiting(pool) for _ in range(4)]
        starts.errors.append(OSError("too many open files"))
        starts.go.set()
        results = await asyncio.gather(*tasks, return_exceptions=True)
        assert sum(isinstance(each, OSError) for each in results) == 1
        assert len({each for each in results if isinstance(each, Fake)}) == 3
        assert pool.at_work == 3

    play(story)


def test_who_waits_in_a_pool_that_is_stopped_is_told_and_a_late_worker_is_ended():
    async def story(pool: Pool, starts: Starts) -> None:
        tasks = [await waiting(pool) for _ in range(3)]
        pool.stop()
        for task in tasks:
            with pytest.raises(NotThere):
                await task
        starts.go.set()
        again = await pool.take(replace(FUNCTION, version="2"))
        assert again.function.version == "2"
        assert pool.at_work == 1
        late = [each for each in starts.made if each.function == FUNCTION]
        assert late
        assert not any(each.alive for each in late)

    play(story)


def test_a_worker_that_comes_back_to_a_stopped_pool_is_ended():
    async def story(pool: Pool, starts: Starts) -> None:
        starts.go.set()
        worker = await pool.take(FUNCTION)
        pool.stop()
        pool.give_back(worker)
        assert (worker.alive, pool.at_work) == (False, 0)

    play(story)


def test_who_waits_while_the_function_changes_gets_the_new_one():
    async def story(pool: Pool, starts: Starts) -> None:
        first, second = await waiting(pool), await waiting(pool, replace(FUNCTION, version="2"))
        starts.go.set()
        assert [(await first).function.version, (await second).function.version] == ["2", "2"]

    play(story)


def test_a_worker_of_one_who_waited_too_long_is_there_for_the_next():
    async def story(pool: Pool, starts: Starts) -> None:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(pool.take(FUNCTION), 0.001)
        assert pool.at_work == 0
        starts.go.set()
        assert await pool.take(FUNCTION) is starts.made[0]

    play(story)


def test_who_comes_where_enough_are_at_work_gets_the_next_that_comes_back_or_after_a_while_one_that_rests(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(pool_module, "AT_WORK", 1)

    async def story(pool: Pool, starts: Starts) -> None:
        starts.go.set()
        first = await pool.take(FUNCTION)
        second = await pool.take(FUNCTION)  # nobody came back: another was started
        for worker in (second, first):
            pool.give_back(worker)
        assert await pool.take(FUNCTION) is first
        third = await waiting(pool)
        assert not third.done()  # though the second rests
        pool.give_back(first)
        assert await third is first
        assert await pool.take(FUNCTION) is second
        assert len(starts.made) == 2

    play(story)
