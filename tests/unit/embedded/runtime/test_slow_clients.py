"""Slow clients: who says nothing whole is let go, who is only slow between two requests is not."""

import asyncio
import time

from aiohttp import web

from embedded.runtime.slow_clients import SlowClients

REQUEST = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"


def test_a_connection_without_a_whole_request_ends_and_one_with_a_request_stays() -> None:
    async def here(_: web.Request) -> web.Response:
        return web.Response(text="here")

    async def run() -> tuple[bytes, bool]:
        slow, application = SlowClients(head_seconds=10.0), web.Application()
        slow.add_to(application)
        application.router.add_get("/", here)
        runner = web.AppRunner(application)
        await runner.setup()
        assert runner.server is not None
        await (site := web.TCPSite(runner, "127.0.0.1", 0)).start()
        port = site._server.sockets[0].getsockname()[1]
        silent = await asyncio.open_connection("127.0.0.1", port)
        silent[1].write(REQUEST[:-2])  # the last line never comes
        heard = await asyncio.open_connection("127.0.0.1", port)
        heard[1].write(REQUEST)
        await heard[0].readuntil(b"here")
        now = time.monotonic()
        slow.look(runner.server, now)
        slow.look(runner.server, now + 9.9)
        assert not silent[0].at_eof()
        slow.look(runner.server, now + 10)
        try:
            said = await asyncio.wait_for(silent[0].read(), 20)
        except ConnectionResetError:
            said = b""
        heard[1].write(REQUEST)
        again = b"here" in await asyncio.wait_for(heard[0].readuntil(b"here"), 20)
        await runner.cleanup()
        return said, again

    assert asyncio.run(run()) == (b"", True)


def test_of_too_many_silent_connections_the_oldest_end():
    async def run() -> list[bool]:
        slow = SlowClients(head_seconds=1_000.0, most_silent=2)
        runner = web.AppRunner(web.Application())
        await runner.setup()
        assert runner.server is not None
        await (site := web.TCPSite(runner, "127.0.0.1", 0)).start()
        port = site._server.sockets[0].getsockname()[1]
        connections = []
        for moment in range(4):
            connections.append(await asyncio.open_connection("127.0.0.1", port))
            while len(runner.server.connections) < min(moment + 1, 3):
                await asyncio.sleep(0)  # until the server has it
            slow.look(runner.server, float(moment))
            while len(runner.server.connections) > 2:
                await asyncio.sleep(0)
        for reader, _ in connections[:2]:
            await asyncio.wait_for(reader.read(), 20)
        ended = [reader.at_eof() for reader, _ in connections]
        await runner.cleanup()
        return ended

    assert asyncio.run(run()) == [True, True, False, False]
