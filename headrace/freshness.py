"""`headrace freshness`: how old the newest event in RAW is, and whether that is too old."""

from datetime import datetime, timedelta

from headrace import dbt, warehouse
from headrace.console import Problem, console
from headrace.home import stack_folder


def freshness(stack: str, target: str | None = None) -> bool:
    """Says when RAW's newest event was received; False where `dbt/models/staging/raw.yml` calls that stale.

    Raises Problem where RAW is empty or can not be asked.
    """
    place = warehouse.find(stack, target)
    folder = stack_folder(stack) / "dbt"
    with console.status("asking RAW"):
        (result,) = dbt.run(place, folder, "source", "freshness").results
    if not hasattr(result, "age"):
        raise Problem(f"RAW can not be asked ({result.message})", f"see {folder / 'logs' / 'dbt.log'}")
    if result.max_loaded_at.year == datetime.min.year:  # dbt's word for no row at all
        raise Problem(
            f"nothing has arrived in RAW of stack '{stack}' yet",
            "send events with `make pump`; `make status` shows those on their way",
        )
    is_fresh = str(result.status) == "pass"
    mark = "[green]✓[/]" if is_fresh else "[yellow]![/]"
    console.print(f"{mark} newest event in RAW: received {age(timedelta(seconds=result.age))} ago", soft_wrap=True)
    if not is_fresh:
        console.print("see `make status` and `make report`: is nothing sent, or is something stuck?")
    return is_fresh


def age(time: timedelta) -> str:
    """For people, in the largest unit that says something: `3 minutes`."""
    seconds = max(round(time.total_seconds()), 0)
    for unit, length in (("day", 86_400), ("hour", 3600), ("minute", 60)):
        if seconds >= 2 * length:
            return f"{seconds // length:,} {unit}s"
    return f"{seconds} second{'' if seconds == 1 else 's'}"
