"""The pumper against a collector that is slow, refuses, breaks off, or goes away."""

import asyncio
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from urllib.parse import parse_qs

import pytest
from aiohttp import web

from headrace.console import Problem
from pumper import attempts, sender
from pumper import run as running
from pumper.settings import Settings
from pumper.synthetic import Size, generate

ROWS = 1_500


class Collector:
    """A local collector. `answer` decides on each request: a status, headers, or None to break the connection off."""

    def __init__(self):
        self.answer = lambda _: (200, {})
        self.hits = []
        """(queue time, path, fields) of the hits in requests answered with 2xx, as they came."""
        self.requests = 0
        self.port = 0

    def url(self, path="collect"):
        return f"http://127.0.0.1:{self.port}/{path}"

    def start(self):
        self._loop = asyncio.new_event_loop()
        listening = threading.Event()
        self._thread = threading.Thread(target=self._serve, args=(listening,), daemon=True)
        self._thread.start()
        assert listening.wait(10)

    def stop(self):
        self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join(10)
        assert not self._thread.is_alive()

    def _serve(self, listening):
        async def main():
            self._stopping = asyncio.Event()
            runner = web.AppRunner(self._application(), handle_signals=False, shutdown_timeout=0.1)
            await runner.setup()
            site = web.TCPSite(runner, "127.0.0.1", self.port, reuse_address=True)
            await site.start()
            self.port = site._server.sockets[0].getsockname()[1]
            listening.set()
            await self._stopping.wait()
            await runner.cleanup()

        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(main())
        self._loop.close()

    def _application(self):
        application = web.Application()
        application.router.add_route("POST", "/{path:.*}", self._receive)
        return application

    async def _receive(self, request):
        arrived = time.time_ns() // 1_000_000
        body = (await request.read()).decode()
        hits = [{name: values[0] for name, values in parse_qs(line).items()} for line in body.split("\n")]
        self.requests += 1
        answer = self.answer(self.requests)
        if asyncio.iscoroutine(answer):
            answer = await answer
        if answer is None:
            request.transport.abort()
            return web.Response(status=500)
        status, headers = answer
        if 200 <= status < 300:
            self.hits += [(arrived, request.path, hit) for hit in hits]
        return web.Response(status=status, headers=headers)

    def ids(self):
        return [(hit["cid"], hit["z"]) for _, _, hit in self.hits]


@pytest.fixture
def collector():
    collector = Collector()
    collector.start()
    yield collector
    with contextlib.suppress(RuntimeError):
        collector.stop()


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data") / "dataset"
    generate(folder, Size(events=ROWS, days=3), seed=4, show=lambda *_: None)
    return folder


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("HEADRACE_HOME", str(tmp_path))
    return tmp_path / "local"


@pytest.fixture
def pump(home, dataset, collector, monkeypatch, capsys):
    """Runs the pumper and gives its exit code and its summary."""
    monkeypatch.setattr(attempts, "FIRST_WAIT", 0.001)

    def run(**changes):
        settings = {
            "stack": "local",
            "url": collector.url(),
            "deployed": True,
            "dataset": dataset,
            "events": None,
            "mode": "now",
            "rate": None,
            "speedup": None,
            "ending_now": False,
            "concurrency": 4,
            "batch_size": 20,
            "seed": 1,
            "fresh": False,
            "resume": False,
            "strict": False,
            "as_json": True,
        }
        home.mkdir(exist_ok=True)
        code = running.run(Settings(**{**settings, **changes}))
        return code, json.loads(capsys.readouterr().out.splitlines()[-1])

    return run


def runs(home):
    return [json.loads(line) for line in (home / "pumps.jsonl").read_text().splitlines()]


def test_everything_arrives_once_in_batches(pump, collector, home):
    code, told = pump()
    assert code == 0
    assert told["sent"] == told["accepted"] == len(collector.hits) > ROWS
    assert told["retried"] == told["failed"] == told["rejected"] == told["bad_rows"] == 0
    copies = sum(count - 1 for count in Counter(collector.ids()).values())
    assert told["duplicates"] == copies
    assert {path for _, path, _ in collector.hits} == {"/batch"}
    assert collector.requests < len(collector.hits) / 10
    assert runs(home)[0]["accepted"] == told["accepted"]


