"""`headrace ledger`: every event's way, hour by hour and hop by hop, and what is missing where."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from headrace import accounts, warehouse
from headrace.console import Problem, console
from headrace.home import outputs, stack_folder
from headrace.hops.cloud import Cloud, aws_problems
from headrace.hops.patience import patience_seconds
from headrace.ledger.book import HOUR_MS, opened
from headrace.ledger.closing import close_hours, note_lacking, with_closed
from headrace.ledger.counting import UNTOLD
from headrace.ledger.display import on_their_way, show
from headrace.ledger.figure import Figure
from headrace.ledger.metrics import put_metrics
from headrace.ledger.reading import Raw, Reader
from headrace.ledger.verdicts import changed_hours, document, lacking, open_hours, rows_of
from headrace.replay.period import moment
from headrace.warehouse import Place

# On AWS each look is paid for, and takes of the calls that a shard allows its readers.
POLL_SECONDS = {"embedded": 1.0, "aws": 10.0}
# So long the accounts of what has just come are waited for, though nothing is missing: else less would have been
# received than lies in the stream. Of a function that was killed they never come.
ACCOUNTS_SECONDS = {"embedded": 3.0, "aws": 20.0}
BOOK = "ledger.duckdb"
# What lacks at these hops does not come by itself.
STAY = ("waiting", "refused", "modelled")


def ledger(
    stack: str, *, as_json: bool = False, wait: bool = True, since: str | None = None, metrics: bool = False
) -> int:
    """Counts, writes the accounts that STATS.LEDGER is made of, and prints the ledger.

    wait: for what is on its way. since: ISO 8601; earlier hours are neither shown nor judged. metrics: whether to give
    CloudWatch the figures. Returns 1 where something is missing, else 0. Raises Problem where the ledger can not be
    made.
    """
    published, folder = outputs(stack), stack_folder(stack)
    if "collect_log_group" not in published:
        raise Problem(f"stack '{stack}' does not say where its collector logs", "run `make up`, which publishes it")
    first_hour = _hour_of(since) if since else 0
    place = warehouse.find(stack) if "snowflake_database" in published else None
    with aws_problems(stack), opened(folder / BOOK) as book, _raw(place) as raw:
        cloud = Cloud(stack)
        reader = Reader(cloud, folder, published, raw, book)
        patience = patience_seconds(cloud, published["raw_delivery_stream"]) if wait else 0.0
        where = "embedded" if cloud.embedded else "aws"
        waits = Waits(patience, ACCOUNTS_SECONDS[where] if wait else 0.0, POLL_SECONDS[where])
        counted = settle(reader, first_hour, waits, quiet=as_json)
        counted += reader.count_tables()
        found = with_closed(book, counted)
        if place is not None:
            lacked = [hour for (hour,) in book.rows("select hour from lacking")]
            accounts.replace_hours(place, rows_of(changed_hours(counted, found, lacked), datetime.now(UTC)))
        note_lacking(book, found)
        if metrics:
            put_metrics(cloud.client("cloudwatch"), open_hours(counted), lacking(found))
        close_hours(book, counted, now_ms(), reader.begin)
    found = [figure for figure in found if figure.hour >= first_hour]
    missing = lacking(found)
    if as_json:
        print(json.dumps(document(stack, found, missing), indent=2))
    else:
        show(stack, found, missing)
    return 1 if missing else 0


@dataclass(frozen=True)
class Waits:
    """How long to wait, in seconds. events: since anything moved, for what is missing; accounts: for what was told of
    events that are not; poll: between two looks."""

    events: float
    accounts: float
    poll: float


def settle(reader: Reader, first_hour: int, waits: Waits, *, quiet: bool) -> list[Figure]:
    """Counts until nothing is missing of what was there when it began, or nothing has moved for long enough.

    What is missing then is looked for once more in the logs as a whole: a line may carry another time than that of its
    writing, where somebody set a clock.
    """
    asked_at = now_ms()
    with console.status("reading what there is", spinner="dots") as status:
        found = reader.count(asked_at)
        waited_for = _waited_for(found, first_hour)
        read = moved = time.monotonic()
        while (left := _seconds_left(found, waited_for, waits, time.monotonic(), read, moved)) > 0:
            if not quiet:
                status.update(on_their_way(waited_for, left))
            time.sleep(waits.poll)
            before, found = waited_for, reader.count(asked_at)
            waited_for = _waited_for(found, first_hour)
            if waited_for != before:
                moved = time.monotonic()
        if waited_for:
            found = reader.count(asked_at, whole=True)
    return [one for one in found if one.hop != UNTOLD]


def now_ms() -> int:
    return time.time_ns() // 1_000_000


@contextmanager
def _raw(place: Place | None) -> Iterator[Raw | None]:
    """Where RAW.LOGS stands, open; the modelled tables are left alone, which a transformation may be writing."""
    if place is None:
        yield None
        return
    with warehouse.connected(place, raw_only=True) as connection:
        yield Raw(place, connection)


def _waited_for(found: list[Figure], first_hour: int) -> list[Figure]:
    """What may still come by itself."""
    return [one for one in lacking(found) if one.hour >= first_hour and one.hop not in STAY]


def _seconds_left(
    found: list[Figure], waited_for: list[Figure], waits: Waits, now: float, read: float, moved: float
) -> float:
    """How long it is still worth waiting. read: when all had been read once; moved: when less was missing; monotonic
    seconds, as now is."""
    events = waits.events - (now - moved) if waited_for else 0.0
    accounts = waits.accounts - (now - read) if any(one.hop == UNTOLD for one in found) else 0.0
    return max(events, accounts)


def _hour_of(since: str) -> int:
    return round(moment(since, "SINCE").replace(tzinfo=UTC).timestamp() * 1000) // HOUR_MS
