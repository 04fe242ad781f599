"""What is said of a removal: who is meant, what was found, what is left, and what nobody can take back."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich.table import Table
from rich.text import Text

from headrace.console import console
from headrace.forget.person import Person
from headrace.report.wording import plural, printable

NAMED = 10  # of clients and addresses


def show_person(wanted: str, person: Person, *, hashed: bool) -> None:
    """Whom the command means, before anything is done: whoever confirms it should look at this."""
    console.print(Text.assemble("forgetting ", (printable(wanted), "bold")))
    if hashed:
        console.print("  user ids are stored hashed: both the id and its hash are looked for")
    for noun, ids in (("client", person.client_ids), ("e-mail address", person.emails)):
        if ids:
            named = ", ".join(map(printable, sorted(ids)[:NAMED]))
            more = f" and {len(ids) - NAMED:,} more" if len(ids) > NAMED else ""
            suffix = "es" if noun.endswith("s") and len(ids) > 1 else ""
            noun = f"{len(ids):,} {noun}{suffix}" if suffix else plural(len(ids), noun)
            console.print(Text(f"  {noun}: {named}{more}"), soft_wrap=True)


def show_counts(before: Mapping[str, int], after: Mapping[str, int] | None) -> None:
    """A line a store; of a dry run only what was found."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column("store")
    table.add_column("found", justify="right")
    if after is not None:
        table.add_column("found after", justify="right")
    for store in dict.fromkeys((*before, *(after or ()))):
        cells = [f"{before.get(store, 0):,}"]
        if after is not None:
            left = after.get(store, 0)
            cells.append(f"[bold red]{left:,}[/]" if left else "[green]0[/]")
        table.add_row(store, *cells)
    console.print(table)


def show_limits(published: Mapping[str, Any], *, snowflake: bool) -> None:
    """What stays for a while, or is elsewhere."""
    console.print("Not in reach of this command:", style="bold")
    limits = [
        "the streams keep what they were given until their retention ends (headrace:stream.retention_hours, 24 hours "
        "unless set), and Firehose its buffer for headrace:delivery.buffer_seconds: what came in that time, or comes "
        "yet, is found by running this again",
        "statistics without a person, logs and metrics: none of them names anybody",
    ]
    if "effects_bus" in published:
        limits.append("what has left by the event bus or by e-mail")
        limits.append("tables' point-in-time backups, for 35 days, unless headrace:force_destroy is on")
    if snowflake:
        limits.append("Snowflake's Time Travel and Fail-safe, for the days that the account keeps them")
    for limit in limits:
        console.print(f"  - {limit}", soft_wrap=True)


def show_personalize(users: Path) -> None:
    """How to remove users there. users: the file that lists them."""
    console.print(
        Text(
            f"  - Amazon Personalize. All ids of the person are in {users}: with a copy of it in a bucket of "
            "yours this call removes them there. Then delete both:"
        ),
        soft_wrap=True,
    )
    console.print(
        Text(
            "      aws personalize create-data-deletion-job --job-name forget --dataset-group-arn ARN "
            f"--data-source dataLocation=s3://BUCKET/{users.name} --role-arn ROLE"
        ),
        soft_wrap=True,
    )
