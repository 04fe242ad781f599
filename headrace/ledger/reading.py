"""Brings the book up to date: from the functions' logs, the streams, the bucket and the warehouse."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from headrace.applications.sent import STREAMS
from headrace.hops.cloud import Cloud
from headrace.hops.stream import PAUSE_SECONDS
from headrace.ledger.book import Book
from headrace.ledger.closing import first_open_hour
from headrace.ledger.counting import by_sql, figures
from headrace.ledger.figure import Figure
from headrace.ledger.forgetting import read_notes
from headrace.ledger.letters import PATIENCE, read_letters
from headrace.ledger.logs import Logs, find_applications
from headrace.ledger.objects import Bucket
from headrace.ledger.streams import note_readers, read_stream
from headrace.ledger.tables import read_objects, read_tables
from headrace.warehouse import Place, Warehouse


@dataclass(frozen=True)
class Raw:
    """The warehouse, and a connection to it that is open as long as the ledger asks it of objects."""

    place: Place
    warehouse: Warehouse


class Reader:
    """One stack's sources. Asked again, each is read on from where it was."""

    def __init__(self, cloud: Cloud, folder: Path, published: Mapping[str, Any], raw: Raw | None, book: Book):
        """folder: the stack's. published: its outputs. raw: its warehouse; None without. Raises botocore's errors."""
        self._cloud, self._folder, self._published, self._raw, self._book = cloud, folder, published, raw, book
        self._where = "embedded" if cloud.embedded else "aws"
        self._streams = [published[output] for output in STREAMS if output in published]
        self._logs = Logs(cloud.client("logs"), book)
        self._bucket = Bucket(cloud.client("s3"), published["bucket"], book)
        self._kinesis = cloud.client("kinesis")
        self.applications = find_applications(cloud.client("lambda"), self._kinesis, self._streams)
        self.begin = self._logs.begin(published["collect_log_group"])
        note_readers(self._kinesis, self._streams, self.applications, book)

    def count(self, asked_at: int, *, whole: bool = False) -> list[Figure]:
        """From the last hop to the first, so that an event that moves on meanwhile is missing nowhere for long.

        asked_at: epoch ms; what came later is not missing yet. whole: all logs once more, from their beginning.
        Raises botocore's errors.
        """
        if self._raw is not None:
            read_objects(self._raw.warehouse, self._raw.place, self._folder, self._book, self.begin)
        self._bucket.read_events(self.begin)
        self._bucket.read_bad_rows(self.begin)
        # What is put again is in the stream before it is out of spill/.
        self._bucket.read_spilled()
        read_notes(self._cloud.client("s3"), self._published["bucket"], self._book)
        for stream in self._streams:
            read_stream(self._kinesis, stream, self._book, asked_at, PAUSE_SECONDS[self._where])
        if "dead_letters_url" in self._published:
            queue, patience = self._published["dead_letters_url"], PATIENCE[self._where]
            read_letters(self._cloud.client("sqs"), queue, self.applications, self._book, patience)
        for application in self.applications:
            self._logs.read_batches(application, whole=whole)
        self._logs.read_requests(self._published["collect_log_group"], whole=whole)
        stream, has_warehouse = self._published.get("events_stream"), self._raw is not None
        return figures(self._book, stream, asked_at, self.begin, warehouse=has_warehouse)

    def count_tables(self) -> list[Figure]:
        """What the warehouse itself counts: once, when everything else has settled. Raises Problem where it can not be
        opened."""
        if self._raw is None:
            return []
        return list(by_sql(read_tables(self._raw.place, first_open_hour(self._book))))
