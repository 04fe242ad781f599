"""One look over everything that is stored: how much of it is the person's, store by store."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from headrace import warehouse
from headrace.console import console
from headrace.forget import modelled, personalize, raw
from headrace.forget.applications import Applications
from headrace.forget.lake import PREFIXES, Found, Lake
from headrace.forget.person import Finder, Person
from headrace.forget.personalize import Line

RAW = "RAW.LOGS"


@dataclass(frozen=True, kw_only=True)
class Stores:
    """Where a stack keeps what it was told.

    place: its warehouse, None for a stack without one. record: what the embedded cloud's Personalize was told, None
    where there is none.
    """

    folder: Path
    published: dict[str, Any]
    lake: Lake
    applications: Applications
    place: warehouse.Place | None
    record: Path | None


@dataclass
class Search:
    """What was found. in_lake: by prefix. log_ids: of RAW's rows. modelled: rows by schema. items: by table.

    told: lines of Personalize's record, None where there is none.
    """

    in_lake: dict[str, Found] = field(default_factory=dict)
    log_ids: list[str] = field(default_factory=list)
    modelled: dict[str, int] = field(default_factory=dict)
    items: dict[str, int] = field(default_factory=dict)
    told: list[Line] | None = None

    def counts(self) -> dict[str, int]:
        """Lines, rows and items by store, in the order of an event's way."""
        counts: dict[str, int] = {}
        for prefix, found in self.in_lake.items():
            counts[f"S3 {prefix}"] = found.lines
        counts["S3 superseded versions"] = sum(found.old for found in self.in_lake.values())
        if self.log_ids or self.modelled:
            counts[RAW] = len(self.log_ids)
        counts |= self.modelled | self.items
        if self.told is not None:
            counts["recommendations: told"] = len(self.told)
        return counts

    @property
    def total(self) -> int:
        return sum(self.counts().values())


def search(stores: Stores, person: Person, title: str) -> Search:
    """Looks everywhere."""
    finder, found = Finder(person), Search()
    with reading(title, stores.lake.size()) as read:
        for prefix in PREFIXES:
            found.in_lake[prefix.name] = stores.lake.find(prefix, finder, read)
    if stores.place is not None:
        with console.status(f"{title}: the warehouse"):
            found.log_ids = raw.find(stores.place, person, finder)
            found.modelled = modelled.find(stores.place, found.log_ids)
    with console.status(f"{title}: the applications"):
        for store in stores.applications.stores():
            found.items[store.name] = len(stores.applications.find(store, person))
    if stores.record is not None:
        found.told = personalize.find(stores.record, person)
    return found


@contextmanager
def reading(title: str, size: int) -> Iterator[Callable[[int], None]]:
    """A bar over the objects' bytes."""
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task(title, total=max(size, 1))
        yield lambda count: progress.advance(task, count)