def test_one_hit_at_a_time_goes_to_collect(pump, collector):
    pump(batch_size=1, events=50)
    assert [path for _, path, _ in collector.hits] == ["/collect"] * 50


def test_nothing_is_lost_or_overtaken_by_errors_breaks_and_throttling(pump, collector, monkeypatch):
    monkeypatch.setattr(sender, "ATTEMPTS", 64)  # every other request fails: eight in a row would happen to one batch

    def answer(number):
        return {
            0: (200, {}),
            1: (503, {}),
            2: (200, {}),
            3: None,
            4: (429, {"Retry-After": "0"}),
            5: (200, {}),
        }[number % 6]

    collector.answer = answer
    code, told = pump()
    assert code == 0
    assert told["accepted"] == told["sent"] == len(collector.hits)
    assert told["retried"] > 0
    assert {"503", "429", "connection lost"} <= told["statuses"].keys()
    times = {}
    for _, _, hit in collector.hits:
        times.setdefault(hit["cd1"], []).append(int(hit["z"][:13]))
    assert all(seen == sorted(seen) for seen in times.values())


def test_a_collector_that_asks_to_wait_is_waited_for(pump, collector):
    asked = []

    def answer(number):
        asked.append(time.monotonic())
        return (429, {"Retry-After": "1"}) if number == 1 else (200, {})

    collector.answer = answer
    code, told = pump(events=20, concurrency=1)
    assert (code, told["accepted"]) == (0, 20)
    assert asked[1] - asked[0] >= 0.9


def test_bad_rows_the_collector_tells_of_count_as_rejected(pump, collector):
    collector.answer = lambda number: (200, {"x-headrace-bad-rows": "2"} if number == 1 else {})
    code, told = pump(events=200)
    assert (code, told["sent"], told["accepted"], told["rejected"]) == (0, 200, 198, 2)


def test_a_refused_batch_is_rejected_without_being_sent_again(pump, collector):
    collector.answer = lambda number: (400, {}) if number == 3 else (200, {})
    _, told = pump(events=200)
    assert told["rejected"] == 200 - told["accepted"] > 0
    assert told["retried"] == 0


def test_ids_are_the_same_at_every_run_and_in_either_order(pump, collector):
    pump()
    first = Counter(collector.ids())
    collector.hits.clear()
    pump(mode="replay", concurrency=2)
    assert Counter(collector.ids()) == first
    collector.hits.clear()
    pump(fresh=True)
    fresh = collector.ids()
    assert len(fresh) == first.total()
    assert not first.keys() & set(fresh)


def test_a_replay_tells_the_original_times(pump, collector):
    pump(mode="replay")
    for arrived, _, hit in collector.hits:
        assert 0 <= arrived - int(hit["qt"]) - int(hit["z"][:13]) < 5_000


def test_a_replay_ending_now_keeps_the_gaps_and_stays_in_the_past(pump, collector):
    started = time.time_ns() // 1_000_000
    pump(mode="replay", ending_now=True, events=800)
    shifts = [arrived - int(hit["qt"]) - int(hit["z"][:13]) for arrived, _, hit in collector.hits]
    assert max(shifts) - min(shifts) < 5_000
    last = max(arrived - int(hit["qt"]) for arrived, _, hit in collector.hits)
    assert abs(last - started) < 5_000
    assert all(int(hit["qt"]) >= 0 for _, _, hit in collector.hits)


def test_an_open_loop_shows_a_stall_as_latency(pump, collector):
    async def answer():
        await asyncio.sleep(0.5)
        return 200, {}

    collector.answer = lambda number: answer() if number <= 4 else (200, {})
    _, told = pump(mode="rate", rate=400.0, events=200)
    assert told["latency_ms"]["p95"] > 300


def test_a_collector_that_goes_away_ends_the_run_and_resume_delivers_the_rest(pump, collector, home):
    def answer(number):
        return (200, {}) if number < 30 else (503, {})

    collector.answer = answer
    with pytest.raises(Problem, match="the collector stopped answering"):
        pump()
    before = len(collector.hits)
    assert runs(home)[0]["ended"] == "failed"
    collector.answer = lambda _: (200, {})
    code, told = pump(resume=True)
    assert (code, told["ended"]) == (0, "finished")
    delivered = Counter(collector.ids())
    collector.hits.clear()
    pump()
    assert set(delivered) == set(collector.ids())
    assert told["sent"] < len(collector.hits)
    assert before + told["accepted"] - len(collector.hits) < 4 * 20 * 6  # sent again: what the lanes had under way
    _, told = pump(resume=True)
    assert told["sent"] == 0


