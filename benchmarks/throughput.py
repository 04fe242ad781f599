"""Many events through the whole embedded stack: from the first post to the last row in RAW, and whether all are there.

    python -m benchmarks.throughput [EVENTS]

The stack has a folder of its own and is gone afterwards.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from functools import cache
from pathlib import Path

import duckdb
from pyarrow import parquet
from rich.console import Console
from rich.table import Table

EVENTS = 100_000
TARGET_SECONDS = 90
PATIENCE_SECONDS = 120


def main(events: int) -> None:
    with tempfile.TemporaryDirectory() as home:
        environment = {**os.environ, "HEADRACE_HOME": home}

        def run(*arguments: str, check: bool = True) -> str:
            command = [sys.executable, "-m", *arguments]
            finished = subprocess.run(command, env=environment, check=False, capture_output=True, text=True)
            if check and finished.returncode:
                sys.exit(f"{' '.join(arguments)}: {finished.stdout}{finished.stderr}")
            return finished.stdout

        try:
            run("embedded", "up")
            # The dataset is made, and the functions are warm, before the clock starts.
            run("pumper", "generate", str(Path(home) / "dataset"), "--events", str(events))
            environment["DATA_FOLDER"] = str(Path(home) / "dataset")
            run("pumper", "--n-events", "200")
            before = rows(Path(home))
            while before[0] < 200:
                time.sleep(0.2)
                before = rows(Path(home))
            began = time.monotonic()
            pumped = json.loads(run("pumper", "--n-events", str(events), "--fresh", "--json"))
            sent = time.monotonic()
            while row_count(Path(home)) - before[0] < pumped["accepted"] and time.monotonic() - sent < PATIENCE_SECONDS:
                time.sleep(0.2)
            ended = time.monotonic()
            loaded = rows(Path(home))
        finally:
            run("embedded", "destroy", check=False)
    arrived, distinct = loaded[0] - before[0], loaded[1] - before[1]
    table = Table("figure", "value", "target", title=f"{events:,} events through the embedded stack")
    table.add_row("first post to last RAW row", f"{ended - began:.1f} s", f"< {TARGET_SECONDS} s")
    table.add_row("  of which sending", f"{sent - began:.1f} s")
    table.add_row("events/s, sending", f"{events / (sent - began):,.0f}")
    table.add_row("accepted", f"{pumped['accepted']:,}", f"{events:,}")
    table.add_row("lost", f"{pumped['accepted'] - distinct - pumped['duplicates']:,}", "0")
    table.add_row("duplicated", f"{arrived - distinct - pumped['duplicates']:,}", "0")
    Console().print(table)


def rows(home: Path) -> tuple[int, int]:
    """Rows of RAW.LOGS, and the distinct events among them."""
    query = "select count(*), count(distinct REQUEST_ID) from read_parquet(?)"
    counted = duckdb.execute(query, [str(_files(home) / "*.parquet")]).fetchone()
    assert counted is not None
    return counted


def row_count(home: Path) -> int:
    """Rows of RAW.LOGS, by what its files say of themselves, each asked once: so that waiting for rows takes nothing
    from who loads them."""
    return sum(_rows_in(file) for file in _files(home).glob("*.parquet"))


@cache
def _rows_in(file: Path) -> int:
    return parquet.read_metadata(file).num_rows


def _files(home: Path) -> Path:
    return home / "local" / "snowflake" / "HEADRACE_LOCAL" / "RAW" / "LOGS"


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else EVENTS)
