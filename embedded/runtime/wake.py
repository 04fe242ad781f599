"""Hears from the emulator what changed: a stream that took records, a function that is another one now.

Only hints, in datagrams: who waits for one looks by itself every few seconds, so that nothing depends on them but how
soon.
"""

import contextlib
import logging
import socket
import threading
from collections.abc import Callable

LONGEST = 1024  # bytes of a datagram
LOOK_SECONDS = 1.0

log = logging.getLogger(__name__)


class News:
    """How often something was heard of. What was looked at when `count` was n is out of date when it is more."""

    def __init__(self) -> None:
        self.count = 0
        self._changed = threading.Condition()

    def tell(self) -> None:
        """Something is new."""
        with self._changed:
            self.count += 1
            self._changed.notify_all()

    def wait(self, count: int, seconds: float, ended: Callable[[], bool]) -> None:
        """Returns when there is something newer than at `count`, or after so many seconds, or at a `tell` when it has
        `ended`; at once where that was so before."""
        with self._changed:
            self._changed.wait_for(lambda: self.count != count or ended(), seconds)


class Wake(threading.Thread):
    """Listens on `port` (UDP, this machine only) until it is stopped."""

    def __init__(self, port: int) -> None:
        super().__init__(name="wake", daemon=True)
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.settimeout(LOOK_SECONDS)
        try:
            self._socket.bind(("127.0.0.1", port))
        except OSError as error:
            log.warning("no hints can be heard, all is looked at every few seconds: UDP port %d: %s", port, error)
            self._socket.bind(("127.0.0.1", 0))
        self._lock = threading.Lock()
        self._news: dict[str, News] = {}
        self._ended = threading.Event()

    def run(self) -> None:
        """Passes hints on until stopped."""
        while not self._ended.is_set():
            with contextlib.suppress(TimeoutError):
                name = self._socket.recv(LONGEST).decode(errors="replace")
                with self._lock:
                    news = self._news.get(name)
                if news:
                    news.tell()
        self._socket.close()

    def stop(self) -> None:
        """Ends within a second."""
        self._ended.set()
        self.join()

    def news(self, service: str, name: str) -> News:
        """What is heard of a stream, a table or a function."""
        with self._lock:
            return self._news.setdefault(f"{service} {name}", News())
