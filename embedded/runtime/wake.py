"""Tells readers that a stream has something new: the emulator sends its name in a datagram as it takes records.

Only a hint: readers look by themselves every few seconds, so that nothing depends on it but how soon.
"""

import contextlib
import logging
import socket
import threading

LONGEST = 1024  # bytes of a datagram
LOOK_SECONDS = 1.0

log = logging.getLogger(__name__)


class Wake(threading.Thread):
    """Listens on `port` (UDP, this machine only) until it is stopped."""

    def __init__(self, port: int) -> None:
        super().__init__(name="wake", daemon=True)
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.settimeout(LOOK_SECONDS)
        try:
            self._socket.bind(("127.0.0.1", port))
        except OSError as error:
            log.warning("no hints can be heard, streams are looked at every few seconds: UDP port %d: %s", port, error)
            self._socket.bind(("127.0.0.1", 0))
        self._lock = threading.Lock()
        self._readers: dict[str, set[threading.Event]] = {}
        self._ended = threading.Event()

    def run(self) -> None:
        """Passes hints on until stopped."""
        while not self._ended.is_set():
            with contextlib.suppress(TimeoutError):
                name = self._socket.recv(LONGEST).decode(errors="replace")
                with self._lock:
                    for reader in self._readers.get(name, ()):
                        reader.set()
        self._socket.close()

    def stop(self) -> None:
        """Ends within a second."""
        self._ended.set()
        self.join()

    def add(self, service: str, name: str, reader: threading.Event) -> None:
        """Has `reader` set when something is put to this stream."""
        with self._lock:
            self._readers.setdefault(f"{service} {name}", set()).add(reader)

    def remove(self, service: str, name: str, reader: threading.Event) -> None:
        """Forgets a reader."""
        with self._lock:
            self._readers[f"{service} {name}"].discard(reader)
