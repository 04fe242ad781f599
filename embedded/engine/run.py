"""Runs a Pulumi program in this process, as Pulumi's own language host would."""

import asyncio
import contextvars
import os
import runpy
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pulumi

from embedded.engine.deployment import Deployment, StoppedError
from embedded.engine.monitor import Log, Monitor
from headrace.console import Problem

STEPS_AT_ONCE = 8  # a step waits for the emulator, which has one process; more at once gain nothing


def run_program(deployment: Deployment) -> dict[str, Any]:
    """Runs the program once and returns the stack's outputs.

    Raises the Problem of the step that failed first, or one that names the program's line that raised.
    Leaves the working directory, `sys.path` and the loaded modules as they were.
    """
    monitor = Monitor(deployment)
    project = deployment.project

    raised: list[Exception | None] = []

    async def program() -> None:
        runpy.run_path(str(project.program), run_name="__main__")
        raised.append(await _settled())

    async def main() -> None:
        loop = asyncio.get_running_loop()
        loop.set_default_executor(ThreadPoolExecutor(STEPS_AT_ONCE))
        # When one registration fails, those that wait for it fail too, and asyncio would tell of each.
        loop.set_exception_handler(lambda _loop, _context: None)
        await pulumi.runtime.run_in_stack(program)

    def inside() -> None:
        pulumi.runtime.reset_options()
        settings = pulumi.runtime.Settings(
            project=project.name,
            stack=project.stack,
            organization="organization",  # what Pulumi itself says when there is none
            dry_run=deployment.dry,
            root_directory=str(project.folder),
            monitor=monitor,
            engine=Log(deployment.say),
        )
        pulumi.runtime.configure(settings)
        pulumi.runtime.set_all_config(project.config, [])
        asyncio.run(main())

    with _surroundings(project.program):
        try:
            contextvars.copy_context().run(inside)  # a second run in this process finds the SDK untouched
        except Exception as problem:
            if deployment.failure is not None:
                raise deployment.failure from None
            if isinstance(problem, StoppedError):
                raise
            own = next(filter(None, raised), problem)
            raise _program_error(own, project.program) from own
    if deployment.failure is not None:
        raise deployment.failure
    return monitor.outputs


async def _settled() -> Exception | None:
    """Waits until every resource is registered, or one has failed; returns what the program itself raised meanwhile, in
    an `apply` say. The SDK waits too, but looks at all that is outstanding whenever one thing is done: with two
    hundred resources that took longer than everything else."""
    while waiting := asyncio.all_tasks() - {asyncio.current_task()}:
        done, _ = await asyncio.wait(waiting, return_when=asyncio.FIRST_EXCEPTION)
        errors = [task.exception() for task in done if not task.cancelled()]
        if any(errors):
            # Whoever waited for what failed has failed with it, in words of the SDK around the program's.
            own = (one for one in errors if isinstance(one, Exception) and not str(one).startswith("While processing "))
            return next(own, None)
    return None


@contextmanager
def stopping_on_interrupt(stop: Callable[[], None], say: Callable[[str, str], None]) -> Iterator[None]:
    """^C lets the steps under way end and then raises KeyboardInterrupt; a second ^C raises it at once."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    interrupted = False

    def interrupt(_signal: int, _frame: Any) -> None:
        nonlocal interrupted
        if interrupted:
            raise KeyboardInterrupt
        interrupted = True
        stop()
        say("warning", "stopping when the steps under way are done (press ^C again to stop at once)")

    before = signal.signal(signal.SIGINT, interrupt)
    try:
        yield
    except (StoppedError, Problem):
        if not interrupted:
            raise
    finally:
        signal.signal(signal.SIGINT, before)
    if interrupted:
        raise KeyboardInterrupt


@contextmanager
def _surroundings(program: Path) -> Iterator[None]:
    """The program runs in its own folder, as under Pulumi; its modules are forgotten afterwards."""
    folder, path, loaded = Path.cwd(), list(sys.path), set(sys.modules)
    os.chdir(program)
    try:
        yield
    finally:
        os.chdir(folder)
        sys.path[:] = path
        for name in set(sys.modules) - loaded:
            file = getattr(sys.modules[name], "__file__", None)
            if file and Path(file).is_relative_to(program):
                del sys.modules[name]


def _program_error(problem: Exception, program: Path) -> Problem:
    if isinstance(problem, Problem):
        return problem
    if isinstance(problem, pulumi.RunError):
        return Problem(f"the program says: {problem}", "mend it or its configuration and run it again")
    if isinstance(problem, pulumi.ConfigMissingError | pulumi.ConfigTypeError):
        return Problem(f"the stack's configuration is wrong: {problem}", "mend it in the stack's Pulumi.<stack>.yaml")
    frames = [frame for frame in traceback.extract_tb(problem.__traceback__) if _within(frame.filename, program)]
    where = f" at {frames[-1].filename}:{frames[-1].lineno}" if frames else ""
    return Problem(
        f"the program failed{where}: {type(problem).__name__}: {' '.join(str(problem).split())}",
        "mend it and run it again: what was deployed is kept",
    )


def _within(filename: str, program: Path) -> bool:
    return Path(filename).resolve().is_relative_to(program)
