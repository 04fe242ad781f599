"""How many records make a batch: by number, and by the size of the invocation's payload."""

from collections.abc import Iterable

from embedded.runtime.mappings.records import Record

LARGEST_PAYLOAD = 6 * 1024 * 1024  # of a synchronous invocation (Lambda quota)
AROUND = len(b'{"Records":[]}')


def next_batch(waiting: Iterable[Record], batch_size: int) -> tuple[int, bool]:
    """How many of the first records make a batch, and whether no more could be added to it.

    A single record is always a batch, however large: what to do then is for the function's service to say.
    """
    size, count = AROUND, 0
    for each in waiting:
        size += len(each.encoded) + 1
        if count and size > LARGEST_PAYLOAD:
            return count, True
        count += 1
        if count == batch_size:
            return count, True
    return count, False
