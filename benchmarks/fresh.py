"""`make demo` on a fresh machine: a clone of this repository, with no environment and no cache.

    python -m benchmarks.fresh

What the package index sends is downloaded anew, so the network counts. The clone, with all that was installed, is
removed afterwards.
"""

import os
import subprocess
import tempfile
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table

PROJECT = Path(__file__).resolve().parent.parent
TARGET_SECONDS = 240


def main() -> None:
    with tempfile.TemporaryDirectory() as place:
        clone = Path(place) / "headrace"
        subprocess.run(["git", "clone", "--quiet", str(PROJECT), str(clone)], check=True)
        environment = {
            **{key: value for key, value in os.environ.items() if key not in ("HEADRACE_HOME", "VIRTUAL_ENV")},
            "UV_CACHE_DIR": f"{place}/uv",
            "PIP_NO_CACHE_DIR": "1",
        }

        def timed(target: str) -> float:
            began = time.monotonic()
            subprocess.run(["make", target], cwd=clone, env=environment, check=True, stdout=subprocess.DEVNULL)
            return time.monotonic() - began

        try:
            installing = timed("setup")
            demo = timed("demo")
        finally:
            subprocess.run(["make", "destroy"], cwd=clone, env=environment, capture_output=True, check=False)
    table = Table("what", "seconds", "target", title="make demo on a fresh machine")
    table.add_row("installing", f"{installing:.0f}")
    table.add_row("the demo itself", f"{demo:.0f}")
    table.add_row("together", f"{installing + demo:.0f}", f"< {TARGET_SECONDS}")
    Console().print(table)


if __name__ == "__main__":
    main()
