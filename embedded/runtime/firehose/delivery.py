"""Turns what a delivery stream has buffered into S3 objects: when it is full or old enough, as often as it takes."""

import json
import logging
import threading
import time
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from isal import igzip

from embedded.runtime.firehose.definition import Definition
from embedded.runtime.firehose.journal import Batch, Journal, Segment
from embedded.runtime.firehose.keys import object_key
from embedded.runtime.firehose.kinesis_source import KinesisSource
from embedded.runtime.roles import NotTrusted, Roles
from embedded.runtime.streams.sharing import SharedShards

AT_ONCE_SECONDS = 0.2  # what an interval of 0 means here: AWS delivers "within seconds"
RETRY_SECONDS = (0.5, 1, 2, 5, 10, 30)  # the last one repeats; AWS gives up after 24 hours, we keep trying
WAITING_BYTES = 512 * 1024 * 1024  # undelivered bytes at which no more is taken in
COMPRESSION_LEVEL = 1  # of igzip's: about as many bytes as zlib's 4, in a tenth of the time

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Delivered:
    """What was delivered so far, over restarts. positions: the last sequence number delivered, by shard."""

    objects: int
    records: int
    bytes: int
    positions: dict[str, str]


class DeliveryStream(threading.Thread):
    """One delivery stream at work: takes batches in, writes objects, until it is stopped."""

    def __init__(self, definition: Definition, folder: Path, roles: Roles, shards: SharedShards) -> None:
        super().__init__(name=f"delivery {definition.name}", daemon=True)
        self.definition = definition
        self.failed_attempts = 0
        self.error: str | None = None
        self._folder, self._roles, self._shards = folder, roles, shards
        self._journal = Journal(folder / "journal")
        self._delivered = _loaded(folder / "delivered.json")
        self._wake, self._ended = threading.Condition(), False
        self._source = self._kinesis_source() if definition.source else None

    def run(self) -> None:
        """Delivers until stopped."""
        if self._source:
            self._source.start()
        attempt, not_before = 0, 0.0
        while not self._ended:
            self._seal_when_due()
            due = self._journal.sealed
            if due and time.monotonic() >= not_before:
                try:
                    self._deliver(due[0])
                    attempt, self.error = 0, None
                    continue
                except (ClientError, BotoCoreError, NotTrusted) as error:
                    not_before = time.monotonic() + RETRY_SECONDS[min(attempt, len(RETRY_SECONDS) - 1)]
                    attempt += 1
                    self._failed(error)
            with self._wake:
                if not self._ended:
                    self._wake.wait(self._until_due())

    def put(self, records: list[bytes]) -> None:
        """Takes records in; when this returns they survive the end of this process."""
        self._accept(Batch(int(time.time() * 1000), records))

    @property
    def full(self) -> bool:
        """Whether so much awaits delivery that no more should be taken in."""
        return sum(segment.size for segment in self._journal.sealed) > WAITING_BYTES

    def change(self, definition: Definition) -> None:
        """Goes by another definition from now on."""
        self.definition = definition

    def stop(self, last_delivery: bool = False) -> None:
        """Ends; what is not delivered stays on disk. With `last_delivery` one more attempt is made for all of it."""
        if self._source:
            self._source.stop()
        with self._wake:
            self._ended = True
            self._wake.notify()
        self.join()
        if last_delivery:
            self._journal.seal()
            try:
                for segment in self._journal.sealed:
                    self._deliver(segment)
            except (ClientError, BotoCoreError, NotTrusted) as error:
                self._failed(error)
        self._journal.close()

    def status(self) -> dict[str, Any]:
        """Figures for `make status`."""
        records, size, age = self._journal.buffered
        waiting = self._journal.sealed
        return {
            "name": self.definition.name,
            "source": self.definition.source["stream"].rpartition("/")[2] if self.definition.source else "direct put",
            "buffered_records": records + sum(segment.records for segment in waiting),
            "buffered_bytes": size + sum(segment.size for segment in waiting),
            "oldest_seconds": round(age, 1),
            "behind_seconds": self._source.behind_seconds if self._source else 0.0,
            "delivered_objects": self._delivered.objects,
            "delivered_records": self._delivered.records,
            "delivered_bytes": self._delivered.bytes,
            "failed_attempts": self.failed_attempts,
            "error": self.error or (self._source.error if self._source else None),
        }

    def _accept(self, batch: Batch) -> None:
        self._journal.append(batch)
        if self._journal.buffered[1] >= self.definition.destination.size:
            with self._wake:
                self._wake.notify()

    def _seal_when_due(self) -> None:
        records, size, age = self._journal.buffered
        if records and (size >= self.definition.destination.size or age >= self._interval):
            self._journal.seal()

    def _until_due(self) -> float:
        """Seconds to the next look at the buffer."""
        records, _, age = self._journal.buffered
        return min(AT_ONCE_SECONDS, max(0.0, self._interval - age)) if records else AT_ONCE_SECONDS

    @property
    def _interval(self) -> float:
        return max(self.definition.destination.interval, AT_ONCE_SECONDS)

    def _deliver(self, segment: Segment) -> None:
        destination = self.definition.destination
        body = destination.delimiter.join((*self._journal.read(segment), b""))
        if destination.compression == "GZIP":
            body = igzip.compress(body, COMPRESSION_LEVEL, mtime=0)  # the same records make the same bytes
        arrived = datetime.fromtimestamp(segment.arrived / 1000, UTC)
        key = object_key(
            destination.prefix,
            self.definition.name,
            self.definition.version,
            arrived,
            segment.identity,
            destination.extension,
        )
        client = self._roles.client("s3", destination.role, self.definition.arn)
        client.put_object(Bucket=destination.bucket, Key=key, Body=body)
        self._delivered = replace(
            self._delivered,
            objects=self._delivered.objects + 1,
            records=self._delivered.records + segment.records,
            bytes=self._delivered.bytes + len(body),
            positions=self._journal.positions,
        )
        # Positions are those of all batches so far, delivered or still in the journal: both are kept.
        _save(self._folder / "delivered.json", asdict(self._delivered))
        self._journal.remove(segment)

    def _failed(self, error: Exception) -> None:
        destination = self.definition.destination
        self._roles.forget(destination.role)
        self.failed_attempts += 1
        self.error = str(error)
        log.warning("%s: delivery failed, the records are kept: %s", self.definition.name, error)
        if destination.log:
            self._tell(destination.log, error)

    def _tell(self, where: tuple[str, str], error: Exception) -> None:
        """Writes to the stream's error log, with the role's own rights; where those do not suffice only here."""
        event = {"timestamp": int(time.time() * 1000), "message": _error_message(self.definition, error)}
        try:
            client = self._roles.client("logs", self.definition.destination.role, self.definition.arn)
            client.put_log_events(logGroupName=where[0], logStreamName=where[1], logEvents=[event])
        except (ClientError, BotoCoreError, NotTrusted) as refused:
            log.warning("%s: can not write to the log %s: %s", self.definition.name, where[0], refused)

    def _kinesis_source(self) -> KinesisSource:
        source = self.definition.source
        assert source is not None
        return KinesisSource(
            stream=source["stream"],
            role=source["role"],
            source=self.definition.arn,
            roles=self._roles,
            shards=self._shards,
            since=self.definition.created,
            positions={**self._delivered.positions, **self._journal.positions},
            accept=self._accept,
            may_read=lambda: not self.full,
        )


def _error_message(definition: Definition, error: Exception) -> str:
    code = error.response.get("Error", {}).get("Code", "") if isinstance(error, ClientError) else type(error).__name__
    return json.dumps(
        {
            "deliveryStreamARN": definition.arn,
            "destination": definition.configuration["BucketARN"],
            "deliveryStreamVersionId": definition.version,
            "message": str(error),
            "errorCode": f"S3.{code}",
        }
    )


def _loaded(path: Path) -> Delivered:
    if not path.exists():
        return Delivered(0, 0, 0, {})
    return Delivered(**json.loads(path.read_text()))


def _save(path: Path, content: dict[str, Any]) -> None:
    new = path.with_suffix(".new")
    new.write_text(json.dumps(content))
    new.replace(path)
