"""What every command shares of talking to a person: one console, and errors of one line with cause and cure."""

import functools
import sys
from collections.abc import Callable
from typing import Any

from rich.console import Console
from rich.text import Text

console = Console(highlight=False)
errors = Console(stderr=True, highlight=False, soft_wrap=True)


class Problem(Exception):
    """Something a person can mend: what is wrong, and what to do about it."""

    def __init__(self, cause: str, cure: str) -> None:
        super().__init__(f"{cause}: {cure}")
        self.cause, self.cure = cause, cure

    def __str__(self) -> str:
        return f"{self.cause}. {self.cure[:1].upper()}{self.cure[1:]}."


def one_line_errors(command: Callable[..., Any]) -> Callable[..., Any]:
    """Wraps a command so that a Problem ends it with one line on stderr and exit code 1, ^C with 130."""

    @functools.wraps(command)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        try:
            return command(*args, **kwargs)
        except Problem as problem:
            errors.print(Text.assemble(("error: ", "bold red"), str(problem)))
            sys.exit(1)
        except KeyboardInterrupt:
            errors.print("interrupted", style="yellow")
            sys.exit(130)

    return wrapped
