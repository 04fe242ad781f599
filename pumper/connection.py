"""One keep-alive HTTP/1.1 connection that posts and reads the answer's status and headers.

Why not aiohttp's client: a request costs it 120 to 160 µs of CPU, and at 20 hits a request that is more than making the
hits and everything else together; this costs a third. It does just what posting hits needs: TLS, content lengths,
chunked answers, answers that end with the connection. What it does not understand is a ConnectionError.
"""

import asyncio
import ssl
from typing import NamedTuple
from urllib.parse import urlsplit

LONGEST_HEAD = 65_536  # bytes of an answer's status and headers


class Response(NamedTuple):
    """An answer without its body, which nobody reads. Names of headers are lower case."""

    status: int
    headers: dict[str, str]


class Connection:
    """Posts to one URL; connects when needed, again after the other side has closed. One request at a time."""

    def __init__(self, url: str, headers: dict[str, str]) -> None:
        parts = urlsplit(url)
        secure = parts.scheme == "https"
        self._host = parts.hostname or ""
        self._port = parts.port or (443 if secure else 80)
        self._tls = ssl.create_default_context() if secure else None
        told = {"Host": parts.netloc.rpartition("@")[2], **headers}
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        lines = [f"POST {path} HTTP/1.1", *(f"{name}: {value}" for name, value in told.items()), "Content-Length: "]
        self._head = "\r\n".join(lines).encode("ascii")
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def post(self, body: bytes) -> Response:
        """Sends a body and reads the answer. Raises OSError when there is none, ConnectionError among them."""
        if self._reader is None or self._writer is None or self._reader.at_eof():
            self.close()
            self._reader, self._writer = await asyncio.open_connection(
                self._host, self._port, ssl=self._tls, limit=LONGEST_HEAD
            )
        reusable = False
        try:
            self._writer.write(b"%b%d\r\n\r\n%b" % (self._head, len(body), body))
            if self._writer.transport.get_write_buffer_size():
                await self._writer.drain()
            response, reusable = await _read(self._reader)
        except (EOFError, ValueError, asyncio.LimitOverrunError) as error:
            raise ConnectionError("the answer broke off or is not HTTP/1.1") from error
        finally:
            if not reusable:  # also when a time limit cuts in: a late answer must not be taken for the next one's
                self.close()
        return response

    def close(self) -> None:
        if self._writer is not None:
            self._writer.transport.abort()
        self._reader = self._writer = None


async def _read(reader: asyncio.StreamReader) -> tuple[Response, bool]:
    """An answer, and whether the connection can be used again."""
    while True:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        first, *lines = head[:-4].split("\r\n")
        version, code, *_ = first.split(" ", 2)
        if not version.startswith("HTTP/1."):
            raise ValueError(first)
        status = int(code)
        if status >= 200:  # interim answers precede the one that counts
            break
    headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    response = Response(status, headers)
    reusable = version == "HTTP/1.1" and headers.get("connection", "").lower() != "close"
    if status in (204, 304):
        return response, reusable
    if headers.get("transfer-encoding", "").lower() == "chunked":
        await _skip_chunks(reader)
    elif "content-length" in headers:
        await _skip(reader, int(headers["content-length"]))
    else:
        while await reader.read(LONGEST_HEAD):
            continue
        return response, False
    return response, reusable


async def _skip_chunks(reader: asyncio.StreamReader) -> None:
    while size := int((await reader.readuntil(b"\r\n")).partition(b";")[0], 16):
        await _skip(reader, size + 2)
    while await reader.readuntil(b"\r\n") != b"\r\n":  # trailers
        continue


async def _skip(reader: asyncio.StreamReader, size: int) -> None:
    if size < 0:
        raise ValueError(size)
    while size:
        part = await reader.read(min(size, LONGEST_HEAD))
        if not part:
            raise EOFError
        size -= len(part)
