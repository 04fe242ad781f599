"""Ends connections of clients who take for ever to say what they want, so that they can not use up all there are.

aiohttp itself ends a connection that waits for a further request; for the first one it would wait without end.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from weakref import WeakSet

from aiohttp import web

HEAD_SECONDS = 30.0  # for the request line and all headers, which have 10 KB at most
IDLE_SECONDS = 75.0  # between two requests of one connection
LOOK_SECONDS = 1.0
MOST_SILENT = 1_000  # connections without a request at a time; beyond that the oldest go

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class SlowClients:
    """Watches a server's connections: `add_to` its application, then `watch` the server."""

    def __init__(
        self, head_seconds: float = HEAD_SECONDS, look_seconds: float = LOOK_SECONDS, most_silent: int = MOST_SILENT
    ) -> None:
        self._head_seconds, self._look_seconds, self._most_silent = head_seconds, look_seconds, most_silent
        self._heard: WeakSet[asyncio.BaseTransport] = WeakSet()
        self._seen: dict[asyncio.BaseTransport, float] = {}

    def add_to(self, application: web.Application) -> None:
        """Has the application say which connections have brought a request."""

        @web.middleware
        async def note(request: web.Request, handler: Handler) -> web.StreamResponse:
            if request.transport is not None:
                self._heard.add(request.transport)
            return await handler(request)

        application.middlewares.append(note)

    def watch(self, server: web.Server) -> None:
        """Looks at the connections for as long as the loop runs. For who is in it."""
        self._watching = asyncio.create_task(self._look_again_and_again(server))

    async def _look_again_and_again(self, server: web.Server) -> None:
        while True:
            await asyncio.sleep(self._look_seconds)
            self.look(server, time.monotonic())

    def look(self, server: web.Server, now: float) -> None:
        """Ends the connections that were there too long without a request, and the oldest of too many. now: monotonic
        seconds."""
        silent = [one.transport for one in server.connections if one.transport and one.transport not in self._heard]
        self._seen = {transport: self._seen.get(transport, now) for transport in silent}
        oldest_first = sorted(self._seen.items(), key=lambda each: each[1])
        for place, (transport, since) in enumerate(oldest_first):
            if now - since >= self._head_seconds or place < len(oldest_first) - self._most_silent:
                transport.close()  # nothing waits to be written
