"""Records for tests of mappings' rules."""

from collections.abc import Callable

import pytest

from embedded.runtime.mappings.records import Record

MakeRecords = Callable[..., tuple[Record, ...]]


@pytest.fixture(scope="session")
def records() -> MakeRecords:
    """Makes so many records, one a second; of one key."""

    def make(count: int, size: int = 10) -> tuple[Record, ...]:
        return tuple(Record(str(number), "key", float(number), b"x" * size) for number in range(count))

    return make
