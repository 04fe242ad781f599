"""How far a shard is processed, where its lanes finish in any order."""

from collections import deque
from collections.abc import Iterable

from embedded.runtime.mappings.records import Record


class Progress:
    """The records that were taken from a shard and are not all done yet."""

    def __init__(self) -> None:
        self._open: deque[Record] = deque()
        self._done: set[str] = set()

    def taken(self, records: Iterable[Record]) -> None:
        """Records that are to be processed, in the shard's order."""
        self._open.extend(records)

    def done(self, records: Iterable[Record]) -> str | None:
        """Marks records as done. Returns the sequence number up to which everything now is, where that moved on."""
        reached = None
        for each in records:
            if self._open and self._open[0].sequence == each.sequence:  # as nearly all: a lane keeps the order
                reached = self._open.popleft().sequence
            else:
                self._done.add(each.sequence)
        while self._open and self._open[0].sequence in self._done:
            reached = self._open.popleft().sequence
            self._done.remove(reached)
        return reached

    @property
    def oldest(self) -> Record | None:
        """The first record that is not done."""
        return self._open[0] if self._open else None

    def __len__(self) -> int:
        return len(self._open)
