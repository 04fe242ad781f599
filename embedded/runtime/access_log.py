"""The API's access log: one line a request in the stage's own format, written to its log group in batches.

Variables: <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging-variables.html>. One that is
not known here becomes `-`, as API Gateway writes what does not apply.
"""

import logging
import re
import threading
import time
from collections import deque
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from embedded.runtime.roles import CONFIG

VARIABLE = re.compile(r"\$context\.([A-Za-z.]+)")
EVENTS_A_CALL = 5_000  # PutLogEvents takes 10,000 events and 1 MiB
WAITING_EVENTS = 200_000  # beyond this the oldest lines are dropped: a log must not eat the memory
FLUSH_SECONDS = 1.0

log = logging.getLogger(__name__)


class AccessLog(threading.Thread):
    """Collects lines and writes them in the background until it is stopped."""

    def __init__(self) -> None:
        super().__init__(name="access log", daemon=True)
        self._client = boto3.client("logs", config=CONFIG)
        self._lines: deque[tuple[str, int, str]] = deque(maxlen=WAITING_EVENTS)
        self._streams: set[tuple[str, str]] = set()
        self._ended = threading.Event()

    def add(self, group: str, form: str, values: dict[str, Any]) -> None:
        """Adds a request's line: `form` with its `$context.` variables replaced."""
        self._lines.append((group, int(time.time() * 1000), formatted(form, values)))

    def run(self) -> None:
        """Writes until stopped, and then what is left."""
        while not self._ended.wait(FLUSH_SECONDS):
            self._flush()
        self._flush()

    def stop(self) -> None:
        """Ends after the last line is written."""
        self._ended.set()
        self.join()

    def _flush(self) -> None:
        while self._lines:
            batches: dict[str, list[dict[str, Any]]] = {}
            for _ in range(min(len(self._lines), EVENTS_A_CALL)):
                group, moment, line = self._lines.popleft()
                batches.setdefault(group, []).append({"timestamp": moment, "message": line})
            for group, events in batches.items():
                try:
                    self._client.put_log_events(logGroupName=group, logStreamName=self._stream(group), logEvents=events)
                except (ClientError, BotoCoreError) as error:
                    self._streams.clear()
                    log.warning("%d access log lines are lost, %s can not be written to: %s", len(events), group, error)

    def _stream(self, group: str) -> str:
        """A log stream a day, made when first written to."""
        name = time.strftime("front-door-%Y-%m-%d", time.gmtime())
        if (group, name) not in self._streams:
            try:
                self._client.create_log_stream(logGroupName=group, logStreamName=name)
            except self._client.exceptions.ResourceAlreadyExistsException:
                log.debug("the log stream %s is there already", name)
            self._streams.add((group, name))
        return name


def formatted(form: str, values: dict[str, Any]) -> str:
    """`form` with its `$context.` variables replaced."""
    return VARIABLE.sub(lambda found: str(values.get(found.group(1), "-")), form)
