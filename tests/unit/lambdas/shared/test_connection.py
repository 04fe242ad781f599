import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from botocore.exceptions import (
    ConnectionClosedError,
    ConnectTimeoutError,
    EndpointConnectionError,
    ReadTimeoutError,
    SSLError,
)
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from shared.connection import Connection

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
SHORT = 0.2  # seconds

# What a server does with one connection: takes a request, and says what it says; again and again.
Behaviour = Callable[[socket.socket], None]


class Server:
    """Hands each connection to the next behaviour."""

    def __init__(self, behaviours: Sequence[Behaviour]) -> None:
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._behaviours = list(behaviours)
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        for behave in self._behaviours:
            try:
                accepted, _ = self._listening.accept()
            except OSError:
                return
            with accepted:
                behave(accepted)

    def close(self) -> None:
        self._listening.close()


def says(*answers: bytes) -> Behaviour:
    """Takes a request before each answer, and closes the connection after the last one."""

    def behave(accepted: socket.socket) -> None:
        for answer in answers:
            request = b""
            while not request.endswith(b"body"):
                received = accepted.recv(65_536)
                if not received:
                    return
                request += received
            accepted.sendall(answer)

    return behave


@contextmanager
def server(*behaviours: Behaviour) -> Iterator[Server]:
    one = Server(behaviours)
    try:
        yield one
    finally:
        one.close()


def post(connection: Connection) -> tuple[int, bytes]:
    return connection.post({"host": connection.host, "x": "y"}, b"body")


def test_one_connection_serves_many_requests():
    with server(says(OK, b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n", OK)) as one:
        connection = Connection(one.url, 1, 1)
        assert [post(connection) for _ in range(3)] == [(200, b"ok"), (400, b""), (200, b"ok")]


def test_a_request_is_what_http_wants():
    seen: list[bytes] = []

    def note(accepted: socket.socket) -> None:
        seen.append(accepted.recv(65_536))
        accepted.sendall(OK)

    with server(note) as one:
        post(Connection(one.url, 1, 1))
    host = f"127.0.0.1:{one.port}".encode()
    assert seen == [b"POST / HTTP/1.1\r\nhost: " + host + b"\r\nx: y\r\ncontent-length: 4\r\n\r\nbody"]


def test_an_answer_may_come_in_any_pieces():
    def drop_by_drop(accepted: socket.socket) -> None:
        accepted.recv(65_536)
        for byte in OK:
            accepted.sendall(bytes([byte]))

    with server(drop_by_drop) as one:
        assert post(Connection(one.url, 1, 1)) == (200, b"ok")


@given(parts=st.lists(st.binary(min_size=1, max_size=40), max_size=4))
def test_an_answer_may_come_in_chunks(parts: list[bytes]):
    chunks = b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts)
    with server(says(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks + b"0\r\n\r\n")) as one:
        assert post(Connection(one.url, 1, 1)) == (200, b"".join(parts))


def test_a_connection_that_was_closed_meanwhile_is_made_anew():
    with server(says(OK), says(OK)) as one:
        connection = Connection(one.url, 1, 1)
        assert post(connection) == (200, b"ok")
        assert connection._socket is not None
        connection._socket.recv(1, socket.MSG_PEEK)  # returns when the server has closed it
        assert post(connection) == (200, b"ok")


def test_a_connection_whose_server_says_that_it_closes_is_not_used_again():
    with server(says(OK.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")), says(OK)) as one:
        connection = Connection(one.url, 1, 1)
        assert [post(connection), post(connection)] == [(200, b"ok")] * 2


@pytest.mark.parametrize("half", [b"", b"HTTP/1.1 200 OK\r\nContent-Le", OK[:-1], b"SSH-2.0-OpenSSH\r\n\r\n"])
def test_half_an_answer_is_an_error_and_the_next_request_is_answered(half: bytes):
    with server(says(half), says(OK)) as one:
        connection = Connection(one.url, 1, 1)
        with pytest.raises(ConnectionClosedError):
            post(connection)
        assert post(connection) == (200, b"ok")


def test_a_server_that_is_silent_is_given_up_and_its_late_answer_is_nobody_elses():
    silence = threading.Event()

    def late(accepted: socket.socket) -> None:
        accepted.recv(65_536)
        silence.wait(10)

    with server(late, says(OK)) as one:
        connection = Connection(one.url, 1, SHORT)
        with pytest.raises(ReadTimeoutError):
            post(connection)
        silence.set()
        assert post(connection) == (200, b"ok")


def test_where_nobody_listens_the_error_says_so():
    with server() as one:
        pass
    with pytest.raises(EndpointConnectionError):
        post(Connection(one.url, 1, 1))


def test_where_nobody_answers_the_connection_is_given_up():
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full:
        port = full.getsockname()[1]
        waiting = [Connection(f"http://127.0.0.1:{port}", SHORT, SHORT) for _ in range(16)]  # more than may wait there
        with pytest.raises(ConnectTimeoutError):
            list(map(Connection._connected, waiting))
        for each in waiting:
            each.close()


def test_who_can_not_prove_its_name_is_sent_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    certificate, key = self_signed("localhost")
    (tmp_path / "both.pem").write_bytes(certificate + key)
    theirs = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    theirs.load_cert_chain(tmp_path / "both.pem")

    def secured(behave: Behaviour) -> Behaviour:
        def behaving(accepted: socket.socket) -> None:
            try:
                with theirs.wrap_socket(accepted, server_side=True) as inside:
                    behave(inside)
            except OSError:  # the client went away
                return

        return behaving

    with server(secured(says(OK)), secured(says(OK)), secured(says(OK, OK))) as one:
        with pytest.raises(SSLError):
            post(Connection(f"https://localhost:{one.port}", 1, 1))  # who signed it is not known
        (tmp_path / "ca.pem").write_bytes(certificate)
        monkeypatch.setenv("AWS_CA_BUNDLE", str(tmp_path / "ca.pem"))
        with pytest.raises(SSLError):
            post(Connection(f"https://127.0.0.1:{one.port}", 1, 1))  # it is somebody else's
        known = Connection(f"https://localhost:{one.port}", 1, 1)
        assert [post(known), post(known)] == [(200, b"ok")] * 2


def self_signed(name: str) -> tuple[bytes, bytes]:
    """A certificate and its key, both PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return certificate.public_bytes(serialization.Encoding.PEM), private
