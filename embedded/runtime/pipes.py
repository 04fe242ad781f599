"""Snowpipe: S3 says through a queue that an object came, a pipe's COPY statement makes rows of it.

What waits is in the queue until it is in the load history, so a restart loses nothing; what is in the load history is
not loaded again, so a repeated message adds nothing.
"""

import logging
import threading
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import boto3
import duckdb
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from embedded.runtime.announcements import Announced, announced_by
from embedded.snowflake.catalogue import Catalogue, Properties
from embedded.snowflake.copy import Copy, CopyError, parse
from embedded.snowflake.expressions import NotTranslated
from embedded.snowflake.history import History, Load
from embedded.snowflake.loading import Content, append, failure, recover, unpacked, writing
from embedded.snowflake.storage import Storage
from embedded.snowflake.tables import table

POLL_SECONDS = 2  # long polling: how long a receive waits for a message
LOOK_SECONDS = 1.0  # how soon a new or changed pipe is seen
AT_ONCE_OBJECTS = 200
AT_ONCE_BYTES = 64 * 1024 * 1024  # of objects as they are in S3, compressed
# How long a message that is being worked on stays hidden, and so waits after a crash. Work that takes longer is safe:
# one thread reads the queue, and what comes a second time is in the history by then.
INVISIBLE_SECONDS = 15
ATTEMPTS = 7  # for an object that can not be read, with twice the pause after each: about two minutes
# The pipe itself tries again.
SQS_CONFIG = Config(read_timeout=POLL_SECONDS + 20, connect_timeout=5, retries={"max_attempts": 0})

log = logging.getLogger(__name__)


class Pipes(threading.Thread):
    """Runs every pipe of the catalogue, those to come as well, until stopped."""

    def __init__(self, catalogue: Catalogue, history: History) -> None:
        super().__init__(name="pipes", daemon=True)
        self._catalogue, self._history = catalogue, history
        self._storage = Storage(catalogue)
        self._pipes: dict[str, Pipe] = {}
        self._ended = threading.Event()

    def run(self) -> None:
        """Looks for pipes until stopped."""
        self._recover()
        while not self._ended.is_set():
            wanted = self._catalogue.list("PIPE")
            for name, pipe in list(self._pipes.items()):
                if wanted.get(name) != pipe.properties:
                    pipe.stop()
                    del self._pipes[name]
            for name, properties in wanted.items():
                if name not in self._pipes:
                    self._pipes[name] = Pipe(name, properties, self._catalogue, self._history, self._storage)
                    self._pipes[name].start()
            self._ended.wait(LOOK_SECONDS)
        for pipe in self._pipes.values():
            pipe.stop()

    def stop(self) -> None:
        """Ends all pipes between two loads."""
        self._ended.set()
        self.join()

    def status(self) -> list[dict[str, Any]]:
        """Figures of each pipe for `make status`."""
        return [pipe.status() for _, pipe in sorted(self._pipes.items())]

    def _recover(self) -> None:
        """Completes or takes back the loads that the end of an earlier process cut short."""
        for name in {target for target, _ in self._history.pending()} & self._catalogue.list("TABLE").keys():
            recover(self._catalogue, self._history, table(self._catalogue, name))


