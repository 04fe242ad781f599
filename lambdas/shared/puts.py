"""Batches of lines put to a Kinesis stream or a Firehose stream, of which the service may take only a part.

A put answers 200 and refuses single items all the same (FailedRecordCount, FailedPutCount): those alone are put again,
with exponential back-off and full jitter (https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter/).
"""

import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from botocore.exceptions import BotoCoreError, ClientError

MAX_ATTEMPTS = 6
FIRST_PAUSE_SECONDS = 0.05
LONGEST_PAUSE_SECONDS = 1.0

# Errors of a whole call that the next attempt would meet again. The first are about what is put: one item too large, or
# with a key that is none, fails all that are put with it.
ITEM_ERRORS = frozenset({"InvalidArgumentException", "ValidationException"})
PERMANENT_ERRORS = ITEM_ERRORS | {
    "AccessDeniedException",
    "InvalidSignatureException",
    "ResourceNotFoundException",
    "UnrecognizedClientException",
}


class Item(NamedTuple):
    """One line, without its newline. key: what keeps its order in a Kinesis stream; Firehose has none."""

    data: bytes
    key: str = ""


class Target(Protocol):
    """Where items go. max_items and max_bytes: of one call. size: an item's share of max_bytes."""

    max_items: int
    max_bytes: int

    def size(self, item: Item) -> int: ...

    def put(self, items: Sequence[Item]) -> list[str | None]:
        """One call; for each item the error code with which it was refused. Raises botocore's errors."""
        ...


class KinesisStream:
    """PutRecords takes 500 records and 5 MiB, keys included (Amazon Kinesis Data Streams quotas)."""

    max_items = 500
    max_bytes = 5 * 1024 * 1024

    def __init__(self, client: Any, name: str) -> None:
        self._client, self._name = client, name

    def size(self, item: Item) -> int:
        return len(item.data) + len(item.key.encode())

    def put(self, items: Sequence[Item]) -> list[str | None]:
        records = [{"Data": item.data, "PartitionKey": item.key} for item in items]
        answer = self._client.put_records(StreamName=self._name, Records=records)
        return [record.get("ErrorCode") for record in answer["Records"]]


class FirehoseStream:
    """PutRecordBatch takes 500 records and 4 MiB (Amazon Data Firehose quotas)."""

    max_items = 500
    max_bytes = 4 * 1024 * 1024

    def __init__(self, client: Any, name: str) -> None:
        self._client, self._name = client, name

    def size(self, item: Item) -> int:
        return len(item.data)

    def put(self, items: Sequence[Item]) -> list[str | None]:
        records = [{"Data": item.data} for item in items]
        answer = self._client.put_record_batch(DeliveryStreamName=self._name, Records=records)
        return [record.get("ErrorCode") for record in answer["RequestResponses"]]


@dataclass(frozen=True, slots=True)
class Sent:
    """left: the items nobody took, in their order. retried: how many items were put once more. errors: codes seen."""

    left: list[Item]
    retried: int
    errors: frozenset[str]


def send(
    items: Sequence[Item],
    target: Target,
    time_left: Callable[[], float],
    pause: Callable[[float], None] = time.sleep,
) -> Sent:
    """Puts the items, and again those that were refused, while `time_left()` is above zero seconds. Never raises."""
    left, retried, errors = list(items), 0, set[str]()
    for attempt in range(MAX_ATTEMPTS):
        if attempt:
            longest = min(LONGEST_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2 ** (attempt - 1))
            seconds = random.uniform(0, longest)  # noqa: S311 -- spreads load, keeps no secret
            if time_left() <= seconds:
                break
            pause(seconds)
            retried += len(left)
        left, found = _put_all(left, target)
        errors |= found
        if not left or not found.isdisjoint(PERMANENT_ERRORS):
            break
    return Sent(left, retried, frozenset(errors))


def _put_all(items: Sequence[Item], target: Target) -> tuple[list[Item], set[str]]:
    left: list[Item] = []
    errors: set[str] = set()
    for chunk in chunks(items, target):
        try:
            codes = target.put(chunk)
        except ClientError as error:
            codes = [error.response.get("Error", {}).get("Code", "ClientError")] * len(chunk)
        except BotoCoreError as error:
            codes = [type(error).__name__] * len(chunk)
        left += [item for item, code in zip(chunk, codes, strict=True) if code]
        errors |= {code for code in codes if code}
    return left, errors


def chunks(items: Sequence[Item], target: Target) -> Iterator[list[Item]]:
    """The items in calls of a size the target takes, in their order."""
    chunk: list[Item] = []
    size = 0
    for item in items:
        share = target.size(item)
        if chunk and (len(chunk) == target.max_items or size + share > target.max_bytes):
            yield chunk
            chunk, size = [], 0
        chunk.append(item)
        size += share
    if chunk:
        yield chunk
