"""Makes a folder that `headrace transform` takes for a stack, with as many rows in RAW as one likes."""

import argparse
import time
from pathlib import Path

from benchmarks.raw_rows import Traffic
from benchmarks.raw_rows.stack import make
from headrace.console import console, one_line_errors


def positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be 1 or more")
    return number


@one_line_errors
def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.raw_rows", description=__doc__)
    parser.add_argument("folder", type=Path, help="becomes a HEADRACE_HOME with a stack `local`")
    parser.add_argument("rows", type=positive, help="in RAW")
    parser.add_argument("--increment", type=positive, default=10_000, help="rows that follow them, in files beside RAW")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    began = time.monotonic()
    make(given.folder, Traffic(rows=given.rows, increment=given.increment, seed=given.seed))
    console.print(f"{given.rows:,} + {given.increment:,} rows in {time.monotonic() - began:.0f} s: {given.folder}")


if __name__ == "__main__":
    main()
