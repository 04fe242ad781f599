"""What S3 says when an object came: the messages of a bucket's notifications."""

import json
import logging
from dataclasses import dataclass
from urllib.parse import unquote_plus

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Announced:
    """An object that a message tells of. order: S3's sequencer, then the key."""

    bucket: str
    key: str
    etag: str
    size: int
    order: tuple[str, str]


def announced_by(body: str) -> list[Announced]:
    """The objects an S3 event tells of; none for S3's test event and for what is no event at all."""
    try:
        message = json.loads(body)
    except ValueError:
        log.warning("a message in a pipe's queue is not JSON and is left out: %.200s", body)
        return []
    found = []
    for record in message.get("Records", []) if isinstance(message, dict) else []:
        if record.get("eventName", "").removeprefix("s3:").startswith("ObjectCreated:"):
            entity = record["s3"]["object"]
            key = unquote_plus(entity["key"])
            found.append(
                Announced(
                    bucket=record["s3"]["bucket"]["name"],
                    key=key,
                    etag=entity.get("eTag", "").strip('"'),
                    size=int(entity.get("size", 0)),
                    order=(entity.get("sequencer", ""), key),
                )
            )
    return found
