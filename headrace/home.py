"""Where a stack keeps its things on this machine, and what it published there.

    .headrace/<stack>/outputs.json       the stack's outputs, as `pulumi stack output --json` prints them
    .headrace/<stack>/environment.json   variables that point AWS tools at the embedded cloud (stack `local` only)

HEADRACE_HOME moves `.headrace` elsewhere, so that two copies can run beside each other.
"""

import json
import os
from pathlib import Path
from typing import Any

from headrace.console import Problem

PROJECT_FOLDER = Path(__file__).resolve().parent.parent


def stack_folder(stack: str) -> Path:
    """The folder of one stack; it may not exist yet."""
    return Path(os.environ.get("HEADRACE_HOME", PROJECT_FOLDER / ".headrace")).resolve() / stack


def outputs(stack: str) -> dict[str, Any]:
    """The outputs of a deployed stack. Raises Problem where nothing is deployed."""
    path = stack_folder(stack) / "outputs.json"
    if not path.exists():
        raise Problem(
            f"stack '{stack}' is not deployed", f"run `make up{'' if stack == 'local' else f' STACK={stack}'}` first"
        )
    return json.loads(path.read_text())


def environment(stack: str) -> dict[str, str]:
    """The variables under which AWS tools reach this stack's cloud; empty where the real AWS is meant."""
    path = stack_folder(stack) / "environment.json"
    return json.loads(path.read_text()) if path.exists() else {}
