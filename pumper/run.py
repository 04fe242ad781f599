"""One run from checked settings to its summary."""

import asyncio
import json
import secrets
import signal
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from headrace.console import Problem, console, errors
from pumper.attempts import Sender
from pumper.dataset import fingerprint, last_time, prepare, synthetic_dataset
from pumper.display import Display
from pumper.feeds import Feed, open_feed
from pumper.journal import FAILED, FINISHED, INTERRUPTED, RUNNING, Entry, Journal
from pumper.order import Ordered
from pumper.pacing import AtRate, Pace, Replay
from pumper.packing import Job, LeftOut, Progress
from pumper.pump import Pump
from pumper.sender import CollectorSender
from pumper.settings import DEFAULT_EVENTS, RATE, REPLAY, Settings
from pumper.stream_sender import StreamSender
from pumper.tally import Tally

CONNECT_TIMEOUT = 5.0  # seconds, to find out whether anything answers at all


def run(settings: Settings) -> int:
    """Runs and tells. Gives the exit code: 0, 1 when hits failed, 130 when interrupted. Raises Problem."""
    if settings.stream is None:
        asyncio.run(_reach(settings.url))
    else:
        settings.stream.check(settings.stack, settings.tracker.source)
    display = Display(errors if settings.as_json else console)
    folder, limit = settings.dataset, settings.events
    with ExitStack() as closing:
        with display.preparing() as show:
            if folder is None:
                limit = limit or DEFAULT_EVENTS
                folder = synthetic_dataset(settings.folder, events=limit, seed=settings.seed, show=show)
            by_time = settings.mode == REPLAY
            ordered = prepare(folder, settings.folder, by_time=by_time, show=show)
            journal = Journal(settings.folder, f"{fingerprint(folder)} {settings.url} {by_time} {settings.seed}")
            last = journal.last()
            entry = _entry(settings, folder, ordered, limit, last if settings.resume else None)
            feed = closing.enter_context(open_feed(_job(settings, folder, entry, limit), _pace(settings)))
        return _Run(settings, entry, journal, feed).carry_out(limit, display)


@dataclass
class _Run:
    settings: Settings
    entry: Entry
    journal: Journal
    feed: Feed

    def carry_out(self, limit: int | None, display: Display) -> int:
        """Sends, records and shows."""
        entry, tally = self.entry, Tally()
        start = _start(entry)
        begun = time.monotonic()
        with display.sending(limit and max(0, limit - start.done), tally) as show:
            pump = asyncio.run(self._send(start, tally, show))
        self.journal.close(entry)
        display.summary(entry, tally, pump.left_out, time.monotonic() - begun)
        if self.settings.as_json:
            told = {"run_id": entry.run_id, "ended": entry.ended, "mode": entry.mode, "url": entry.url}
            print(json.dumps({**told, **entry.figures}))
        if pump.problem:
            raise pump.problem
        return 130 if entry.ended == INTERRUPTED else 1 if tally.failed else 0

    async def _send(self, start: Progress, tally: Tally, show: Callable[[], None]) -> Pump:
        settings, stopping = self.settings, asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, stopping.set)
        target = "collector" if settings.stream is None else "stream"
        pump = Pump(lanes=settings.concurrency, start=start, tally=tally, stopping=stopping, target=target)

        def watch() -> None:
            show()
            self._record(pump.progress(), pump.left_out, tally)
            self.journal.write(self.entry)

        watch()
        with _senders(settings, self.entry.shift, tally, stopping) as sender:
            await pump.run(self.feed, sender, watch)
        self.entry.ended = _end(pump, stopping, tally)
        return pump

    def _record(self, progress: Progress, left_out: LeftOut, tally: Tally) -> None:
        entry = self.entry
        entry.finished = _timestamp()
        entry.position, entry.skip, entry.done = progress.position, progress.skip, progress.done
        entry.figures = {**tally.figures(), "bad_rows": left_out.total}


@contextmanager
def _senders(
    settings: Settings, shift: int | None, tally: Tally, stopping: asyncio.Event
) -> Iterator[Callable[[], Sender]]:
    """What makes each lane's sender."""
    stream, spell = settings.stream, settings.tracker.spell_time
    if stream is None or spell is None:
        yield lambda: CollectorSender(settings.target, shift=shift, tally=tally, stopping=stopping)
        return
    with ThreadPoolExecutor(settings.concurrency) as threads:
        yield lambda: StreamSender(stream, spell, threads, shift=shift, tally=tally, stopping=stopping)


def _entry(
    settings: Settings, folder: Path, ordered: Ordered | None, limit: int | None, resumed: Entry | None
) -> Entry:
    salt, shift = 0, None
    if resumed:
        salt, shift = resumed.salt, resumed.shift
    else:
        if settings.fresh:
            salt = secrets.randbelow(2**32 - 1) + 1
        if ordered is not None:
            shift = 0
            if settings.ending_now:
                last = last_time(ordered, folder, settings.folder, limit=limit, seed=settings.seed)
                shift = time.time_ns() // 1_000_000 - last
    return Entry(
        run_id=str(uuid.uuid4()),
        started=_timestamp(),
        finished=_timestamp(),
        ended=RUNNING,
        mode=settings.mode,
        url=settings.url,
        dataset=str(folder),
        seed=settings.seed,
        salt=salt,
        shift=shift,
        deployed=settings.deployed,
        resumed=resumed.run_id if resumed else None,
        position=resumed.position if resumed else None,
        skip=resumed.skip if resumed else 0,
        done=resumed.done if resumed else 0,
    )


def _start(entry: Entry) -> Progress:
    return Progress(entry.start(), entry.skip, entry.done)


def _job(settings: Settings, folder: Path, entry: Entry, limit: int | None) -> Job:
    return Job(
        folder=folder.resolve(),
        stack=settings.folder,
        by_time=settings.mode == REPLAY,
        seed=settings.seed,
        salt=entry.salt,
        strict=settings.strict,
        lanes=settings.concurrency,
        batch_size=settings.batch_size,
        limit=limit,
        start=_start(entry),
        tracker=settings.tracker.name,
    )


def _pace(settings: Settings) -> Pace | None:
    if settings.mode == REPLAY and settings.speedup:
        return Replay(settings.speedup)
    return AtRate(settings.rate) if settings.mode == RATE and settings.rate else None


def _end(pump: Pump, stopping: asyncio.Event, tally: Tally) -> str:
    if pump.problem or tally.failed:
        return FAILED
    return INTERRUPTED if stopping.is_set() else FINISHED


async def _reach(url: str) -> None:
    """Raises Problem when nothing listens at the URL."""
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        async with asyncio.timeout(CONNECT_TIMEOUT):
            _, writer = await asyncio.open_connection(parts.hostname, port, ssl=parts.scheme == "https" or None)
    except (OSError, TimeoutError) as error:
        reason = {TimeoutError: "no answer", ConnectionRefusedError: "connection refused"}.get(type(error))
        raise Problem(
            f"nothing can be reached at {url} ({reason or error})",
            "see `make status` whether the stack is up, and check COLLECT_URL",
        ) from error
    writer.close()


def _timestamp() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
