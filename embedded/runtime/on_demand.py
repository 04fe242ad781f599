"""A program that is started when somebody first connects to its port: until then it costs nothing.

The runtime listens on the port and hands the socket down, as inetd did: whoever connected waits in its queue until the
program takes over. The program ends with the runtime, also with one that is killed: it reads to the end of its input.
"""

import asyncio
import logging
import os
import socket
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress

from embedded.cloud.ports import HOST

BIND_SECONDS = 1.0  # between attempts: the last runtime's program may still be about to end
AGAIN_SECONDS = 5.0  # before a program that ended is started again, so that one that can not run does not spin
GRACE_SECONDS = 2.0

log = logging.getLogger(__name__)


class OnDemand:
    """`python ARGUMENTS --socket FD` behind a port of this machine."""

    def __init__(self, port: int, arguments: Sequence[str], environment: Mapping[str, str]) -> None:
        """environment: beside the runtime's own."""
        self._port, self._arguments, self._environment = port, arguments, environment
        self._task: asyncio.Task[None] | None = None
        self._program: asyncio.subprocess.Process | None = None

    def start(self) -> None:
        """Listens. To be called in an event loop."""
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Ends the program, if it runs, and listens no more."""
        if self._task:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    def status(self) -> dict[str, str]:
        """For `make status`."""
        return {"url": f"http://{HOST}:{self._port}/", "state": "open" if self._program else "starts when it is opened"}

    async def _run(self) -> None:
        listener = await self._listening()
        with listener:
            while True:
                await _somebody(listener)
                await self._serve(listener)
                await asyncio.sleep(AGAIN_SECONDS)

    async def _listening(self) -> socket.socket:
        while True:
            try:
                return socket.create_server((HOST, self._port))
            except OSError as error:
                log.warning("port %d: %s", self._port, error)
                await asyncio.sleep(BIND_SECONDS)

    async def _serve(self, listener: socket.socket) -> None:
        """Runs the program until it ends, if this machine has room for it."""
        began = time.monotonic()
        descriptor = listener.fileno()
        try:
            self._program = await asyncio.create_subprocess_exec(
                *(sys.executable, *self._arguments, "--socket", str(descriptor)),
                env={**os.environ, **self._environment},
                stdin=asyncio.subprocess.PIPE,
                pass_fds=(descriptor,),
            )
        except OSError as error:
            log.warning("%s can not be started: %s", self._arguments, error)
            return
        try:
            status = await self._program.wait()
            log.warning("%s ended after %.0f s with %d", self._arguments, time.monotonic() - began, status)
        finally:
            if self._program.returncode is None:
                self._program.terminate()
                try:
                    await asyncio.wait_for(self._program.wait(), GRACE_SECONDS)
                except TimeoutError:
                    self._program.kill()
            self._program = None


async def _somebody(listener: socket.socket) -> None:
    """Returns when somebody has connected; the connection is left in the queue."""
    loop, connected = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(listener, connected.set)
    try:
        await connected.wait()
    finally:
        loop.remove_reader(listener)