def test_what_is_no_collector_is_told_at_once(pump, collector):
    collector.answer = lambda _: (404, {})
    with pytest.raises(Problem, match="the collector's URL answers 404"):
        pump()
    assert collector.requests <= 8


def test_nothing_listening_is_one_line(pump):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/collect"
    with pytest.raises(Problem, match=r"nothing can be reached at .*\(connection refused\)"):
        pump(url=url)


def test_a_strict_run_ends_at_a_bad_row(pump, dataset, tmp_path):
    folder = tmp_path / "flawed"
    folder.mkdir()
    for file in dataset.iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    with (folder / "browsing_train.csv").open("a") as file:
        file.write("rubbish\n")
    _, told = pump(dataset=folder)
    assert told["bad_rows"] == 1
    with pytest.raises(Problem, match=r"browsing_train\.csv, line \d+: 1 column, expected 6"):
        pump(dataset=folder, strict=True)


def children(process):
    """The processes that one has started: for a run without a limit, that which reads."""
    table = subprocess.run(("ps", "-axo", "pid=,ppid="), capture_output=True, text=True, check=True).stdout
    return [int(pid) for pid, parent in (line.split() for line in table.splitlines()) if int(parent) == process]


def assert_gone(processes):
    assert processes
    deadline = time.monotonic() + 20
    for process in processes:
        with contextlib.suppress(ProcessLookupError):
            while time.monotonic() < deadline:
                os.kill(process, 0)
                time.sleep(0.05)
            raise AssertionError(f"{process} goes on")


def test_a_reader_that_dies_ends_the_run_and_resume_delivers_the_rest(pump, collector, monkeypatch):
    started, popen = [], subprocess.Popen

    def start(*arguments, **options):
        started.append(popen(*arguments, **{**options, "pipesize": 4096}))  # it can not have said all
        return started[0]

    async def slowly(number):
        if number == 5:
            started[0].kill()
        await asyncio.sleep(0.05)
        return 200, {}

    collector.answer = slowly
    with monkeypatch.context() as patched:
        patched.setattr(subprocess, "Popen", start)
        with pytest.raises(Problem, match="the process that reads the dataset was ended"):
            pump(concurrency=2)
    collector.answer = lambda _: (200, {})
    code, _ = pump(resume=True, concurrency=2)
    delivered = set(collector.ids())
    collector.hits.clear()
    assert (code, pump()[0]) == (0, 0)
    assert delivered == set(collector.ids())


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
def test_a_run_ended_midway_is_resumed_without_a_loss(pump, collector, dataset, home, end):
    async def slowly():
        await asyncio.sleep(0.05)
        return 200, {}

    collector.answer = lambda _: slowly()
    home.mkdir()
    (home / "outputs.json").write_text(json.dumps({"collect_url": collector.url()}))
    command = [sys.executable, "-m", "pumper", "--data-folder", str(dataset), "--concurrency", "2", "--json"]
    environment = {**os.environ, "COLLECT_URL": "", "N_EVENTS": "", "STACK": "local"}
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 60
        while len(collector.hits) < 300 and time.monotonic() < deadline:
            time.sleep(0.02)
        readers = children(process.pid)
        process.send_signal(end)
        code = process.wait(30)
    finally:
        process.kill()
        process.wait()
    assert code == {signal.SIGKILL: -9}.get(end, 130)
    assert_gone(readers)
    collector.answer = lambda _: (200, {})
    before = len(collector.hits)
    _, told = pump(resume=True, concurrency=2)
    delivered = set(collector.ids())
    assert told["sent"] < ROWS
    ended = [run["ended"] for run in runs(home)]
    assert ended == ["killed" if end == signal.SIGKILL else "interrupted", "finished"]
    if end != signal.SIGKILL:
        assert runs(home)[0]["accepted"] == before
    collector.hits.clear()
    pump()
    assert delivered == set(collector.ids())
