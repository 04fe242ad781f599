"""The transformation's time and memory: a first build, increments over much and little history, nothing new.

    python -m benchmarks.warehouse                         everything, some ten minutes
    python -m benchmarks.warehouse --only small first      parts of it: small, first, increments
    python -m benchmarks.warehouse --folder /tmp/rows      keeps the rows it made, and takes those it finds there

Each measurement is a `python -m headrace transform` of its own, as `make transform` starts it, with its wall time, the
time its threads computed, and the most memory it had resident. Ratios are of runs side by side, round after round; of
each the best round counts, because whatever else the machine does only ever adds. After every run the tables must hold
what was put in.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path

import duckdb
from rich.table import Table

from benchmarks.raw_rows import Figures, Traffic
from benchmarks.raw_rows.stack import make, read_figures
from headrace.console import console, one_line_errors

PROJECT = Path(__file__).resolve().parent.parent
SMALL, ROWS, MANY_ROWS, INCREMENT = 5_000, 1_000_000, 4_000_000, 10_000
SMALL_SECONDS, FIRST_SECONDS, FIRST_GIGABYTES = 15, 40, 3.0
INCREMENT_OF_FIRST, INCREMENT_OVER_MANY = 0.25, 1.5

PARTS = ("small", "first", "increments")

# The same figures of the modelled tables. Revenue in cents, as it was put in.
FIGURES = """
    select
        {rows}
        , (select count(*) from EVENTS.LOGS)
        , (select count(distinct client_id) from EVENTS.LOGS)
        , (select count(*) from EVENTS.LOGS where hit_type = 'pageview')
        , (select count(*) from EVENTS.LOGS where req_body ->> '$.ec' = 'search')
        , (select count(*) from EVENTS.LOGS where product_action = 'detail')
        , (select count(*) from EVENTS.PURCHASES)
        , (select coalesce(sum(transaction_revenue) * 100, 0) from EVENTS.PURCHASES)
        , (select coalesce(sum(purchased_items), 0) from STATS.OVERVIEW_1D)
"""


@dataclass(frozen=True)
class Cost:
    """Of one run: wall seconds, processor seconds of all threads, and gigabytes resident at most."""

    seconds: float
    processor: float
    gigabytes: float


class Stack:
    """Rows in RAW, and more to come."""

    def __init__(self, folder: Path, rows: int) -> None:
        """Makes the rows where the folder has none yet."""
        self._folder = folder / f"{rows}"
        if not (self._folder / "figures.json").exists():
            console.print(f"making {rows:,} rows")
            shutil.rmtree(self._folder, ignore_errors=True)
            make(self._folder, Traffic(rows=rows, increment=INCREMENT))
        self._base, self._both = read_figures(self._folder)
        self._database = self._folder / "local" / "warehouse.duckdb"
        self._built = self._folder / "built.duckdb"
        (files,) = (self._folder / "local" / "snowflake").glob("*/*/*")
        self._arrived = [files / f"9-{file.name}" for file in sorted((self._folder / "increment").iterdir())]

    def first_build(self) -> Cost:
        """Everything, from RAW alone; dbt's own artifacts are new too."""
        for file in self._arrived:
            file.unlink(missing_ok=True)
        self._database.unlink(missing_ok=True)
        shutil.rmtree(self._folder / "local" / "dbt", ignore_errors=True)
        return self._transform(self._base)

    def nothing_new(self) -> Cost:
        """Once more, after first_build."""
        return self._transform(self._base)

    def keep(self) -> None:
        """So that `restore` brings the tables back as they are now."""
        shutil.copyfile(self._database, self._built)

    def restore(self) -> None:
        for file in self._arrived:
            file.unlink(missing_ok=True)
        shutil.copyfile(self._built, self._database)

    def increment(self) -> Cost:
        """The next rows arrive; after first_build or restore."""
        for arriving, file in zip(sorted((self._folder / "increment").iterdir()), self._arrived, strict=True):
            os.link(arriving, file)
        return self._transform(self._both)

    def _transform(self, expected: Figures) -> Cost:
        command = [sys.executable, "-m", "headrace", "transform"]
        environment = {**os.environ, "HEADRACE_HOME": str(self._folder)}
        with tempfile.TemporaryFile("w+") as said:
            began = time.monotonic()
            process = subprocess.Popen(command, cwd=PROJECT, env=environment, stdout=said, stderr=said)
            # The kernel's own account of this process: its peak, without sampling.
            _, status, usage = os.wait4(process.pid, 0)
            seconds = time.monotonic() - began
            process.returncode = os.waitstatus_to_exitcode(status)
            if process.returncode:
                said.seek(0)
                sys.exit(f"transform failed:\n{said.read()}")
        self._check(expected)
        unit = 1 if sys.platform == "darwin" else 1_024  # bytes there, kilobytes here
        return Cost(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * unit / 1e9)

    def _check(self, expected: Figures) -> None:
        with duckdb.connect(str(self._database), read_only=True) as database:
            (found,) = database.execute(FIGURES.format(rows=expected.rows)).fetchall()
        counted = Figures(**{field.name: int(value) for field, value in zip(fields(Figures), found, strict=True)})
        if counted != expected:
            sys.exit(f"the tables hold {counted}, and what was put in is {expected}")


