"""What the functions and the processes of a stack said, in the order they said it."""

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import EndpointConnectionError

STAMP = re.compile(r"(\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d)[,.](\d{3})")
PROCESSES = ("emulator", "runtime")
FOLLOW_SECONDS = 1.0


@dataclass(frozen=True)
class Line:
    """moment: epoch ms; source: the log group's last part, or the process."""

    moment: int
    source: str
    text: str


class Logs:
    """All logs of the stack in `folder`, reached by its `environment`. `name`: only sources that contain it."""

    def __init__(self, folder: Path, environment: dict[str, str], name: str | None) -> None:
        self._folder = folder
        self._name = name or ""
        self._client = boto3.client(
            "logs",
            endpoint_url=environment["AWS_ENDPOINT_URL"],
            aws_access_key_id=environment["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=environment["AWS_SECRET_ACCESS_KEY"],
            region_name=environment["AWS_REGION"],
            config=Config(retries={"mode": "standard", "max_attempts": 2}),
        )
        self._read: dict[Path, int] = {}

    def sources(self) -> list[str]:
        """The names there are."""
        return [*PROCESSES, *sorted(_short(group) for group in self._groups())]

    def since(self, moment: int) -> list[Line]:
        """The lines from `moment` (epoch ms) on, in order; of a process's log what was not returned before."""
        found = [line for line in self._of_processes() if line.moment >= moment]
        for group in self._groups():
            if self._name in _short(group):
                found += self._of_group(group, moment)
        return sorted(found, key=lambda line: line.moment)  # what one source said at one moment keeps its order

    def follow(self, moment: int) -> Iterator[Line]:
        """The lines from `moment` on, and those to come."""
        seen: set[Line] = set()
        while True:
            new = [line for line in self.since(moment) if line not in seen]
            yield from new
            # Events may come a little late and out of order: look back, and leave out what was shown.
            moment = max([moment, *(line.moment - 5_000 for line in new)])
            seen = {line for line in seen.union(new) if line.moment >= moment}
            time.sleep(FOLLOW_SECONDS)

    def _groups(self) -> list[str]:
        """The log groups; none while the emulator is down, whose own log then tells why."""
        pages = self._client.get_paginator("describe_log_groups").paginate()
        try:
            return [group["logGroupName"] for page in pages for group in page["logGroups"]]
        except EndpointConnectionError:
            return []

    def _of_group(self, group: str, moment: int) -> list[Line]:
        pages = self._client.get_paginator("filter_log_events").paginate(logGroupName=group, startTime=moment)
        events: list[dict[str, Any]] = [event for page in pages for event in page["events"]]
        return [Line(event["timestamp"], _short(group), event["message"].rstrip()) for event in events]

    def _of_processes(self) -> list[Line]:
        found = []
        for process in PROCESSES:
            path = self._folder / "logs" / f"{process}.log"
            if self._name not in process or not path.exists():
                continue
            with path.open("rb") as file:
                file.seek(self._read.get(path, 0))
                content = file.read()
            whole = content.rfind(b"\n") + 1  # the rest is being written
            self._read[path] = self._read.get(path, 0) + whole
            moment = int(path.stat().st_mtime * 1000)
            for text in content[:whole].decode(errors="replace").splitlines():
                moment = _moment(text) or moment  # a line without a time belongs to the one before
                found.append(Line(moment, process, text))
        return found


def _short(group: str) -> str:
    return group.rstrip("/").rpartition("/")[2]


def _moment(text: str) -> int | None:
    found = STAMP.search(text[:40])
    if not found:
        return None
    stamp = datetime.fromisoformat(found.group(1)).astimezone(UTC)  # processes write local time
    return int(stamp.timestamp()) * 1000 + int(found.group(2))
