"""The embedded cloud's processes: they start, are restarted, start clean, and leave nothing."""

import json
import os
import signal
import socket
from pathlib import Path

import pytest

from embedded.cloud.cloud import Cloud
from embedded.cloud.inventory import on_this_machine
from embedded.cloud.ports import HOST, Ports
from headrace.console import Problem

ANY = Ports(0, 0, 0, 0)


@pytest.fixture
def own(tmp_path: Path):
    """A cloud for one test, not started yet."""
    cloud = Cloud(tmp_path / "local", wanted=ANY)
    yield cloud
    cloud.remove()


def test_it_starts_again_where_it_is_and_leaves_nothing(own: Cloud):
    said: list[str] = []
    first = own.start(said.append)
    assert own.start(said.append) == first
    assert said == []
    running = own.running
    assert on_this_machine(own.folder, running)["ports"] == 4
    assert (own.folder / "environment.json").stat().st_mode & 0o777 == 0o600
    assert (own.folder / "cloud.json").stat().st_mode & 0o777 == 0o600
    assert first["AWS_SECRET_ACCESS_KEY"] not in own.log("emulator").read_text() + own.log("runtime").read_text()
    own.remove()
    assert not any(on_this_machine(own.folder, running).values())


def test_only_the_loopback_address_is_bound(own: Cloud):
    own.start(print)
    running = own.running
    assert running is not None
    listening = {
        line.split()[1]
        for table in ("/proc/net/tcp", "/proc/net/tcp6")
        if Path(table).exists()
        for line in Path(table).read_text().splitlines()[1:]
        if line.split()[3] == "0A"
    }
    ports = {f"{port:04X}" for port in (running.ports.front_door, running.ports.aws, running.ports.firehose)}
    mine = {address for address in listening if address.rpartition(":")[2] in ports}
    assert all(address.startswith("0100007F:") for address in mine)


def test_a_taken_port_is_said_and_another_one_used(tmp_path: Path):
    said: list[str] = []
    with socket.socket() as other:
        other.bind((HOST, 0))
        other.listen()
        taken = other.getsockname()[1]
        cloud = Cloud(tmp_path / "local", wanted=Ports(front_door=taken, aws=0, firehose=0, page=0))
        try:
            cloud.start(said.append)
            running = cloud.running
        finally:
            cloud.remove()
    assert running is not None
    assert said == [f"port {taken} (front door) is in use by another program: using {running.ports.front_door} instead"]


def test_when_the_emulator_is_gone_it_starts_clean_and_says_so(own: Cloud):
    said: list[str] = []
    own.start(said.append)
    running = own.running
    assert running is not None
    (own.folder / "state.json").write_text("{}")
    (own.folder / "snowflake").mkdir(exist_ok=True)
    os.kill(running.emulator.pid, signal.SIGKILL)
    while running.emulator.alive:
        pass
    own.start(said.append)
    assert said == ["the embedded cloud of the last time is gone, and all it held: starting clean"]
    assert not (own.folder / "state.json").exists()
    assert not (own.folder / "snowflake").exists()
    assert running.runtime is not None
    assert not running.runtime.alive


def test_a_process_that_dies_at_start_is_one_line_with_its_last_words(own: Cloud):
    own.start(print)
    running = own.running
    assert running is not None
    assert running.runtime is not None
    running.runtime.stop()
    definition = own.folder / "firehose" / "broken" / "definition.json"
    definition.parent.mkdir(parents=True)
    definition.write_text("{")
    with pytest.raises(Problem, match=r"the runtime ended as it started \(json.decoder.JSONDecodeError: .*\). See "):
        own.start(print)


def test_another_region_than_the_running_one_is_a_problem(own: Cloud):
    own.start(print)
    with pytest.raises(Problem, match="runs in region us-east-1 and the stack is configured for eu-central-1"):
        Cloud(own.folder, region="eu-central-1").start(print)


def test_the_record_of_the_processes_is_readable_by_its_user_only(own: Cloud):
    own.start(print)
    assert json.loads((own.folder / "cloud.json").read_text())["secret"]
