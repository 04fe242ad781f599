"""`python -m embedded.runtime FOLDER --front-door PORT --firehose PORT --page PORT`: the runtime of one stack, until
SIGTERM."""

import argparse
import asyncio
import gc
import logging
import os
import resource
import signal
import time
from pathlib import Path

import boto3
import uvloop
from aiohttp import web

from embedded.cloud.ports import HOST, in_use
from embedded.runtime.api_lookup import ApiLookup
from embedded.runtime.firehose.endpoint import Endpoint
from embedded.runtime.firehose.streams import DeliveryStreams
from embedded.runtime.front_door import FrontDoor
from embedded.runtime.functions.functions import Functions
from embedded.runtime.logs import Logs
from embedded.runtime.mappings.register import Mappings
from embedded.runtime.on_demand import OnDemand
from embedded.runtime.personalize.endpoint import PersonalizeEvents
from embedded.runtime.pipes import Pipes
from embedded.runtime.slow_clients import IDLE_SECONDS, MOST_SILENT, SlowClients
from embedded.runtime.streams.sharing import SharedShards
from embedded.runtime.wake import Wake
from embedded.snowflake.catalogue import Catalogue
from embedded.snowflake.history import History

LONGEST_LINE = 16_384  # bytes of a request line or a header; the door itself draws the line at API Gateway's 10,240
EMULATOR_SECONDS = 15.0
GARBAGE_OBJECTS = 50_000  # made between looks for garbage; by default 700, and records on their way are objects
MOST_FILES = 65_536  # open at a time, where this machine lets us: connections, and three for each worker
# The program that shows events; it knows what they are, the runtime does not.
PAGE = ("-m", "headrace.events.page")


async def run(folder: Path, front_door: int, firehose: int, page_port: int) -> None:
    """Serves until asked to end; what is under way is on disk or in a queue then."""
    ended = asyncio.Event()
    for wanted in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(wanted, ended.set)
    wake, logs = Wake(firehose), Logs()  # hints come to the same port, in UDP
    shards = SharedShards(wake)
    streams = await asyncio.to_thread(_streams, folder, shards)
    pipes = Pipes(Catalogue.from_environment(), History.of_stack(folder))
    functions = Functions(folder / "functions", wake, logs)
    mappings = Mappings(folder / "mappings", functions, shards)
    door = FrontDoor(front_door, ApiLookup(), functions, logs)
    page = OnDemand(page_port, [*PAGE, folder.name], {"HEADRACE_HOME": str(folder.parent)})

    async def health(_: web.Request) -> web.Response:
        loaded = await asyncio.to_thread(pipes.status)
        return web.json_response(
            {
                "delivery": streams.status(),
                "pipes": loaded,
                "mappings": mappings.status(),
                "front_door": await door.status(),
                "page": page.status(),
            }
        )

    deliveries = Endpoint(streams).application()
    PersonalizeEvents(folder).add_to(deliveries)
    deliveries.router.add_get("/_headrace/health", health)
    page.start()
    runners = [await _serve(deliveries, firehose), await _serve(door.application(), front_door)]
    for part in (wake, logs, pipes, mappings):
        part.start()
    logging.info("ready: front door on %d, Firehose on %d", front_door, firehose)
    await ended.wait()
    await page.stop()
    for runner in runners:
        await runner.cleanup()
    await asyncio.gather(*(asyncio.to_thread(part.stop) for part in (mappings, streams, pipes)))
    await functions.stop()
    await asyncio.gather(*(asyncio.to_thread(part.stop) for part in (wake, logs)))


def _streams(folder: Path, shards: SharedShards) -> DeliveryStreams:
    port = int(os.environ["AWS_ENDPOINT_URL"].rpartition(":")[2])
    deadline = time.monotonic() + EMULATOR_SECONDS
    while not in_use(port) and time.monotonic() < deadline:  # both processes are started at once
        time.sleep(0.02)
    account = boto3.client("sts").get_caller_identity()["Account"]
    return DeliveryStreams(folder / "firehose", os.environ["AWS_REGION"], account, shards)


async def _serve(application: web.Application, port: int) -> web.AppRunner:
    slow_clients = SlowClients(most_silent=_most_silent())
    slow_clients.add_to(application)
    runner = web.AppRunner(
        application,
        access_log=None,
        auto_decompress=False,  # an API Gateway hands a body on as it came
        max_line_size=LONGEST_LINE,
        max_field_size=LONGEST_LINE,
        keepalive_timeout=IDLE_SECONDS,
        shutdown_timeout=3.0,
    )
    await runner.setup()
    assert runner.server is not None
    slow_clients.watch(runner.server)
    await web.TCPSite(runner, HOST, port, backlog=1024).start()
    return runner


def _most_silent() -> int:
    """Half of the files that may be open, at most, over both servers."""
    limit, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return MOST_SILENT if limit == resource.RLIM_INFINITY else min(MOST_SILENT, limit // 4)


def allow_many_files() -> None:
    """Raises this process's limit of open files, which is often 1,024 or 256, as far as it may."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = MOST_FILES if hard == resource.RLIM_INFINITY else min(MOST_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < most:
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
        except (OSError, ValueError) as error:  # macOS has a further limit
            logging.warning("no more than %d files may be open: %s", soft, error)


def main() -> None:
    """Reads the command line and serves."""
    parser = argparse.ArgumentParser(prog="python -m embedded.runtime", description=__doc__)
    parser.add_argument("folder", type=Path, help="the stack's folder")
    parser.add_argument("--front-door", type=int, required=True, help="port that stands for the HTTP API's own domain")
    parser.add_argument("--firehose", type=int, required=True, help="port of the delivery API")
    parser.add_argument("--page", type=int, required=True, help="port of the page that shows events")
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("botocore").setLevel(logging.WARNING)
    allow_many_files()
    gc.set_threshold(GARBAGE_OBJECTS)
    uvloop.run(run(arguments.folder, arguments.front_door, arguments.firehose, arguments.page))


if __name__ == "__main__":
    main()
