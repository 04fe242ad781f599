"""What the functions say of their own work, read from CloudWatch Logs: the collector's account of each request, and
the batches that an application is done with.

Both are lines that the functions write when they have done all else (`collect.handler`, `shared.records.done_of`), so
a function that was killed has told nothing that is not so.
"""

import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from headrace.ledger.book import Book

# CloudWatch finds lines by a quoted term. These stand in the lines wanted, and in no others of these functions.
REQUESTS = '"received_at"'
BATCHES = '"done_stream"'

EVENTS_A_CALL = 10_000  # FilterLogEvents' own limit
# Lines become visible some time after the time that they carry: so far is looked back.
LATE_MS = {"first": 300_000, "again": 5_000}
DAY_MS = 86_400_000
SEQUENCE_DIGITS = 60
NAMESPACE = "Headrace"  # of metrics: the program's functions have it in their environment

Page = list[tuple[int, dict[str, Any]]]
"""Lines, with the times that they carry."""


@dataclass(frozen=True, kw_only=True)
class Application:
    """A function that reads streams. name: its package. function: its name in the account."""

    name: str
    function: str
    log_group: str
    streams: tuple[str, ...]


class Logs:
    """Reads log groups into the book. Asked again, it goes on where it was."""

    def __init__(self, client: Any, book: Book) -> None:
        self._client, self._book = client, book
        self._seen: set[str] = set()

    def begin(self, group: str) -> int:
        """Epoch ms: since when the group has all that was told. Raises botocore's errors."""
        pages = self._client.get_paginator("describe_log_groups").paginate(logGroupNamePrefix=group)
        found = next(one for page in pages for one in page["logGroups"] if one["logGroupName"] == group)
        days = found.get("retentionInDays")
        kept_since = time.time_ns() // 1_000_000 - days * DAY_MS if days else 0
        return max(found["creationTime"], kept_since)

    def read_requests(self, group: str, *, whole: bool = False) -> None:
        """whole: from the beginning, for lines whose time is not that of their writing, as after a clock was set."""
        for page in self._told(group, REQUESTS, whole):
            self._keep_requests(group, page)

    def _keep_requests(self, group: str, page: Page) -> None:
        requests: list[tuple[object, ...]] = []
        bad: list[tuple[object, ...]] = []
        for moment, line in page:
            if line.get("message") != "request":
                continue
            request = request_key(line["request_id"])
            figures = (line.get(name, 0) for name in ("accepted", "repeated", "declined", "retried", "spilled", "lost"))
            requests.append((request, line["received_at"], moment, *figures))
            # What of the bad rows was lost is not known by reason; the client got a 503 then, and sends again.
            if not line.get("lost_bad"):
                bad += ((request, reason, count) for reason, count in line.get("bad", {}).items())
        self._keep(group, page, {"requests": requests, "bad_told": bad})

    def read_batches(self, application: Application, *, whole: bool = False) -> None:
        for page in self._told(application.log_group, BATCHES, whole):
            batches: list[tuple[object, ...]] = []
            for _, line in page:
                place = (application.name, line["done_stream"], line["done_shard"])
                batches.append((*place, sequence_key(line["done_from"]), sequence_key(line["done_to"]), line["done"]))
            self._keep(application.log_group, page, {"batches": batches})

    def _keep(self, group: str, page: Page, rows: Mapping[str, list[tuple[object, ...]]]) -> None:
        last = max(moment for moment, _ in page)
        with self._book.at_once():
            for table, some in rows.items():
                self._book.add(table, some)
            self._book.move(group, str(max(last, self._position(group))))

    def _position(self, group: str) -> int:
        return int(self._book.position(group) or 0)

    def _told(self, group: str, pattern: str, whole: bool) -> Iterator[Page]:
        """Page by page, none of them empty: so memory does not grow with the log."""
        late = LATE_MS["again" if group in self._seen else "first"]
        self._seen.add(group)
        since = 0 if whole else max(0, self._position(group) - late)
        for events in self._events(group, pattern, since):
            page: Page = []
            for event in events:
                try:
                    line = orjson.loads(event["message"])
                except ValueError:
                    continue  # a line that only looks like ours
                if isinstance(line, dict):
                    page.append((event["timestamp"], line))
            if page:
                yield page

    def _events(self, group: str, pattern: str, since: int) -> Iterator[list[dict[str, Any]]]:
        more: dict[str, Any] = {}
        while True:
            wanted = {"logGroupName": group, "filterPattern": pattern, "startTime": since, "limit": EVENTS_A_CALL}
            answer = self._client.filter_log_events(**wanted, **more)
            events = answer["events"]
            yield events
            if answer.get("nextToken"):
                more = {"nextToken": answer["nextToken"]}
            elif len(events) < EVENTS_A_CALL:
                return
            else:
                # The emulator ends at its limit and gives no token: on from the last time, whose lines come twice.
                more, since = {}, max(events[-1]["timestamp"], since + 1)


def find_applications(lambdas: Any, kinesis: Any, streams: Iterable[str]) -> list[Application]:
    """The program's functions that read any of the streams, by the mappings that there are: another's function, which
    may read them too, gives no account. Raises botocore's errors."""
    readers: dict[str, set[str]] = {}
    for stream in streams:
        arn = kinesis.describe_stream_summary(StreamName=stream)["StreamDescriptionSummary"]["StreamARN"]
        pages = lambdas.get_paginator("list_event_source_mappings").paginate(EventSourceArn=arn)
        for mapping in (one for page in pages for one in page["EventSourceMappings"]):
            readers.setdefault(mapping["FunctionArn"].split(":")[6], set()).add(stream)
    found = (_application(lambdas, name, read) for name, read in readers.items())
    return sorted((one for one in found if one), key=lambda one: one.name)


def _application(lambdas: Any, function: str, streams: set[str]) -> Application | None:
    found = lambdas.get_function_configuration(FunctionName=function)
    variables = found.get("Environment", {}).get("Variables", {})
    if variables.get("POWERTOOLS_METRICS_NAMESPACE") != NAMESPACE:
        return None
    return Application(
        name=variables.get("POWERTOOLS_SERVICE_NAME", function),
        function=function,
        log_group=found.get("LoggingConfig", {}).get("LogGroup", f"/aws/lambda/{function}"),
        streams=tuple(sorted(streams)),
    )


def request_key(request: object) -> str:
    """A request's id as RAW.LOGS has it too: lower case, without spaces around, at most 36 characters."""
    return str(request).strip().lower()[:36]


def sequence_key(sequence: str) -> str:
    """Sequence numbers are whole numbers of up to 56 digits: as texts of one length they lie in their order."""
    return sequence.rjust(SEQUENCE_DIGITS, "0")
