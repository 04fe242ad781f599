"""Where the portions of a run come from: packed in this process, by the clock, or in a process of its own.

A run of any size keeps two processor cores busy: one reads and packs, the other sends. A short run would wait longer
for the second process than it takes, and one that keeps a pace has time enough.
"""

import asyncio
import pickle
import subprocess
import sys
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import contextmanager
from typing import IO, Any

from headrace.console import Problem
from headrace.home import PROJECT_FOLDER
from pumper.pacing import Pace
from pumper.packing import Job, Packer, Portion, Refusal, open_packer
from pumper.worker import LENGTH_BYTES

FEW_HITS = 20_000
"""A second's work: fewer hits are packed sooner than another process has started."""
TICK = 0.01
"""Seconds that a paced run sleeps at least: hits due within it share requests."""
_PIPE_BYTES = 1 << 19
"""Of the operating system's pipe, on Linux, and what this process reads ahead: a portion under way, another waiting."""

Feed = Callable[[asyncio.Event], AsyncGenerator[Portion]]
"""Called once with what is set when the run is to stop. Its last portion comes at the end of the rows."""


@contextmanager
def open_feed(job: Job, pace: Pace | None) -> Iterator[Feed]:
    """The portions of a job. Raises Problem, now or while they come, for rows that can not be read."""
    if pace is None and (job.limit is None or job.limit - job.start.done > FEW_HITS):
        with _worker(job) as feed:
            yield feed
    else:
        with open_packer(job) as packer:
            yield _here(packer) if pace is None else _paced(packer, pace)


def _here(packer: Packer) -> Feed:
    async def feed(_stopping: asyncio.Event) -> AsyncGenerator[Portion]:
        for portion in packer.portions(1):
            yield portion

    return feed


def _paced(packer: Packer, pace: Pace) -> Feed:
    """Hits when they are due; while the next one is waited for, those before it leave."""

    async def feed(stopping: asyncio.Event) -> AsyncGenerator[Portion]:
        loop = asyncio.get_running_loop()
        for hits in packer.hits():
            for hit in hits:
                now = loop.time()
                due = pace.due(number=packer.taken, timestamp=hit.timestamp, now=now)
                if due > now:
                    packer.flush()
                    yield packer.portion()
                    await _sleep(max(due - loop.time(), TICK), stopping)
                packer.add([hit], due)
            yield packer.portion()
        packer.flush()
        yield packer.portion()

    return feed


async def _sleep(seconds: float, stopping: asyncio.Event) -> None:
    try:
        await asyncio.wait_for(stopping.wait(), seconds)
    except TimeoutError:
        return


@contextmanager
def _worker(job: Job) -> Iterator[Feed]:
    """Packs in another process, which is gone at the end whatever happens."""
    # A session of its own: a terminal's ^C reaches this process alone, which ends the run in order.
    process = subprocess.Popen(
        [sys.executable, "-m", "pumper.worker"],
        cwd=PROJECT_FOLDER,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        bufsize=0,
        pipesize=_PIPE_BYTES,
        start_new_session=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        process.stdin.write(pickle.dumps(job))
        process.stdin.close()
        _understood(_first(process.stdout))
        yield lambda _stopping: _portions(process)
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


async def _portions(process: "subprocess.Popen[bytes]") -> AsyncGenerator[Portion]:
    reader = asyncio.StreamReader(limit=_PIPE_BYTES // 2)
    transport, _ = await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), process.stdout
    )
    try:
        while True:
            try:
                length = await reader.readexactly(LENGTH_BYTES)
                portion = _understood(await reader.readexactly(int.from_bytes(length, "big")))
            except EOFError as error:
                raise _ended() from error
            if portion is None:
                return
            yield portion
    finally:
        transport.close()


def _first(pipe: IO[bytes]) -> bytes:
    """The first frame's content, nothing read beyond it."""
    length = pipe.read(LENGTH_BYTES)
    left = int.from_bytes(length, "big")
    content = b""
    while len(content) < left and (part := pipe.read(left - len(content))):
        content += part
    if not content or len(content) < left:
        raise _ended()
    return content


def _understood(content: bytes) -> Portion | None:
    told: Any = pickle.loads(content)  # noqa: S301 - from the process started above
    if isinstance(told, Refusal):
        raise Problem(*told)
    return told


def _ended() -> Problem:
    return Problem(
        "the process that reads the dataset was ended from outside or failed",
        "see what it said above, and whether memory ran out; --resume goes on where this run ended",
    )
