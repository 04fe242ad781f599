"""How long a person waits: `up` from nothing, `up` with nothing to change, the demo, `destroy`.

    python -m benchmarks.commands

Each is a process of its own, as `make` starts it, on a prepared machine (installed, packages built), with a folder of
its own, so that a running stack is not touched.
"""

import os
import subprocess
import sys
import tempfile
import time

from rich.console import Console
from rich.table import Table

# what, the command, and the most it should take in seconds
COMMANDS = (
    ("up, from nothing", ("embedded", "up"), 10),
    ("up, nothing to change", ("embedded", "up"), 10),
    ("destroy", ("embedded", "destroy"), None),
    ("demo, 5,000 events, from nothing", ("headrace", "demo"), 60),
    ("transform, 5,000 rows, again", ("headrace", "transform"), 15),
    ("report", ("headrace", "report"), None),
    ("destroy", ("embedded", "destroy"), None),
)


def main() -> None:
    table = Table("what", "seconds", "target", title="commands")
    with tempfile.TemporaryDirectory() as home:
        environment = {**os.environ, "HEADRACE_HOME": home}
        try:
            for name, command, target in COMMANDS:
                began = time.monotonic()
                subprocess.run([sys.executable, "-m", *command], env=environment, check=True, stdout=subprocess.DEVNULL)
                table.add_row(name, f"{time.monotonic() - began:.1f}", f"< {target}" if target else "")
        finally:
            subprocess.run(
                [sys.executable, "-m", "embedded", "destroy"], env=environment, capture_output=True, check=False
            )
    Console().print(table)


if __name__ == "__main__":
    main()