class Results:
    """The table that is printed in the end."""

    def __init__(self) -> None:
        self._table = Table("what", "seconds", "processor", "GB", "ratio", "target", "", title="the warehouse")

    def add(self, what: str, cost: Cost, target: str = "", met: bool | None = None, ratio: float | None = None) -> None:
        verdict = "" if met is None else "[green]✓[/]" if met else "[red]✗[/]"
        shown = "" if ratio is None else f"{ratio:.2f}"
        self._table.add_row(
            what, f"{cost.seconds:.1f}", f"{cost.processor:.1f}", f"{cost.gigabytes:.2f}", shown, target, verdict
        )
        console.print(f"{what.strip()}: {cost.seconds:.1f} s, {cost.gigabytes:.2f} GB")

    def print(self) -> None:
        console.print(self._table)


def best(costs: Sequence[Cost]) -> Cost:
    """The fastest; of memory the most, which a target is about."""
    fastest = min(costs, key=lambda cost: cost.seconds)
    return replace(fastest, gigabytes=max(cost.gigabytes for cost in costs))


def small(folder: Path, results: Results) -> None:
    cost = Stack(folder, SMALL).first_build()
    results.add(f"transform of {SMALL:,} rows", cost, f"< {SMALL_SECONDS} s", cost.seconds < SMALL_SECONDS)


def first_and_increments(folder: Path, results: Results, *, rounds: int, increments: bool) -> None:
    few = Stack(folder, ROWS)
    many = Stack(folder, MANY_ROWS) if increments else None
    if many:
        results.add(f"first build of {MANY_ROWS:,} rows", many.first_build())
        many.keep()
    first: list[Cost] = []
    nothing: list[Cost] = []
    over_few: list[Cost] = []
    over_many: list[Cost] = []
    for _ in range(rounds):
        first.append(few.first_build())
        nothing.append(few.nothing_new())
        if many:
            over_few.append(few.increment())
            many.restore()
            over_many.append(many.increment())
    built = best(first)
    fits = built.seconds < FIRST_SECONDS and built.gigabytes < FIRST_GIGABYTES
    results.add(f"first build of {ROWS:,} rows", built, f"< {FIRST_SECONDS} s, < {FIRST_GIGABYTES:.0f} GB", fits)
    again = best(nothing)
    results.add("  again, with nothing new", again, ratio=again.seconds / built.seconds)
    if many:
        added, added_to_many = best(over_few), best(over_many)
        ratio = added.seconds / built.seconds
        target = f"< {INCREMENT_OF_FIRST:.2f} of the first build"
        results.add(f"  with {INCREMENT:,} rows more", added, target, ratio < INCREMENT_OF_FIRST, ratio)
        ratio = added_to_many.seconds / added.seconds
        target = f"≤ {INCREMENT_OVER_MANY} of the same over {ROWS:,}"
        what = f"{MANY_ROWS:,} rows with {INCREMENT:,} more"
        results.add(what, added_to_many, target, ratio <= INCREMENT_OVER_MANY, ratio)


@one_line_errors
def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.warehouse", description="Measures the transformation.")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS, metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--rounds", type=int, default=2, choices=range(1, 10), metavar="N", help="default 2")
    parser.add_argument("--folder", type=Path, help="where rows are kept for the next time")
    given = parser.parse_args()
    results = Results()
    with tempfile.TemporaryDirectory() as temporary:
        folder = given.folder.resolve() if given.folder else Path(temporary)
        if "small" in given.only:
            small(folder, results)
        if "first" in given.only or "increments" in given.only:
            first_and_increments(folder, results, rounds=given.rounds, increments="increments" in given.only)
    results.print()


if __name__ == "__main__":
    main()
