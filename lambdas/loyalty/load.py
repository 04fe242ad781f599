"""Loads files that are dropped in the bucket: S3 tells a queue, the queue tells this function, one file at a time.

A file that needs longer than one invocation goes on in the next: the function puts the notification back in the queue.
After an error it is tried again, and in the end kept among the dead letters.
"""

import json
import logging
import os
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from loyalty.files import REPLACES, Dropped, Progress, dropped, read, write
from loyalty.loading import Loader, NotKept
from loyalty.tables import customers, files
from shared.clients import client
from shared.errors import error_code
from shared.observability import count, log
from shared.outlet import BAD, outlet
from shared.puts import Item
from shared.records import Failures, failures
from shared.states import Conflict, Unread

RETRY_SECONDS = 30

# Deleted before it was read, or replaced: then the new content has a notification of its own. So has what `headrace
# forget` wrote anew, which is loaded unless what it stands for was (`was_loaded_before`).
GONE = frozenset({"NoSuchKey", "NoSuchVersion", "PreconditionFailed", "404"})


def handler(batch: Mapping[str, Any], context: Any) -> Failures:
    """Fails for a message that is not as S3 and this function write them: it ends among the dead letters."""

    def seconds_left() -> float:
        return context.get_remaining_time_in_millis() / 1000

    failed = []
    for message in batch["Records"]:
        for notification in json.loads(message["body"]).get("Records", ()):  # S3's test event has none
            file = dropped(notification)
            if file is not None and not _load(file, notification, seconds_left):
                _try_soon(message)
                failed.append(message["messageId"])
    return failures(failed)


def _load(file: Dropped, notification: Mapping[str, Any], time_left: Callable[[], float]) -> bool:
    """Whether the message has done its work: the file is loaded, or goes on in another message."""
    try:
        if was_loaded_before(file):
            return True
        progress = _loader(time_left).load(file)
        if progress.finished_at is None:
            client("sqs").send_message(
                QueueUrl=os.environ["QUEUE_URL"], MessageBody=json.dumps({"Records": [notification]})
            )
    except (Conflict, Unread, NotKept, BotoCoreError, ClientError) as error:
        if error_code(error) in GONE:
            log(logging.WARNING, "file is gone", file=file.key, error=error_code(error))
            return True
        log(logging.WARNING, "file is tried again", file=file.key, error=error_code(error))
        count({"FilesTriedAgain": 1}, by_reason={})
        return False
    _report(file, progress)
    return True


def was_loaded_before(file: Dropped) -> bool:
    """Whether a file was not dropped, but is one that was loaded, without the lines of somebody who was forgotten.

    It is noted as loaded then, for the next file that stands for it.
    """
    version = {"VersionId": file.version} if file.version else {}
    head = outlet().client("s3").head_object(Bucket=file.bucket, Key=file.key, **version)
    replaced = [file.identity_of(one) for one in head["Metadata"].get(REPLACES, "").split()]
    if not replaced:
        return False
    stored = files().load([file.identity, *replaced])
    if all(read(one.attributes).finished_at is None for one in stored.values()):
        return False
    if stored[file.identity].version == 0:
        files().save(file.identity, write(Progress(finished_at=time.time_ns() // 1_000_000)), 0)
    return True


def _report(file: Dropped, progress: Progress) -> None:
    log(
        logging.INFO if progress.problem is None else logging.WARNING,
        "file" if progress.finished_at else "file goes on",
        file=file.key,
        loaded=progress.loaded,
        duplicates=progress.duplicates,
        refused=progress.refused,
        problem=progress.problem,
    )
    if progress.finished_at:
        refused = progress.refused
        count({"LinesLoaded": progress.loaded, "LinesRefused": sum(refused.values())}, {"LinesRefused": refused})


def _try_soon(message: Mapping[str, Any]) -> None:
    """Else the message would stay hidden as long as a function may run, several times over."""
    try:
        client("sqs").change_message_visibility(
            QueueUrl=os.environ["QUEUE_URL"],
            ReceiptHandle=message["receiptHandle"],
            VisibilityTimeout=RETRY_SECONDS,
        )
    except (BotoCoreError, ClientError) as error:
        log(logging.WARNING, "file is tried again later", error=error_code(error))


def _loader(time_left: Callable[[], float]) -> Loader:
    def keep(rows: Sequence[Item]) -> bool:
        return not outlet().deliver({BAD: rows}, time_left).lost

    return Loader(outlet().client("s3"), customers(), files(), keep, time_left)
