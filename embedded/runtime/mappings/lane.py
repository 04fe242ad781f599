"""One order of records: gathers batches, has them processed one after another, retries, gives up."""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from botocore.exceptions import BotoCoreError, ClientError

from embedded.runtime.mappings.answers import Outcome
from embedded.runtime.mappings.batching import next_batch
from embedded.runtime.mappings.definition import Mapping
from embedded.runtime.mappings.discards import UnknownDestination
from embedded.runtime.mappings.records import Record
from embedded.runtime.mappings.retrying import GivenUp, Next, Part, after, pause, without_old
from embedded.runtime.roles import NotTrusted

log = logging.getLogger(__name__)


@dataclass
class Tally:
    """What became of a mapping's records since the runtime started. error: the last one, until something goes well."""

    records: int = 0
    invocations: int = 0
    failed_invocations: int = 0
    given_up: int = 0
    error: str | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)


@dataclass(frozen=True)
class Hands:
    """What a lane needs of the world. invoke: with records and their end. discard: tells the on-failure destination,
    and raises where that fails."""

    invoke: Callable[[Sequence[Record], bytes], Outcome]
    discard: Callable[[GivenUp], None]
    done: Callable[[Sequence[Record]], None]


class Lane(threading.Thread):
    """Processes the records of some keys of a shard in their order, until it is stopped."""

    def __init__(self, name: str, mapping: Mapping, hands: Hands, tally: Tally) -> None:
        super().__init__(name=name, daemon=True)
        self._mapping, self._hands, self._tally = mapping, hands, tally
        self._waiting: deque[Record] = deque()
        self._records_end = b""
        self._gathering_since = 0.0
        self._changed = threading.Condition()
        self._ended = threading.Event()

    def add(self, records: Iterable[Record], end: bytes) -> None:
        """More records, behind those that wait. end: of each record's JSON, from now on."""
        with self._changed:
            if not self._waiting:
                self._gathering_since = time.monotonic()
            self._waiting.extend(records)
            self._records_end = end
            self._changed.notify()

    def run(self) -> None:
        """Processes until stopped. What nobody foresaw holds up this lane alone, and shows: nothing is passed over."""
        try:
            while batch := self._gather():
                self._process(batch)
        except Exception as error:
            self._tally.error = f"the runtime failed: {error!r}"
            log.exception("%s is held up", self.name)

    def end(self) -> None:
        """Lets the invocation that is under way come to its end, and begins no other."""
        self._ended.set()
        with self._changed:
            self._changed.notify()

    def _gather(self) -> tuple[Record, ...]:
        """The next batch, as soon as it is full or its window is over; empty when the lane is to end."""
        with self._changed:
            while not self._ended.is_set():
                count, full = next_batch(self._waiting, self._mapping.batch_size, self._records_end)
                left = self._gathering_since + self._mapping.window_seconds - time.monotonic()
                if count and (full or left <= 0):
                    batch = tuple(self._waiting.popleft() for _ in range(count))
                    self._gathering_since = time.monotonic()
                    return batch
                self._changed.wait(left if count else None)
        return ()

    def _process(self, batch: tuple[Record, ...]) -> None:
        parts = deque([Part(batch)])
        last: Outcome | None = None
        while parts and not self._ended.is_set():
            part, given_up = without_old(parts.popleft(), time.time(), self._mapping.max_age_seconds, last)
            if given_up and not self._give_up(given_up):
                return
            if not part.records:
                continue
            last = self._hands.invoke(part.records, self._records_end)
            following = after(part, last, max_retries=self._mapping.max_retries, bisects=self._mapping.bisects)
            self._count(last, following)
            if following.done:
                self._hands.done(following.done)
            if following.given_up and not self._give_up(following.given_up):
                return
            parts.extendleft(reversed(following.again))
            if following.pause_seconds:
                self._ended.wait(following.pause_seconds)

    def _count(self, outcome: Outcome, following: Next) -> None:
        with self._tally.lock:
            self._tally.invocations += outcome.invoked
            self._tally.records += len(following.done)
            if outcome.failed_from is None:
                self._tally.error = None
                return
            self._tally.failed_invocations += 1
            self._tally.error = outcome.error
        log.warning("%s: %s", self.name, outcome.error)

    def _give_up(self, given_up: GivenUp) -> bool:
        """Tells the destination, as often as it takes: the records must not vanish. False when ended before."""
        attempt = 0
        while not self._ended.is_set():
            try:
                self._hands.discard(given_up)
            except (ClientError, BotoCoreError, NotTrusted, UnknownDestination) as error:
                with self._tally.lock:
                    self._tally.error = f"the on-failure destination can not be told: {error}"
                log.warning("%s: the on-failure destination can not be told: %s", self.name, error)
                self._ended.wait(pause(attempt))
                attempt += 1
                continue
            with self._tally.lock:
                self._tally.given_up += len(given_up.records)
            log.warning("%s: gave up %d records: %s", self.name, len(given_up.records), given_up.condition)
            self._hands.done(given_up.records)
            return True
        return False
