"""Answers as collectors, gateways and broken networks give them."""

import asyncio
import ssl
import subprocess
from functools import wraps

import pytest

from pumper import connection
from pumper.connection import Connection

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"


class Server:
    """Answers requests with the given bytes, None: breaks off. Keeps what it was sent."""

    def __init__(self, *answers):
        self.answers, self.requests, self.connections = list(answers), [], 0

    async def serve(self, reader, writer):
        self.connections += 1
        try:
            while self.answers:
                head = await reader.readuntil(b"\r\n\r\n")
                length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
                self.requests.append((head, await reader.readexactly(length)))
                answer = self.answers.pop(0)
                if answer is None:
                    break
                for byte in range(0, len(answer), 7):  # in pieces, as networks may
                    writer.write(answer[byte : byte + 7])
                    await writer.drain()
                if b"close" in answer or (b"length" not in answer.lower() and b"chunked" not in answer):
                    break
        except asyncio.IncompleteReadError:
            return
        finally:
            writer.close()


class Starting:
    """Starts servers and gives connections to them."""

    def __init__(self):
        self._started = []

    async def __call__(self, server, *, tls=None, path="/batch"):
        listening = await asyncio.start_server(server.serve, "127.0.0.1", 0, ssl=tls)
        port = listening.sockets[0].getsockname()[1]
        opened = Connection(f"http{'s' * bool(tls)}://localhost:{port}{path}", {"Content-Type": "text/plain"})
        self._started.extend([opened, listening])
        return opened

    def close(self):
        for one in self._started:
            one.close()


@pytest.fixture
def start():
    return Starting()


def on_a_loop(test):
    """Runs a coroutine as a test and closes what it started."""

    @wraps(test)
    def run(start, **arguments):
        async def within():
            try:
                await test(start, **arguments)
            finally:
                start.close()

        asyncio.run(within())

    return run


@on_a_loop
async def test_requests_share_a_connection_and_carry_host_path_and_body(start):
    server = Server(OK, OK)
    opened = await start(server, path="/stage/batch?a=1")
    for body in (b"one", b""):
        assert (await opened.post(body)).status == 200
    assert server.connections == 1
    (head, body), (_, empty) = server.requests
    assert head.startswith(b"POST /stage/batch?a=1 HTTP/1.1\r\nHost: localhost:")
    assert b"\r\nContent-Type: text/plain\r\n" in head
    assert (body, empty) == (b"one", b"")


@pytest.mark.parametrize(
    ("answer", "status", "connections"),
    [
        (b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello", 200, 1),
        (b"HTTP/1.1 204 No Content\r\nX-Length: 0\r\n\r\n", 204, 1),
        (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 503 Busy\r\nContent-Length: 1\r\n\r\nx", 503, 1),
        (b"HTTP/1.1 200\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\nhello\r\n0\r\nTrailer: 1\r\n\r\n", 200, 1),
        (b"HTTP/1.1 429 Slow\r\nConnection: close\r\nContent-Length: 2\r\n\r\nno", 429, 2),
        (b"HTTP/1.1 200 OK\r\n\r\nuntil the end", 200, 2),
        (b"HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n", 200, 2),
    ],
)
@on_a_loop
async def test_answers_of_every_form_leave_the_next_one_intact(start, answer, status, connections):
    server = Server(answer, OK)
    opened = await start(server)
    assert (await opened.post(b"one")).status == status
    assert (await opened.post(b"two")).status == 200
    assert server.connections == connections


@on_a_loop
async def test_headers_are_found_whatever_their_case(start):
    opened = await start(Server(b"HTTP/1.1 200 OK\r\nX-Headrace-Bad-Rows:  2 \r\nContent-Length: 0\r\n\r\n"))
    assert (await opened.post(b"")).headers["x-headrace-bad-rows"] == "2"


@pytest.mark.parametrize(
    "answer",
    [
        None,
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\nConnection: close\r\n\r\nhalf",
        b"SMTP ready, close\r\n\r\n",
        b"HTTP/1.1 abc close\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\nConnection: close\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\nX-close: " + b"x" * (connection.LONGEST_HEAD + 10),
    ],
)
@on_a_loop
async def test_what_is_no_answer_is_an_error_and_the_next_post_connects_anew(start, answer):
    server = Server(answer, OK)
    opened = await start(server)
    with pytest.raises(ConnectionError):
        await opened.post(b"one")
    assert (await opened.post(b"two")).status == 200
    assert server.connections == 2


@on_a_loop
async def test_an_answer_that_comes_too_late_is_not_taken_for_the_next(start):
    server = Server(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nnever the rest", OK)
    opened = await start(server)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.1):
            await opened.post(b"one")
    assert (await opened.post(b"two")).status == 200


@on_a_loop
async def test_nobody_listening_is_an_error(start):
    opened = Connection("http://127.0.0.1:1/batch", {})
    with pytest.raises(ConnectionRefusedError):
        await opened.post(b"")


@on_a_loop
async def test_https_is_spoken_and_strangers_are_not_trusted(start, tmp_path, monkeypatch):
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=localhost"),
            *("-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", certificate),
        ],
        check=True,
        capture_output=True,
    )
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate, key)
    opened = await start(Server(OK), tls=tls)
    with pytest.raises(ssl.SSLCertVerificationError):
        await opened.post(b"one")
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    trusting = await start(Server(OK, OK), tls=tls)
    assert (await trusting.post(b"one")).status == 200
