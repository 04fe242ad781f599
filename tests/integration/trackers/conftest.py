"""A browser, and a site whose pages it shows."""

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from uuid import uuid4

import pytest

from tests.integration.browser import Browser, installed, started


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    program = installed()
    if program is None:
        pytest.skip("there is no Chromium here to send from")
    with started(program, tmp_path_factory.mktemp("profile")) as running:
        yield running


@pytest.fixture(scope="module")
def site() -> Iterator[Callable[[str], str]]:
    """A site that shows a page; the page's address. `localhost`: for a browser another site than the collector's."""
    pages: dict[str, bytes] = {}

    class Site(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("content-type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(pages.get(self.path, b""))

        def log_message(self, format: str, *args: object) -> None: ...

    def show(page: str) -> str:
        path = f"/{uuid4().hex[:8]}.html"
        icon = '<!doctype html><link rel="icon" href="data:,">'
        pages[path] = f"{icon}<title>Café</title>{page}".encode()
        return f"http://localhost:{server.server_port}{path}"

    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield show
    server.shutdown()
    thread.join()
    server.server_close()
