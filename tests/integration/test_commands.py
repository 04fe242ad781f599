"""The commands on the whole program: deploy, look, change, send, destroy. One stack, in the order a user goes."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import urllib3

from headrace.home import PROJECT_FOLDER

ANY_PORT = ("--front-door-port", "0", "--aws-port", "0", "--firehose-port", "0")


class Stack:
    """Runs commands on a stack in a home of its own."""

    def __init__(self, home: Path) -> None:
        self.folder = home / "local"
        self.environment = {**os.environ, "HEADRACE_HOME": str(home), "COLUMNS": "200"}

    def run(self, *arguments: str) -> tuple[int, str]:
        """Exit code, and all that was printed."""
        done = subprocess.run(
            [sys.executable, "-m", "embedded", *arguments],
            cwd=PROJECT_FOLDER,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=120,
        )
        return done.returncode, done.stdout + done.stderr

    def outputs(self) -> dict[str, str]:
        return json.loads((self.folder / "outputs.json").read_text())


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory):
    made = Stack(tmp_path_factory.mktemp("commands"))
    yield made
    if made.folder.exists():
        made.run("destroy")


def test_before_up_each_command_says_what_to_do(stack: Stack):
    for command in ("status", "logs", "history", "env"):
        code, said = stack.run(command)
        assert (code, said) == (1, "error: stack 'local' is not up. Run `make up` first.\n")
    assert stack.run("destroy") == (0, "stack 'local' is not there: nothing to destroy\n")


def test_an_interrupted_up_is_resumed_by_the_next_one(stack: Stack):
    process = subprocess.Popen(
        [sys.executable, "-m", "embedded", "up", *ANY_PORT],
        cwd=PROJECT_FOLDER,
        env=stack.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    assert any("create" in line for line in process.stdout)
    process.send_signal(signal.SIGINT)
    rest = process.stdout.read()
    assert process.wait(timeout=60) == 130
    assert "interrupted" in rest
    assert not (stack.folder / "outputs.json").exists()
    code, said = stack.run("up")
    assert code == 0, said
    assert "created" in said
    assert "unchanged" in said
    assert set(stack.outputs()) >= {"collect_url", "bucket", "events_stream", "snowflake_pipe"}


@pytest.mark.slow
def test_a_second_up_changes_nothing(stack: Stack):
    assert stack.run("up")[0] == 0  # of the set that this test is in, it is this file's only one
    before = stack.outputs()
    code, said = stack.run("up")
    assert code == 0
    assert "created" not in said
    assert "updated" not in said
    assert stack.outputs() == before
    code, said = stack.run("preview")
    assert code == 0
    assert "unchanged; nothing to change" in said


def test_an_event_is_seen_at_every_hop(stack: Stack):
    url = f"{stack.outputs()['collect_url']}?v=1&tid=UA-1&cid=visitor&t=pageview&dp=/"
    assert urllib3.request("GET", url, timeout=30.0).status == 200
    deadline = time.monotonic() + 30
    while "1 rows loaded" not in (said := stack.run("history")[1]):
        assert time.monotonic() < deadline, said
    assert "Loaded" in said
    code, said = stack.run("status")
    assert code == 0, said
    assert "all is well" in said
    code, said = stack.run("logs", "collect")
    assert code == 0
    assert "GET /collect" in said


def test_an_unknown_log_is_an_error_that_lists_the_known_ones(stack: Stack):
    code, said = stack.run("logs", "nonsense")
    assert code == 1
    assert "no log is called 'nonsense'. There are: emulator, runtime, " in said


def test_env_lets_awss_own_tools_reach_the_cloud(stack: Stack):
    _, said = stack.run("env")
    names = [line.removeprefix("export ").partition("=")[0] for line in said.splitlines()]
    assert "AWS_ENDPOINT_URL" in names
    assert "AWS_SECRET_ACCESS_KEY" in names


def test_a_process_that_is_down_is_an_error_and_up_mends_it(stack: Stack):
    runtime = json.loads((stack.folder / "cloud.json").read_text())["runtime"]["pid"]
    os.kill(runtime, signal.SIGKILL)
    code, said = stack.run("status")
    assert code == 1
    assert "error: the runtime is down: run `make up`" in said
    code, said = stack.run("up")
    assert code == 0, said
    assert "starting it again, it goes on where it was" in said
    assert stack.run("status")[0] == 0


def test_destroy_leaves_nothing_and_proves_it(stack: Stack):
    running = json.loads((stack.folder / "cloud.json").read_text())
    code, said = stack.run("destroy")
    assert code == 0, said
    assert "nothing is left" in said
    assert not stack.folder.exists()
    for process in ("emulator", "runtime"):
        assert (
            not Path(f"/proc/{running[process]['pid']}/cmdline").exists()
            or not Path(f"/proc/{running[process]['pid']}/cmdline").read_bytes()
        )
    shutil.rmtree(stack.folder, ignore_errors=True)
