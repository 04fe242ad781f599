"""One connection to one server, kept alive: HTTP/1.1, one request at a time.

The SDK's way to a socket has a pool, redirects, proxies and a parser of e-mail headers in it, none of which a function
has use for that answers one event at a time and calls one service: five times as long for a call.
"""

import os
import select
import socket
import ssl
from collections.abc import Mapping
from urllib.parse import urlsplit

from botocore.exceptions import (
    ConnectionClosedError,
    ConnectTimeoutError,
    EndpointConnectionError,
    ReadTimeoutError,
    SSLError,
)
from botocore.httpsession import get_cert_path
from httptools import HttpParserError, HttpResponseParser

OPTIONS = [(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1), (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)]
RECEIVED_BYTES = 65_536  # at once


class _Answer:
    """What the parser tells of an answer."""

    def __init__(self) -> None:
        self.body = bytearray()
        self.whole = self.last = False

    def on_header(self, name: bytes, value: bytes) -> None:
        self.last |= name.lower() == b"connection" and value.lower() == b"close"

    def on_body(self, data: bytes) -> None:
        self.body += data

    def on_message_complete(self) -> None:
        self.whole = True


class Connection:
    """Made when it is first needed, and anew when it was closed. To be used by one thread.

    url: http or https, of the server. connect_seconds, read_seconds: time-outs, the latter for each part of an answer.
    """

    def __init__(self, url: str, connect_seconds: float, read_seconds: float) -> None:
        parts = urlsplit(url)
        self.host = parts.netloc
        self._url, self._server, self._tls = url, parts.hostname or "", parts.scheme == "https"
        self._port = parts.port or (443 if self._tls else 80)
        self._connect_seconds, self._read_seconds = connect_seconds, read_seconds
        self._socket: socket.socket | None = None

    def post(self, headers: Mapping[str, str], body: bytes) -> tuple[int, bytes]:
        """The answer's status and body. Raises the SDK's errors of connections, after which the server may or may not
        have done what it was asked."""
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        head = f"POST / HTTP/1.1\r\n{lines}content-length: {len(body)}\r\n\r\n"
        connected = self._connected()
        try:
            connected.sendall(head.encode("latin-1") + body)
            return self._answer(connected)
        except TimeoutError as error:
            self.close()
            raise ReadTimeoutError(endpoint_url=self._url, error=error) from error
        except (OSError, HttpParserError) as error:
            self.close()
            raise ConnectionClosedError(endpoint_url=self._url, error=error) from error
        except BaseException:  # half an answer would be taken for the next one's
            self.close()
            raise

    def close(self) -> None:
        """The next request makes a connection of its own."""
        if self._socket:
            self._socket.close()
        self._socket = None

    def _answer(self, connected: socket.socket) -> tuple[int, bytes]:
        answer = _Answer()
        parser = HttpResponseParser(answer)
        while not answer.whole:
            received = connected.recv(RECEIVED_BYTES)
            if not received:
                raise ConnectionResetError("the server closed the connection before its answer was whole")
            parser.feed_data(received)
        if answer.last:
            self.close()
        return parser.get_status_code(), bytes(answer.body)

    def _connected(self) -> socket.socket:
        if self._socket and _closed(self._socket):
            self.close()
        if self._socket is None:
            self._socket = self._connect()
        return self._socket

    def _connect(self) -> socket.socket:
        try:
            plain = socket.create_connection((self._server, self._port), self._connect_seconds)
        except TimeoutError as error:
            raise ConnectTimeoutError(endpoint_url=self._url, error=error) from error
        except OSError as error:
            raise EndpointConnectionError(endpoint_url=self._url, error=error) from error
        for option in OPTIONS:
            plain.setsockopt(*option)
        connected = self._secured(plain) if self._tls else plain
        connected.settimeout(self._read_seconds)
        return connected

    def _secured(self, plain: socket.socket) -> socket.socket:
        context = ssl.create_default_context(cafile=os.environ.get("AWS_CA_BUNDLE") or get_cert_path(True))
        try:
            return context.wrap_socket(plain, server_hostname=self._server)
        except TimeoutError as error:
            plain.close()
            raise ConnectTimeoutError(endpoint_url=self._url, error=error) from error
        except OSError as error:
            plain.close()
            raise SSLError(endpoint_url=self._url, error=error) from error


def _closed(connected: socket.socket) -> bool:
    """Whether the other side has closed a connection on which nothing is awaited: only its end can be read there."""
    look = select.poll()
    look.register(connected, select.POLLIN)
    return bool(look.poll(0))
