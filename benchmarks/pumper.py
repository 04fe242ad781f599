"""The pumper against a collector that does nothing: events a second, memory, and a plain poster beside it.

    python benchmarks/pumper.py                     5,000,000 rows, some minutes, most of them making the dataset
    python benchmarks/pumper.py --rows 200000       the same, small

Server and pumper share the machine, as both figures to reach are meant: 60,000 events a second in batches of 20, 1.5
times a sequential poster that sends one by one, and less than 150 MB resident, the pumper's processes together,
whatever the size of the file.
"""

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import aiohttp

PROJECT = Path(__file__).resolve().parent.parent
EVENTS_A_SECOND, TIMES_THE_POSTER, MEGABYTES = 60_000, 1.5, 150
POSTED = 10_000  # hits for the plain poster, which takes some seconds
_HIT = (  # 640 bytes, as the pumper's hits are on average
    "v=1&tid=UA-1000001-1&cid=6ff2d8b3-5c1f-4a0e-a4c5-0f3d1c2b4a59&ul=en-us&sr=1920x1080&sd=24-bit&de=UTF-8&cu=USD"
    "&t=pageview&dl=https%3A%2F%2Fshop.example.com%2F&z="
).ljust(640, "0")


class NullCollector(asyncio.Protocol):
    """Reads requests, keeps nothing, answers 200."""

    _ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"

    def __init__(self) -> None:
        self._head, self._body = b"", 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        while data:
            if self._body:
                taken = min(self._body, len(data))
                self._body, data = self._body - taken, data[taken:]
            else:
                self._head += data
                head, found, data = self._head.partition(b"\r\n\r\n")
                if not found:
                    return
                self._head = b""
                self._body = int(head.lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0])
            if not self._body:
                self._transport.write(self._ANSWER)  # type: ignore[attr-defined]


async def serve() -> None:
    """Prints the port it was given and serves until it is killed."""
    server = await asyncio.get_running_loop().create_server(NullCollector, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


@contextmanager
def collector() -> Iterator[str]:
    """The URL of a null collector in a process of its own."""
    with subprocess.Popen([sys.executable, __file__, "--serve"], stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield f"http://127.0.0.1:{process.stdout.readline().strip()}/collect"
        finally:
            process.kill()


async def post_one_by_one(url: str) -> float:
    """Hits a second of the plainest poster: one session, one hit a request, each awaited."""
    begun = time.perf_counter()
    async with aiohttp.ClientSession() as session:
        for number in range(POSTED):
            async with session.post(url, data=f"{_HIT}{number}".encode()) as response:
                await response.read()
    return POSTED / (time.perf_counter() - begun)


@contextmanager
def resident(process: int) -> Iterator[list[int]]:
    """Looks every half second, and collects the bytes that a process and its children hold together.

    Pages they share, such as Python's own, count once for each, so less is really taken.
    """
    seen, over = [0], threading.Event()

    def look() -> None:
        while not over.wait(0.5):
            table = subprocess.run(("ps", "-axo", "pid=,ppid=,rss="), capture_output=True, text=True, check=True)
            rows = [[int(figure) for figure in line.split()] for line in table.stdout.splitlines()]
            seen.append(sum(kilobytes for pid, parent, kilobytes in rows if process in (pid, parent)) * 1024)

    looking = threading.Thread(target=look)
    looking.start()
    try:
        yield seen
    finally:
        over.set()
        looking.join()


def run(*arguments: str, home: Path) -> tuple[str, int, float]:
    """Runs the pumper: its output, the peak memory of its processes together in bytes, their CPU seconds."""
    command = [sys.executable, "-m", "pumper", *arguments]
    environment = {**os.environ, "HEADRACE_HOME": str(home), "DATA_FOLDER": "", "N_EVENTS": "", "COLLECT_URL": ""}
    with tempfile.TemporaryFile("w+") as output:
        process = subprocess.Popen(command, cwd=PROJECT, env=environment, stdout=output, stderr=subprocess.DEVNULL)
        with resident(process.pid) as most:
            _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise SystemExit(f"{' '.join(command)} ended with {process.returncode}")
        output.seek(0)
        return output.read(), max(most), usage.ru_utime + usage.ru_stime


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=5_000_000, help="of browsing in the dataset that is sent")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        asyncio.run(serve())
        return
    with tempfile.TemporaryDirectory() as folder, collector() as url:
        dataset, home = Path(folder) / "dataset", Path(folder) / "home"
        begun = time.perf_counter()
        run("generate", str(dataset), "--events", str(options.rows), home=home)
        print(f"dataset       {options.rows:>12,} rows made in {time.perf_counter() - begun:,.0f} s")
        poster = asyncio.run(post_one_by_one(url))
        print(f"plain poster  {poster:>12,.0f} events/s, one by one")
        run("--url", url, "--data-folder", str(dataset), "--n-events", "1000", home=home)  # indexes the searches
        begun = time.perf_counter()
        output, memory, cpu = run("--url", url, "--data-folder", str(dataset), "--json", home=home)
        seconds = time.perf_counter() - begun
        told = json.loads(output)
    rate, megabytes = told["accepted"] / seconds, memory / 1e6
    print(f"pumper        {rate:>12,.0f} events/s, start to end, to reach: {EVENTS_A_SECOND:,}")
    print(f"              {rate / poster:>12,.1f} times the plain poster, to reach: {TIMES_THE_POSTER}")
    print(f"              {megabytes:>12,.0f} MB resident at most, its processes together, to stay below: {MEGABYTES}")
    print(
        f"              {cpu / told['accepted'] * 1e6:>12,.1f} us of CPU an event; p99 {told['latency_ms']['p99']} ms"
    )
    reached = rate >= EVENTS_A_SECOND and rate >= TIMES_THE_POSTER * poster and megabytes < MEGABYTES
    print("reached" if reached else "NOT reached")
    sys.exit(not reached)


if __name__ == "__main__":
    main()
