"""What all senders share: how often they try, how long they wait in between, and how they count."""

import asyncio
import random
from typing import NamedTuple, Protocol

from pumper.batches import Batch
from pumper.tally import Tally

ATTEMPTS = 8
FIRST_WAIT = 0.1  # seconds, doubled with each attempt, and of that a random part
LONGEST_WAIT = 5.0  # seconds
LONGEST_RETRY_AFTER = 30.0  # seconds; a collector that asks for more is not waited for longer

_random = random.Random()  # noqa: S311 - jitter


class Answer(NamedTuple):
    """What came of a batch: `accepted` hits, `rejected` ones, and those that no attempt had an answer for (`lost`)."""

    accepted: int
    rejected: int
    lost: int


class Sender(Protocol):
    """Sends batches one after another. `send` gives None when it gave a batch up because the run is stopping."""

    async def send(self, batch: Batch) -> Answer | None: ...
    def close(self) -> None: ...


async def stopped_after(attempt: int, stopping: asyncio.Event, asked: float = 0.0) -> bool:
    """Waits after an attempt, counted from 0, the seconds `asked` for, else some. Whether the run is stopping."""
    longest = min(LONGEST_WAIT, FIRST_WAIT * 2**attempt)
    seconds = asked or _random.uniform(longest / 2, longest)
    try:
        await asyncio.wait_for(stopping.wait(), min(seconds, LONGEST_RETRY_AFTER))
    except TimeoutError:
        return False
    return True


def count(tally: Tally, batch: Batch, answer: Answer, begun: float, ended: float) -> None:
    """Counts a batch that was sent between two of the loop's times."""
    tally.accepted += answer.accepted
    tally.rejected += answer.rejected
    tally.failed += answer.lost
    tally.duplicates += batch.repeated
    if answer.lost:
        return
    if not batch.dues:
        tally.latencies.add(ended - begun, len(batch.times))
    for due in batch.dues:  # from the intended time, so that waiting in a queue counts
        tally.latencies.add(ended - due)
