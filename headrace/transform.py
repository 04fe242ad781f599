"""`headrace transform`: dbt builds the modelled tables from RAW, told in a few lines."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.live import Live
from rich.table import Table

from headrace import accounts, dbt, warehouse
from headrace.console import Problem, console
from headrace.dbt import DBT_PROJECT as DBT_PROJECT
from headrace.freshness import age
from headrace.home import stack_folder


def transform(stack: str, target: str | None = None, *, full_refresh: bool = False) -> None:
    """Builds and tests every model of a stack. Raises Problem when RAW is empty, or a model or a test fails."""
    place = warehouse.find(stack, target)
    if place.database is not None:
        warehouse.check_writable(place.database)
        with warehouse.connected(place, raw_only=True) as connection:
            ((arrived, newest),) = connection.rows(
                f"select count(*), max(request_timestamp) from {place.raw}"  # noqa: S608 - our own table
            )
        if not arrived and not full_refresh:
            raise Problem(
                f"nothing has arrived in RAW of stack '{stack}' yet",
                "send events with `make pump`; `make status` shows those on their way",
            )
        received = f", the newest received {age(datetime.now(UTC).replace(tzinfo=None) - newest)} ago" if newest else ""
        console.print(f"{arrived:,} row{'' if arrived == 1 else 's'} in RAW{received}")
    folder = stack_folder(stack) / "dbt"
    began = time.monotonic()
    progress = Progress()
    try:
        with Live(progress.table(), console=console, refresh_per_second=4, transient=True) as live:
            progress.changed = lambda: live.update(progress.table())
            build(place, folder, progress, full_refresh=full_refresh)
            with warehouse.connected(place) as connection:
                progress.count_rows(connection)
    finally:
        progress.building = None
        if progress.models:
            console.print(progress.table())
    seconds = time.monotonic() - began
    if progress.failures:
        for failure in progress.failures:
            console.print(f"[red]✗[/] {failure}", soft_wrap=True)
        upgraded = "" if full_refresh else "; after an upgrade, `make transform ARGS=--full-refresh` rebuilds all"
        raise Problem(
            f"{len(progress.failures)} of {len(progress.models) + progress.tests} models and tests failed",
            f"see {folder / 'logs' / 'dbt.log'}{upgraded}",
        )
    for warning in progress.warnings:
        console.print(f"[yellow]![/] {warning}", soft_wrap=True)
    tables = sum(model.is_table for model in progress.models)
    console.print(
        f"{tables} tables and {len(progress.models) - tables} views built, {progress.tests} tests passed "
        f"in {seconds:.1f} s"
    )
    console.print("next: `make report`")


@dataclass
class Model:
    """A model that was built. name: SCHEMA.table.

    rows, written: how many a table has, and those of this run; None until counted, and for a view.
    """

    name: str
    relation: str
    seconds: float
    is_table: bool
    rows: int | None = None
    written: int | None = None

    @property
    def size(self) -> str:
        """For people."""
        return "" if self.rows is None else f"{self.rows:,} row{'' if self.rows == 1 else 's'}"

    @property
    def change(self) -> str:
        """For people."""
        if self.written is None or self.written == self.rows:
            return ""
        return f"{self.written:,} written" if self.written else "unchanged"


@dataclass
class Progress:
    """What dbt has done so far, from the events it sends. began: UTC, before the time that the run's rows carry."""

    began: datetime = field(default_factory=lambda: datetime.now(UTC))
    models: list[Model] = field(default_factory=list)
    tests: int = 0
    failures: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    building: str | None = "reading the project"
    changed: Callable[[], None] = lambda: None

    def receive(self, event: Any) -> None:
        """One event of dbt. It calls this from its worker threads, one event at a time."""
        if event.info.name == "NodeStart" and event.data.node_info.resource_type == "model":
            self.building = event.data.node_info.node_name
        elif event.info.name == "NodeFinished":
            self._finished(event.data.node_info, event.data.run_result)
        else:
            return
        self.changed()

    def _finished(self, node: Any, result: Any) -> None:
        failed = result.status in ("error", "fail")
        if failed:
            self.failures.append(f"{node.node_name}: {_explanation(result)}")
        elif result.status == "warn":
            self.warnings.append(f"{node.node_name}: {_explanation(result)}")
        if node.resource_type == "model" and result.status == "success":
            place = node.node_relation
            self.models.append(
                Model(
                    name=f"{place.schema}.{place.alias}",
                    relation=place.relation_name,
                    seconds=result.execution_time,
                    is_table=node.materialized != "view",
                )
            )
        elif node.resource_type == "test" and not failed and result.status != "skipped":
            self.tests += 1

    def count_rows(self, connection: warehouse.Warehouse) -> None:
        """Fills in how many rows each table has now."""
        for model in self.models:
            if model.is_table:
                # The database is attached under another name, so it is left out.
                name = model.relation.split(".", 1)[1]
                ((model.rows, model.written),) = connection.rows(
                    "select count(*), count(case when created_at >= "  # noqa: S608 - dbt's own name
                    f"cast('{self.began:%Y-%m-%d %H:%M:%S.%f}' as timestamp) then 1 end) from {name}"
                )

    def table(self) -> Table:
        """The tables as they are done, and what is being built; views are too many and too quick to tell of."""
        table = Table(box=None, pad_edge=False, show_header=False, padding=(0, 2, 0, 0))
        table.add_column(min_width=38)
        table.add_column(justify="right", min_width=14)
        table.add_column(justify="right")
        table.add_column(justify="right")
        for model in self.models:
            if model.is_table:
                table.add_row(f"[green]✓[/] {model.name}", model.size, model.change, f"{model.seconds:.1f} s")
        if self.building:
            table.add_row(f"[dim]… {self.building}[/]", "", "", "")
        return table


def build(place: warehouse.Place, folder: Path, progress: Progress, *, full_refresh: bool = False) -> None:
    """Runs `dbt build` in this process; what it does is told to `progress`, its log goes to `folder`.

    The models' unit tests are left out: they test the SQL, not the data, and run with the project's other tests.
    Raises Problem where dbt could not begin; models and tests that failed are in `progress.failures`.
    """
    arguments = [
        *("build", "--exclude-resource-type", "unit_test", "--no-write-json"),
        *(["--full-refresh"] if full_refresh else []),
    ]
    accounts.make_table(place)
    dbt.run(place, folder, *arguments, callbacks=[progress.receive])


def _explanation(result: Any) -> str:
    """Why a model or a test failed, in one line."""
    lines = [line.strip() for line in (result.message or "").splitlines() if line.strip()]
    # The first line of a compilation or database error only repeats the model's name.
    return " ".join(lines[1:3] if len(lines) > 1 else lines) or str(result.status)
