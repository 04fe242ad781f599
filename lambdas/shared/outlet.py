"""The one way out of the collector: each line is put to its stream, or spilled to S3, or its sender is told.

Roles instead of names: `events` is the Kinesis stream, or the Firehose stream behind it where there is none
(`realtime: false`); `bad` is the bad rows' Firehose stream. Environment variables: EVENTS_STREAM (may be absent),
RAW_DELIVERY_STREAM, BAD_DELIVERY_STREAM, BUCKET.
"""

import os
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from shared.kinesis import Kinesis
from shared.puts import FirehoseStream, Item, KinesisStream, Target, send
from shared.spill import Spilled, encode, spill_key

EVENTS = "events"
BAD = "bad"

_DELIVERY_STREAMS = {EVENTS: "RAW_DELIVERY_STREAM", BAD: "BAD_DELIVERY_STREAM"}

CONNECT_SECONDS = 1
READ_SECONDS = 5

# Kept back for one slow call to S3: no put begins later than that. The first one always does, so a function that is
# given 8 s can hang in a put and still spill.
SPILL_SECONDS = READ_SECONDS


@dataclass(frozen=True, slots=True)
class Delivered:
    """How it went. put: by role, the items that its stream took. lost: those that neither a stream nor S3 took.
    errors: the codes seen on the way."""

    put: Mapping[str, int] = field(default_factory=dict)
    retried: int = 0
    spilled: int = 0
    lost: Mapping[str, int] = field(default_factory=dict)
    errors: frozenset[str] = frozenset()


class Outlet:
    """The streams by role, and the bucket. A client is made when first needed: most requests need one of three."""

    def __init__(self, environment: Mapping[str, str], make_client: Callable[[str], Any]) -> None:
        self._environment, self._make_client = environment, make_client
        self._clients: dict[str, Any] = {}
        self._targets: dict[str, Target] = {}

    @property
    def bucket(self) -> str:
        return self._environment["BUCKET"]

    def client(self, service: str) -> Any:
        if service not in self._clients:
            self._clients[service] = self._make_client(service)
        return self._clients[service]

    def target(self, role: str) -> Target:
        """Raises KeyError where the environment lacks the stream's name, or nothing has this role."""
        if role not in self._targets:
            self._targets[role] = self._new_target(role)
        return self._targets[role]

    def _new_target(self, role: str) -> Target:
        stream = self._environment.get("EVENTS_STREAM")
        if role == EVENTS and stream:
            return KinesisStream(self.client("kinesis"), stream)
        return FirehoseStream(self.client("firehose"), self._environment[_DELIVERY_STREAMS[role]])

    def deliver(self, batches: Mapping[str, Sequence[Item]], time_left: Callable[[], float]) -> Delivered:
        """Puts each role's items; what is left goes to S3 in one object. time_left: seconds the caller has."""
        put, retried, errors = dict[str, int](), 0, frozenset[str]()
        left: list[Spilled] = []
        for role, items in batches.items():
            if not items:
                continue
            if left and time_left() < SPILL_SECONDS:
                left += [Spilled(role, item) for item in items]
                continue
            sent = send(items, self.target(role), lambda: time_left() - SPILL_SECONDS)
            put[role] = len(items) - len(sent.left)
            retried += sent.retried
            errors |= sent.errors
            left += [Spilled(role, item) for item in sent.left]
        if not left:
            return Delivered(put, retried, errors=errors)
        try:
            self.client("s3").put_object(Bucket=self.bucket, Key=spill_key(), Body=encode(left))
        except (BotoCoreError, ClientError) as error:
            lost = Counter(one.target for one in left)
            return Delivered(put, retried, lost=lost, errors=errors | {f"spill: {type(error).__name__}"})
        return Delivered(put, retried, spilled=len(left), errors=errors)


@cache
def outlet() -> Outlet:
    """This process's outlet, from its environment."""
    # One attempt a call: `send` repeats single items, botocore would repeat whole batches and so duplicate events.
    config = Config(
        connect_timeout=CONNECT_SECONDS,
        read_timeout=READ_SECONDS,
        retries={"total_max_attempts": 1},
        tcp_keepalive=True,
    )

    def client(service: str) -> Any:
        return Kinesis(CONNECT_SECONDS, READ_SECONDS) if service == "kinesis" else boto3.client(service, config=config)

    return Outlet(os.environ, client)
