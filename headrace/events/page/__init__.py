"""Good and bad rows as they come, on a page in the browser, for this machine alone."""

import asyncio
import signal
import socket
import webbrowser
from collections.abc import Callable

from aiohttp import web

from embedded.cloud.cloud import Cloud as EmbeddedCloud
from embedded.cloud.ports import HOST
from headrace.console import console
from headrace.events.feed import STREAM_SECONDS, Feed
from headrace.events.page.server import PageServer
from headrace.events.page.watch import Watch
from headrace.home import outputs, stack_folder
from headrace.hops.cloud import Cloud


def open_page(stack: str) -> None:
    """Opens the page. The embedded cloud serves it as long as it runs; that of a stack on AWS is served from here,
    until it is interrupted. Raises Problem where nothing is deployed."""
    outputs(stack)
    running = EmbeddedCloud(stack_folder(stack)).running
    if running:
        _open(f"http://{HOST}:{running.ports.page}/")
        return
    listener = socket.create_server((HOST, 0))
    _open(f"http://{HOST}:{listener.getsockname()[1]}/")
    console.print("it is served from here: ^C ends it", style="dim")
    asyncio.run(_until_interrupted(stack, listener))


async def serve(stack: str, listener: socket.socket, ended: asyncio.Event) -> None:
    """Serves the page on a socket that listens, until asked to end."""
    watch = Watch(lambda: _connected(stack))
    pause = STREAM_SECONDS["embedded" if Cloud(stack).embedded else "aws"]
    await serve_watch(stack, watch, pause, listener, ended)


async def serve_watch(stack: str, watch: Watch, pause: float, listener: socket.socket, ended: asyncio.Event) -> None:
    """Serves what a watch has. pause: seconds between two looks."""
    application = PageServer(stack, watch, pause).application()
    runner = web.AppRunner(application, access_log=None, handler_cancellation=True, shutdown_timeout=0.5)
    await runner.setup()
    await web.SockSite(runner, listener).start()
    await ended.wait()
    await runner.cleanup()


async def _until_interrupted(stack: str, listener: socket.socket) -> None:
    ended = asyncio.Event()
    for wanted in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(wanted, ended.set)
    await serve(stack, listener, ended)


def _connected(stack: str) -> tuple[str, Callable[[], Feed]]:
    """Which streams and bucket the stack has now, and how to read them."""
    published = outputs(stack)
    return f"{published.get('bucket')} {published.get('events_stream')}", lambda: Feed(Cloud(stack), published)


def _open(url: str) -> None:
    console.print(f"events are shown at [bold]{url}[/]", soft_wrap=True)
    webbrowser.open(url)  # where there is no browser, the line above has to do