class Pipe(threading.Thread):
    """One pipe at work."""

    def __init__(
        self, name: str, properties: Properties, catalogue: Catalogue, history: History, storage: Storage
    ) -> None:
        super().__init__(name=f"pipe {name}", daemon=True)
        self.properties = properties
        self.error: str | None = None
        self._name, self._catalogue, self._history, self._storage = name, catalogue, history, storage
        self._sqs = boto3.client("sqs", config=SQS_CONFIG)
        self._queue = ""
        self._ended = threading.Event()

    def run(self) -> None:
        """Loads until stopped; an error is kept in `error`, and tried again after a pause."""
        while not self._ended.is_set():
            try:
                copy = parse(self.properties["copyStatement"])
                while not self._ended.is_set():
                    self._round(copy)
            except (ClientError, BotoCoreError, CopyError, NotTranslated, KeyError, duckdb.Error, OSError) as error:
                self.error = str(error) if not isinstance(error, KeyError) else f"there is no {error}"
                log.warning("pipe %s: %s", self._name, self.error)
                self._ended.wait(LOOK_SECONDS * 2)

    def stop(self) -> None:
        """Ends after the load at hand."""
        self._ended.set()
        self.join()

    def status(self) -> dict[str, Any]:
        """Figures for `make status`. queued: messages that wait; in_flight: those at work or waiting for a retry."""
        waiting = {"queued": 0, "in_flight": 0}
        if self._queue:
            with suppress(ClientError, BotoCoreError):  # the emulator is asked; when it is gone, status says so itself
                names = {"ApproximateNumberOfMessages": "queued", "ApproximateNumberOfMessagesNotVisible": "in_flight"}
                found = self._sqs.get_queue_attributes(QueueUrl=self._queue, AttributeNames=list(names))["Attributes"]
                waiting = {label: int(found.get(name, 0)) for name, label in names.items()}
        return {"name": self._name, **self._history.totals(self._name), **waiting, "error": self.error}

    def _round(self, copy: Copy) -> None:
        """Loads what the queue has, as one batch."""
        if not self._queue:
            name = self.properties["notificationChannel"].rpartition(":")[2]
            self._queue = self._sqs.get_queue_url(QueueName=name)["QueueUrl"]
        messages = list(self._receive())
        if not messages:
            return
        stage = self._catalogue.get("STAGE", copy.stage)
        bucket, _, prefix = stage["url"].removeprefix("s3://").partition("/")
        announced = {
            message["MessageId"]: [
                one
                for one in announced_by(message["Body"])
                if one.bucket == bucket and one.key.startswith(prefix) and not self._known(one)
            ]
            for message in messages
        }
        in_order = sorted((one for ones in announced.values() for one in ones), key=lambda one: one.order)
        objects = list({one.key: one for one in in_order}.values())  # each once, however often it was announced
        contents, failed = self._read(objects, stage["storageIntegration"])
        self._load(copy, contents)
        self._settle(copy, messages, announced, failed)
        if not failed:
            self.error = None

    def _receive(self) -> Iterator[dict[str, Any]]:
        """Messages: waits for the first, then takes those that are there."""
        objects, size, wait = 0, 0, POLL_SECONDS
        while objects < AT_ONCE_OBJECTS and size < AT_ONCE_BYTES:
            answer = self._sqs.receive_message(
                QueueUrl=self._queue,
                MaxNumberOfMessages=10,
                WaitTimeSeconds=wait,
                VisibilityTimeout=INVISIBLE_SECONDS,
                MessageSystemAttributeNames=["ApproximateReceiveCount"],
            )
            messages = answer.get("Messages", [])
            for message in messages:
                announced = announced_by(message["Body"])
                objects += len(announced)
                size += sum(one.size for one in announced)
                yield message
            if not messages:
                return
            wait = 0

    def _known(self, one: Announced) -> bool:
        return self._history.has(self._name, one.key, one.etag)

    def _read(
        self, objects: list[Announced], integration: str
    ) -> tuple[dict[Announced, bytes | str], dict[Announced, str]]:
        """Contents by object, text in place of bytes where an object can never be loaded; and those that could not be
        read now, with the reason."""
        contents: dict[Announced, bytes | str] = {}
        failed: dict[Announced, str] = {}
        for one in objects:
            try:
                client = self._storage.client(integration)
                body = client.get_object(Bucket=one.bucket, Key=one.key)["Body"].read()
                contents[one] = unpacked(body)
            except ClientError as error:
                if error.response["Error"]["Code"] == "NoSuchKey":
                    contents[one] = "the file was gone before it could be loaded"
                    continue
                self._storage.forget(integration)
                failed[one] = str(error)
            except BotoCoreError as error:
                failed[one] = str(error)
            except ValueError as error:
                contents[one] = str(error)
        for one, reason in failed.items():
            self.error = f"{one.key} can not be read: {reason}"
            log.warning("pipe %s: %s", self._name, self.error)
        return contents, failed

    def _load(self, copy: Copy, contents: dict[Announced, bytes | str]) -> None:
        """Makes rows of all objects that nobody else has loaded meanwhile."""
        target = table(self._catalogue, copy.table)
        with writing(target):
            new = {one: content for one, content in contents.items() if not self._known(one)}
            self._history.add(self._failed(copy, one, text) for one, text in new.items() if isinstance(text, str))
            good = [Content(one.key, one.etag, one.size, body) for one, body in new.items() if isinstance(body, bytes)]
            if good:
                append(self._history, self._name, copy, target, good)

    def _settle(
        self,
        copy: Copy,
        messages: list[dict[str, Any]],
        announced: dict[str, list[Announced]],
        failed: dict[Announced, str],
    ) -> None:
        """Takes the messages that are done out of the queue; the others come again later, and at last are given up."""
        for message in messages:
            unread = [one for one in announced[message["MessageId"]] if one in failed]
            attempts = int(message["Attributes"]["ApproximateReceiveCount"])
            if unread and attempts < ATTEMPTS:
                self._sqs.change_message_visibility(
                    QueueUrl=self._queue, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=2 ** (attempts - 1)
                )
                continue
            self._history.add(self._failed(copy, one, failed[one]) for one in unread if not self._known(one))
            self._sqs.delete_message(QueueUrl=self._queue, ReceiptHandle=message["ReceiptHandle"])

    def _failed(self, copy: Copy, one: Announced, reason: str) -> Load:
        return failure(self._name, copy, one.key, one.etag, one.size, reason)
