"""Uvicorn's HTTP, with a whole response in one write.

Each write wakes the other side, here on the same machine: for the head first, only to wait for the body.
"""

import asyncio
from typing import Any, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol


class OneWrite:
    """In place of a transport: what is written in one turn of the loop leaves at its end, together."""

    def __init__(self, transport: Any) -> None:
        self._transport = transport
        self._held: list[bytes] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        if not self._held:
            asyncio.get_running_loop().call_soon(self._flush)
        self._held.append(data)

    def close(self) -> None:
        self._flush()
        self._transport.close()

    def _flush(self) -> None:
        if self._held:
            held, self._held = self._held, []
            self._transport.writelines(held)


class Protocol(HttpToolsProtocol):
    """Of one connection."""

    def connection_made(self, transport: Any) -> None:
        super().connection_made(cast(asyncio.Transport, OneWrite(transport)))
