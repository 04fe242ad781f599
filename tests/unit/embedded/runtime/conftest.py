"""A service of AWS's JSON protocol that answers what a test says, and ends each connection after its answer."""

import json
import threading
from collections import deque
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import boto3
import pytest


class Service(ThreadingHTTPServer):
    """calls: the operations and parameters it was given. answers: (status, body) of the next ones; None ends the
    connection without an answer. Where there is none, `{}`."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.answers: deque[tuple[int, bytes] | None] = deque()

    def given(self, operation: str) -> list[dict[str, Any]]:
        """The parameters of an operation's calls."""
        return [parameters for name, parameters in self.calls if name == operation]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Service

    def do_POST(self) -> None:
        operation = self.headers["X-Amz-Target"].rpartition(".")[2]
        self.server.calls.append((operation, json.loads(self.rfile.read(int(self.headers["Content-Length"])))))
        self.close_connection = True  # and no header says so
        answer = self.server.answers.popleft() if self.server.answers else (200, b"{}")
        if answer is None:
            return
        self.send_response(answer[0])
        self.send_header("Content-Length", str(len(answer[1])))
        self.end_headers()
        self.wfile.write(answer[1])

    def log_message(self, format: str, *args: Any) -> None:
        """Says nothing."""


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    with Service() as made:
        for name, value in {
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{made.server_address[1]}",
            "AWS_REGION": "us-east-1",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
        }.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)  # which would keep these credentials for other tests
        serving = threading.Thread(target=made.serve_forever, args=(0.01,))
        serving.start()
        yield made
        made.shutdown()
        serving.join()
