"""A stand-in for Personalize's events endpoint: it answers as it is told, and keeps what it took."""

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

# What a call is answered with: a status and an error code, or None to take it, or "hang up".
Answer = tuple[int, str] | str | None


class Personalize(ThreadingHTTPServer):
    """decide: from the request's body to its answer. calls: all bodies, taken: those that were answered with 200."""

    daemon_threads = True
    request_queue_size = 32

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.decide: Callable[[dict[str, Any]], Answer] = lambda _: None
        self.calls: list[dict[str, Any]] = []
        self.taken: list[dict[str, Any]] = []
        self.lock = threading.Lock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def told(self) -> list[str]:
        """The ids of the events that were taken."""
        return [event["eventId"] for body in self.taken for event in body["eventList"]]


class _Handler(BaseHTTPRequestHandler):
    server: Personalize
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        with self.server.lock:
            self.server.calls.append(body)
            answer = self.server.decide(body)
            if answer is None:
                self.server.taken.append(body)
        if isinstance(answer, str):
            self.close_connection = True
            return
        status, code = answer or (200, "")
        content = json.dumps({"message": f"{code} it is"}).encode() if answer else b""
        self.send_response(status)
        if answer:
            self.send_header("x-amzn-errortype", code)
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:
        """Tests show what matters themselves."""


@pytest.fixture
def personalize(monkeypatch: pytest.MonkeyPatch) -> Iterator[Personalize]:
    """The endpoint, to which the AWS SDK is sent."""
    server = Personalize()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    monkeypatch.setenv("AWS_ENDPOINT_URL_PERSONALIZE_EVENTS", server.url)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "nobody")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "nothing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    yield server
    server.shutdown()
    thread.join()
    server.server_close()
