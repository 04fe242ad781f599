"""The processes of one stack's embedded cloud: the emulator of AWS's APIs, and our runtime beside it.

What a stack keeps in its folder is described in `headrace.home`. The emulator keeps everything in memory: when its
process is gone (the machine restarted, somebody killed it), what the stack's folder says about it is no longer true,
and the cloud starts clean. When only the runtime is gone it is started again and goes on where it was.
"""

import json
import os
import secrets
import shutil
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from embedded.cloud.emulator import Emulator, clean_environment
from embedded.cloud.ports import HOST, Ports, free_ports
from embedded.cloud.processes import Process, last_line, start
from headrace.console import Problem
from headrace.home import PROJECT_FOLDER

READY_SECONDS = 20.0
Tell = Callable[[str], None]


@dataclass(frozen=True)
class Running:
    """What `cloud.json` records. `secret` is the root credential's."""

    ports: Ports
    region: str
    emulator: Process
    runtime: Process | None
    secret: str


class Cloud:
    """The embedded cloud of the stack in `folder`."""

    def __init__(self, folder: Path, region: str = "us-east-1", wanted: Ports | None = None) -> None:
        self.folder = folder
        self.region = region
        self.wanted = wanted or Ports()

    @property
    def running(self) -> Running | None:
        """What was started last; its processes may have died since."""
        path = self.folder / "cloud.json"
        if not path.exists():
            return None
        record = json.loads(path.read_text())
        return Running(
            ports=Ports(**record["ports"]),
            region=record["region"],
            emulator=Process(**record["emulator"]),
            runtime=Process(**record["runtime"]) if record["runtime"] else None,
            secret=record["secret"],
        )

    def start(self, tell: Tell) -> dict[str, str]:
        """Makes both processes run and be ready; returns the variables with which AWS's tools reach them.

        Safe to repeat. `tell` is given a line where something other than the usual is done. Raises Problem where a
        process dies or is not ready in time.
        """
        running = self.running
        if running and not running.emulator.alive:
            if running.runtime:
                running.runtime.stop()
            tell("the embedded cloud of the last time is gone, and all it held: starting clean")
            self._forget()
            running = None
        if running and running.region != self.region:
            raise Problem(
                f"the embedded cloud runs in region {running.region} and the stack is configured for {self.region}",
                "run `make destroy` first",
            )
        if running is None:
            self._forget()
            ports, taken = free_ports(self.wanted)
            for name, port in taken.items():
                label = name.replace("_", " ")
                tell(f"port {port} ({label}) is in use by another program: using {getattr(ports, name)} instead")
            secret = secrets.token_urlsafe(30)
            emulator = _emulator(ports, self.region, secret).start(self.folder / "emulator", self.log("emulator"))
            running = Running(ports, self.region, emulator, None, secret)
            self._record(running)
        if running.runtime is None or not running.runtime.alive:
            if running.runtime:
                tell("the runtime had stopped: starting it again, it goes on where it was")
            running = replace(running, runtime=self._start_runtime(running))
            self._record(running)
        environment = variables(running, self.folder)
        _write_private(self.folder / "environment.json", _published(environment))
        self._wait("emulator", running.emulator, f"http://{HOST}:{running.ports.aws}/_ministack/health")
        assert running.runtime is not None
        self._wait("runtime", running.runtime, f"http://{HOST}:{running.ports.firehose}/_headrace/health")
        return environment

    def stop(self) -> None:
        """Ends both processes; what they left on disk stays until `remove`."""
        running = self.running
        if running:
            for process in (running.runtime, running.emulator):
                if process:
                    process.stop()

    def remove(self) -> None:
        """Ends both processes and removes the stack's folder."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def log(self, process: str) -> Path:
        """The log of a process: `emulator` or `runtime`."""
        return self.folder / "logs" / f"{process}.log"

    def _start_runtime(self, running: Running) -> Process:
        arguments = ["-m", "embedded.runtime", str(self.folder)]
        arguments += ["--front-door", str(running.ports.front_door), "--firehose", str(running.ports.firehose)]
        arguments += ["--page", str(running.ports.page)]
        environment = clean_environment() | variables(running, self.folder) | {"PYTHONPATH": str(PROJECT_FOLDER)}
        return start(arguments, environment, self.log("runtime"), PROJECT_FOLDER)

    def _wait(self, name: str, process: Process, url: str) -> None:
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline:
            if not process.alive:
                raise Problem(
                    f"the {name} ended as it started{last_line(self.log(name))}",
                    f"see {self.log(name)}, then try again",
                )
            if answers(url) is not None:
                return
            time.sleep(0.03)
        raise Problem(f"the {name} is not ready after {READY_SECONDS:.0f} s", f"see {self.log(name)}")

    def _record(self, running: Running) -> None:
        _write_private(self.folder / "cloud.json", asdict(running))

    def _forget(self) -> None:
        """Removes all that speaks of an emulator that is gone; the lock stays, it is held."""
        self.folder.mkdir(parents=True, exist_ok=True)
        for path in self.folder.iterdir():
            if path.is_dir():
                shutil.rmtree(path)
            elif path.name != "lock":
                path.unlink()


def variables(running: Running, folder: Path) -> dict[str, str]:
    """The variables under which AWS's SDKs, and the deployment, reach a running cloud."""
    return {
        **_emulator(running.ports, running.region, running.secret).variables(),
        "HEADRACE_FRONT_DOOR": f"http://{HOST}:{running.ports.front_door}",
        "HEADRACE_SNOWFLAKE_CATALOGUE": str(folder / "snowflake" / "catalogue.json"),
    }


def _emulator(ports: Ports, region: str, secret: str) -> Emulator:
    """Deliveries and what is told to Personalize go to the runtime, the rest to the emulator. Hints go to the same
    port, in UDP."""
    services = ("FIREHOSE", "PERSONALIZE_EVENTS")
    elsewhere = {f"AWS_ENDPOINT_URL_{service}": f"http://{HOST}:{ports.firehose}" for service in services}
    return Emulator(ports.aws, region, secret, elsewhere, ports.firehose)


def answers(url: str) -> dict[str, Any] | None:
    """The JSON object a process answers with; None where it does not."""
    try:
        with urllib.request.urlopen(url, timeout=2.0) as response:  # noqa: S310 - a fixed local address
            return json.load(response)
    except (urllib.error.URLError, ConnectionError, TimeoutError, json.JSONDecodeError):
        return None


def _published(environment: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in environment.items() if name.startswith("AWS_")}


def _write_private(path: Path, content: dict[str, Any]) -> None:
    """Writes JSON that only this user may read, whole or not at all."""
    new = path.with_suffix(".new")
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump(content, file, indent=1)
    new.replace(path)
