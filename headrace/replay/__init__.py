"""`headrace replay`: RAW anew from the objects in S3 for a period, then the modelled tables from RAW."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from embedded.cloud.lock import locked
from embedded.snowflake.copy import CopyError
from embedded.snowflake.expressions import NotTranslated
from headrace import warehouse
from headrace.console import Problem, console
from headrace.home import outputs, stack_folder
from headrace.hops.cloud import Cloud, aws_problems
from headrace.replay.embedded import EmbeddedRaw
from headrace.replay.objects import expired, listed
from headrace.replay.period import Period, period
from headrace.replay.plan import Plan, Result
from headrace.replay.raw import Raw, rows_by_object
from headrace.replay.snowflake import SnowflakeRaw, left_to_the_pipe
from headrace.transform import transform

# Stands from before RAW changes until the modelled tables have been made from it.
UNFINISHED = "replay-unfinished"


def replay(stack: str, begin: str, end: str | None = None) -> None:
    """Replays the objects that were delivered from `begin` up to `end` (None: now), then transforms.

    Raises Problem where the period makes no sense, there is nothing of it, an object can not be read (all others are
    replayed nevertheless), or the transformation fails. To run it again is always safe.
    """
    now = datetime.now(UTC)
    wanted = period(begin, end, now)
    published, folder = outputs(stack), stack_folder(stack)
    with locked(folder, "headrace replay"), aws_problems(stack):
        cloud = Cloud(stack)
        s3 = cloud.client("s3")
        raw: Raw | None = EmbeddedRaw(folder, published, s3) if cloud.embedded else None
        place = warehouse.find(stack)
        raw = raw or SnowflakeRaw(place, published)
        if place.database is not None:
            warehouse.check_writable(place.database)
        plan = planned(place, s3, published["bucket"], wanted, now.replace(tzinfo=None))
        for line in plan.lines():
            console.print(line)
        result = replaced(raw, place, plan, folder)
        transform(stack, full_refresh=needs_full_refresh(result, folder))
        (folder / UNFINISHED).unlink(missing_ok=True)
    if result.outcome.unread:
        name, reason = next(iter(result.outcome.unread.items()))
        raise Problem(
            f"{len(result.outcome.unread):,} of {len(plan.objects):,} objects could not be read ({name}: {reason})",
            "their rows in RAW are as they were; run the same command again when they can be read",
        )


def planned(place: warehouse.Place, s3: Any, bucket: str, wanted: Period, now: datetime) -> Plan:
    """Looks at both sides. Raises Problem where neither has anything. now: UTC, without a zone."""
    with console.status(f"looking for objects of {wanted}"):
        before = rows_by_object(place, wanted)  # first: what is loaded meanwhile must not seem to be gone from S3
        objects = listed(s3, bucket, wanted)
        there = {one.name for one in objects}
        missing = [name for name in before if name not in there]
        kept = expired(s3, bucket, missing, now)
    if not objects and not before:
        raise Problem(
            f"no object was delivered in the period {wanted}, and RAW has no row of it",
            "FROM and TO are meant in UTC, by the time of delivery; `make report` counts what there is",
        )
    waiting = left_to_the_pipe(objects, before, now) if place.database is None else set()
    return Plan(
        period=wanted,
        objects=[one for one in objects if one.name not in waiting],
        before=before,
        gone=[name for name in missing if name not in kept],
        expired=sorted(kept),
        waiting=len(waiting),
    )


def replaced(raw: Raw, place: warehouse.Place, plan: Plan, folder: Path) -> Result:
    """Changes RAW, shows how far it is, and says what came of it."""
    marker = folder / UNFINISHED
    interrupted = marker.exists()
    if interrupted:
        console.print("an earlier replay was cut short: the modelled tables are rebuilt from nothing", style="yellow")
    marker.touch()
    with _progress(plan.bytes) as loaded:
        try:
            outcome = raw.replace(plan.objects, plan.gone, loaded)
        except (CopyError, NotTranslated, KeyError) as error:
            raise Problem(f"the pipe's statement can not be run again: {error}", "see `make status`") from error
    result = Result(plan=plan, after=rows_by_object(place, plan.period), outcome=outcome)
    if not interrupted and not result.lost:
        marker.unlink()
    console.print(result.table())
    return result


def needs_full_refresh(result: Result, folder: Path) -> bool:
    """Whether RAW lost rows, now or in a replay that was cut short: increments only learn of what came."""
    if result.lost:
        name = result.lost[0]
        more = f" and {len(result.lost) - 1:,} more" if len(result.lost) > 1 else ""
        console.print(
            f"RAW has lost rows of {name}{more}: the modelled tables are rebuilt from nothing",
            style="yellow",
            soft_wrap=True,
        )
    return (folder / UNFINISHED).exists()


@contextmanager
def _progress(size: int) -> Iterator[Callable[[int], None]]:
    """A bar over the objects' bytes; then the earlier rows are taken out, which has no measure."""
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("loading", total=max(size, 1))

        def loaded(count: int) -> None:
            progress.advance(task, count)
            if progress.finished:
                progress.update(task, description="taking out the earlier rows")

        yield loaded
