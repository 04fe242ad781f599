"""How many records make a batch: by number, and by the size of the invocation's payload."""

from collections.abc import Iterable
from itertools import islice

from embedded.runtime.mappings.records import Record, size

LARGEST_PAYLOAD = 6 * 1024 * 1024  # of a synchronous invocation (Lambda quota)
AROUND = len(b'{"Records":[]}')


def next_batch(waiting: Iterable[Record], batch_size: int, end: bytes) -> tuple[int, bool]:
    """How many of the first records make a batch, and whether no more could be added to it. end: of each record.

    A single record is always a batch, however large: what to do then is for the function's service to say.
    """
    first, around = list(islice(waiting, batch_size)), len(end) + 1
    if AROUND + size(first) + around * len(first) > LARGEST_PAYLOAD:
        room = LARGEST_PAYLOAD - AROUND
        for count, each in enumerate(first):
            room -= len(each.encoded) + around
            if count and room < 0:
                return count, True
    return len(first), len(first) == batch_size
