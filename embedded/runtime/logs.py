"""Lines for CloudWatch Logs, written in the background and in batches: of functions, and of the API's access log."""

import logging
import threading
import time
from collections import deque
from collections.abc import Iterable
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from embedded.runtime.roles import CONFIG
from embedded.runtime.wire import Wire

EVENTS_A_CALL = 5_000  # PutLogEvents takes 10,000 events and 1 MiB
WAITING_EVENTS = 200_000  # beyond this the oldest lines are dropped: a log must not eat the memory
LONGEST_LINE = 200_000  # characters; an event takes 256 KiB
FLUSH_SECONDS = 1.0

log = logging.getLogger(__name__)


class Logs(threading.Thread):
    """Collects lines and writes them in the background until it is stopped."""

    def __init__(self) -> None:
        super().__init__(name="logs", daemon=True)
        self._client = boto3.client("logs", config=CONFIG)
        self._wire = Wire("logs", "Logs_20140328", "1.1")
        self._lines: deque[tuple[str, str, int, str]] = deque(maxlen=WAITING_EVENTS)
        self._streams: set[tuple[str, str]] = set()
        self._credentials = boto3.Session().get_credentials()
        self._ended = threading.Event()

    def add(self, group: str, stream: str, lines: Iterable[str]) -> None:
        """Adds lines that were written now."""
        moment = int(time.time() * 1000)
        self._lines.extend((group, stream, moment, line[:LONGEST_LINE]) for line in lines if line)

    def run(self) -> None:
        """Writes until stopped, and then what is left."""
        while not self._ended.wait(FLUSH_SECONDS):
            self._flush()
        self._flush()

    def stop(self) -> None:
        """Ends after the last line is written."""
        self._ended.set()
        if self.ident is not None:
            self.join()

    def _flush(self) -> None:
        while self._lines:
            batches: dict[tuple[str, str], list[dict[str, Any]]] = {}
            for _ in range(min(len(self._lines), EVENTS_A_CALL)):
                group, stream, moment, line = self._lines.popleft()
                batches.setdefault((group, stream), []).append({"timestamp": moment, "message": line})
            for (group, stream), events in batches.items():
                try:
                    self._make(group, stream)
                    request = {"logGroupName": group, "logStreamName": stream, "logEvents": events}
                    self._wire.call(self._credentials, "PutLogEvents", request)
                except (ClientError, BotoCoreError) as error:
                    self._streams.discard((group, stream))
                    log.warning("%d log lines are lost, %s can not be written to: %s", len(events), group, error)

    def _make(self, group: str, stream: str) -> None:
        """Makes the stream before it is first written to."""
        if (group, stream) in self._streams:
            return
        try:
            self._client.create_log_stream(logGroupName=group, logStreamName=stream)
        except self._client.exceptions.ResourceAlreadyExistsException:
            log.debug("the log stream %s is there already", stream)
        self._streams.add((group, stream))
