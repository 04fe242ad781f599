"""Requests over a number of connections kept open, as fast as their answers come: a client that costs next to nothing.

It speaks just enough HTTP/1.1 for an answer with a Content-Length, so that what is measured is the server.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import cast

import uvloop


@dataclass(frozen=True)
class Answered:
    """How a number of requests went. seconds: from the first to the last answer; latencies: seconds, in order of size.

    statuses: how often each came.
    """

    seconds: float
    latencies: Sequence[float]
    statuses: Counter[int]

    @property
    def a_second(self) -> float:
        return len(self.latencies) / self.seconds

    @property
    def errors(self) -> int:
        """Requests that were not answered 200."""
        return sum(number for status, number in self.statuses.items() if status != 200)

    def percentile(self, share: float) -> float:
        """The latency in milliseconds that this share of the requests did not exceed."""
        return self.latencies[min(len(self.latencies) - 1, int(len(self.latencies) * share))] * 1000


class _Connection(asyncio.Protocol):
    """Sends the next request when the answer to the last one is there, until there is none."""

    def __init__(self, requests: Iterator[bytes], answered: "list[tuple[float, int]]") -> None:
        self._requests, self._answered = requests, answered
        self._received, self._missing = b"", -1
        self.over = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._send()

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, found, body = self._received.partition(b"\r\n\r\n")
        if not found:
            return
        length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0] or 0)
        if len(body) >= length:
            self._answered.append((time.perf_counter() - self._sent, int(head[9:12])))
            self._received = b""
            self._send()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.over.done():
            self.over.set_exception(exc or ConnectionError("the server closed the connection"))

    def _send(self) -> None:
        request = next(self._requests, None)
        if request is None:
            self.over.set_result(None)
            self._transport.close()
            return
        self._sent = time.perf_counter()
        self._transport.write(request)


def posts(path: str, bodies: Iterator[bytes]) -> Iterator[bytes]:
    """Requests that post these bodies."""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: text/plain\r\nUser-Agent: load\r\nContent-Length: "
    )
    for body in bodies:
        yield f"{head}{len(body)}\r\n\r\n".encode() + body


def load(port: int, requests: Iterator[bytes], connections: int) -> Answered:
    """Sends all requests to a port of this machine; they are made before the clock starts. Raises ConnectionError where
    the server closes a connection."""
    return uvloop.run(_load(port, iter(list(requests)), connections))


async def _load(port: int, requests: Iterator[bytes], connections: int) -> Answered:
    answered: list[tuple[float, int]] = []
    loop = asyncio.get_running_loop()
    begun = time.perf_counter()
    opened = [
        await loop.create_connection(lambda: _Connection(requests, answered), "127.0.0.1", port)
        for _ in range(connections)
    ]
    await asyncio.gather(*(protocol.over for _, protocol in opened))
    seconds = time.perf_counter() - begun
    return Answered(seconds, sorted(latency for latency, _ in answered), Counter(status for _, status in answered))
