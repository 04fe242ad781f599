"""Keeps two commands from changing one stack at the same time."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from headrace.console import Problem


@contextmanager
def locked(folder: Path, command: str) -> Iterator[None]:
    """Holds the stack in `folder` for `command`. Raises Problem where another process holds it.

    The system lets go of the lock when its holder ends, however it ends.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "lock"
    with path.open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            holder = lock.read().strip() or "another command"
            raise Problem(f"stack '{folder.name}' is being changed by {holder}", "wait until it is done") from None
        lock.truncate(0)
        lock.write(f"`{command}` (pid {os.getpid()})")
        lock.flush()
        yield
