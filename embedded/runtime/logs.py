"""Lines for CloudWatch Logs, written in the background and in batches: of functions, and of the API's access log.

What can not be written is tried again, and may then be there twice. A runtime that is killed takes with it the lines of
its last second: waiting for the log at every invocation would cost more than the invocation.
"""

import logging
import threading
import time
from collections import Counter, deque
from collections.abc import Iterable

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from embedded.runtime.roles import CONFIG
from embedded.runtime.wire import Wire

EVENTS_A_CALL = 5_000  # PutLogEvents takes 10,000 events and 1 MiB
WAITING_EVENTS = 200_000  # beyond this the oldest lines are dropped: a log must not eat the memory
LONGEST_LINE = 200_000  # characters; an event takes 256 KiB
FLUSH_SECONDS = 1.0
REFUSALS = 3  # in a row, of one stream; then its lines are given up: its group may be gone

Line = tuple[str, str, int, str]  # group, stream, epoch milliseconds, text

log = logging.getLogger(__name__)


class Logs(threading.Thread):
    """Collects lines and writes them in the background until it is stopped."""

    def __init__(self) -> None:
        super().__init__(name="logs", daemon=True)
        self._client = boto3.client("logs", config=CONFIG)
        self._wire = Wire("logs", "Logs_20140328", "1.1")
        self._lines: deque[Line] = deque(maxlen=WAITING_EVENTS)
        self._streams: set[tuple[str, str]] = set()
        self._refusals: Counter[tuple[str, str]] = Counter()
        self._away = False
        self._credentials = boto3.Session().get_credentials()
        self._ended = threading.Event()

    def add(self, group: str, stream: str, lines: Iterable[str]) -> None:
        """Adds lines that were written now. What is no Unicode in them (a header's odd bytes) becomes a `?`."""
        moment = int(time.time() * 1000)
        texts = (line[:LONGEST_LINE].encode(errors="replace").decode() for line in lines if line)
        self._lines.extend((group, stream, moment, text) for text in texts)

    def run(self) -> None:
        """Writes until stopped, and then what is left."""
        while not self._ended.wait(FLUSH_SECONDS):
            self._try_to_flush()
        self._try_to_flush()

    def stop(self) -> None:
        """Ends after the last line is written."""
        self._ended.set()
        if self.ident is not None:
            self.join()

    def _try_to_flush(self) -> None:
        try:
            self.flush()
        except Exception:  # nobody foresaw it; the lines to come are not to be lost for it
            log.exception("log lines are lost")

    def flush(self) -> None:
        """Writes what there is, and leaves what comes meanwhile for the next time, as what can not be written."""
        failed: list[Line] = []
        left = len(self._lines)
        while left and not failed:
            batches: dict[tuple[str, str], list[Line]] = {}
            for _ in range(min(left, EVENTS_A_CALL)):
                line = self._lines.popleft()
                batches.setdefault(line[:2], []).append(line)
                left -= 1
            for place, lines in batches.items():
                failed += self._write(place, lines)
        room = WAITING_EVENTS - len(self._lines)
        if len(failed) > room:
            log.warning("%d log lines are lost: too many wait", len(failed) - room)
        self._lines.extendleft(reversed(failed[max(0, len(failed) - room) :]))

    def _write(self, place: tuple[str, str], lines: list[Line]) -> list[Line]:
        """Writes lines of one stream. Returns those that are to be tried again."""
        group, stream = place
        events = [{"timestamp": moment, "message": text} for _, _, moment, text in lines]
        try:
            self._make(group, stream)
            request = {"logGroupName": group, "logStreamName": stream, "logEvents": events}
            self._wire.call(self._credentials, "PutLogEvents", request)
        except BotoCoreError as error:
            if not self._away:
                log.warning("%s can not be written to, its lines wait: %s", group, error)
            self._away = True
            return lines
        except ClientError as error:
            self._streams.discard(place)
            self._refusals[place] += 1
            if self._refusals[place] < REFUSALS:
                return lines
            log.warning("%d log lines are lost, %s can not be written to: %s", len(lines), group, error)
        self._away = False
        self._refusals.pop(place, None)
        return []

    def _make(self, group: str, stream: str) -> None:
        """Makes the stream before it is first written to."""
        if (group, stream) in self._streams:
            return
        try:
            self._client.create_log_stream(logGroupName=group, logStreamName=stream)
        except self._client.exceptions.ResourceAlreadyExistsException:
            log.debug("the log stream %s is there already", stream)
        self._streams.add((group, stream))
