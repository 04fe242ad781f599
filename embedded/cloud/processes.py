"""Processes that outlive the command which started them, and how to know them again.

A pid alone is not enough: after a restart of the machine, or a long time, the same number may belong to somebody else.
So a process is remembered by its pid and the moment it began, and nothing is signalled unless both still agree.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from headrace.console import Problem

GRACE_SECONDS = 6.0  # MiniStack takes 1.6 s to stop after SIGTERM
KILLED_SECONDS = 2.0


@dataclass(frozen=True)
class Process:
    """A process by its number and its beginning (see `_beginning`)."""

    pid: int
    began: str

    @classmethod
    def with_pid(cls, pid: int) -> "Process | None":
        """The process that has this number now."""
        began = _beginning(pid)
        return None if began is None else cls(pid, began)

    @property
    def alive(self) -> bool:
        """Whether this very process still runs; a zombie does not."""
        return _beginning(self.pid) == self.began

    @property
    def resident_bytes(self) -> int:
        """Memory of the process and all it started (a function's workers), 0 when it is gone."""
        return sum(memory for group, memory in _groups() if group == self.pid) if self.alive else 0

    def stop(self) -> None:
        """Asks the process and those it started to end, insists after a while. One that is gone is no error."""
        if not self.alive:
            return
        for signal_number, patience in ((signal.SIGTERM, GRACE_SECONDS), (signal.SIGKILL, KILLED_SECONDS)):
            try:
                os.killpg(self.pid, signal_number)
            except ProcessLookupError:
                return
            deadline = time.monotonic() + patience
            while time.monotonic() < deadline:
                _reap(self.pid)
                if not any(group == self.pid for group, _ in _groups()):
                    return
                time.sleep(0.02)


def start(arguments: Sequence[str], environment: Mapping[str, str], log: Path, folder: Path) -> Process:
    """Starts a Python process (`python <arguments>`) in a session of its own, so that closing the terminal or ^C does
    not end it. Both its outputs are appended to `log`."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        child = subprocess.Popen(
            [sys.executable, *arguments],
            env=dict(environment),
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    process = Process.with_pid(child.pid)
    if process is None:
        raise Problem(f"a process ended as it started ({' '.join(arguments)})", f"see {log}{last_line(log)}")
    # The child is meant to outlive us: Popen must neither wait for it nor warn that we did not.
    child.returncode = 0
    return process


def last_line(log: Path) -> str:
    """The last thing a process said, in brackets with a leading blank; nothing when it said nothing."""
    lines = log.read_text(errors="replace").split("\n") if log.exists() else []
    said = [line.strip() for line in lines if line.strip()]
    return f" ({said[-1]})" if said else ""


def _beginning(pid: int) -> str | None:
    """When a process began, in a form that no other process on this machine shares; None when there is none."""
    if not Path("/proc/self/stat").exists():
        return _beginning_by_ps(pid)
    try:
        fields = _after_name(Path(f"/proc/{pid}/stat").read_text())
    except (FileNotFoundError, ProcessLookupError):
        return None
    if fields[0] == "Z":
        return None
    # Clock ticks since the machine started (proc(5), field 22), so the machine's start is part of it.
    return f"{Path('/proc/sys/kernel/random/boot_id').read_text().strip()}/{fields[19]}"


def _beginning_by_ps(pid: int) -> str | None:
    answer = subprocess.run(
        ["ps", "-o", "stat=,lstart=", "-p", str(pid)], capture_output=True, text=True, check=False
    ).stdout.split(maxsplit=1)
    return answer[1].strip() if len(answer) == 2 and not answer[0].startswith("Z") else None


def _groups() -> list[tuple[int, int]]:
    """(process group, resident bytes) of every living process."""
    if not Path("/proc/self/stat").exists():
        rows = subprocess.run(["ps", "-axo", "stat=,pgid=,rss="], capture_output=True, text=True, check=True).stdout
        split = [row.split() for row in rows.splitlines()]
        return [(int(group), int(kibibytes) * 1024) for state, group, kibibytes in split if not state.startswith("Z")]
    found = []
    page = os.sysconf("SC_PAGE_SIZE")
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = _after_name((entry / "stat").read_text())
            except (FileNotFoundError, ProcessLookupError):
                continue
            if fields[0] != "Z":
                found.append((int(fields[2]), int(fields[21]) * page))
    return found


def _after_name(stat: str) -> list[str]:
    """The fields of /proc/PID/stat after the name, which may itself hold blanks and brackets."""
    return stat.rpartition(")")[2].split()


def _reap(pid: int) -> None:
    """Takes leave of a child of ours, so that it does not stay as a zombie; only a parent can."""
    try:
        os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        return
