"""Processes are known again by pid and beginning, and nothing else is ever signalled."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from embedded.cloud.processes import Process, last_line, start

SLEEP = "import time; print('up', flush=True); time.sleep(60)"


@pytest.fixture
def sleeper(tmp_path: Path):
    process = start(["-c", SLEEP], os.environ, tmp_path / "sleeper.log", tmp_path)
    yield process
    process.stop()


def test_a_started_process_lives_until_it_is_stopped(sleeper: Process):
    assert sleeper.alive
    assert sleeper.resident_bytes > 1_000_000
    sleeper.stop()
    assert not sleeper.alive
    assert sleeper.resident_bytes == 0


def test_stopping_takes_the_children_along(tmp_path: Path):
    parent = (
        "import subprocess, sys, time; child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']);"
        "print(child.pid, flush=True); time.sleep(60)"
    )
    log = tmp_path / "parent.log"
    process = start(["-c", parent], os.environ, log, tmp_path)
    while not log.read_text().strip():
        assert process.alive
    child = Process.with_pid(int(log.read_text()))
    process.stop()
    assert child is not None
    assert not child.alive


def test_a_recycled_pid_is_not_taken_for_the_process():
    stranger = subprocess.Popen([sys.executable, "-c", SLEEP])
    try:
        process = Process(stranger.pid, "an earlier beginning")
        assert not process.alive
        process.stop()
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_a_process_that_ended_by_itself_is_not_alive(tmp_path: Path):
    log = tmp_path / "short.log"
    process = start(
        ["-c", "import sys; print('said'); sys.stdin.read(); print('the last words')"], os.environ, log, tmp_path
    )
    while process.alive:
        pass
    assert last_line(log) == " (the last words)"
    replace(process, began="else").stop()


def test_a_log_that_says_nothing_adds_nothing(tmp_path: Path):
    assert last_line(tmp_path / "none.log") == ""
