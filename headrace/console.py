"""What every command shares of talking to a person: one console, and errors of one line with cause and cure."""

import functools
import sys
from collections.abc import Callable, Iterable
from typing import Any

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.text import Text

# What commands a terminal, or turns the direction of writing: what is printed here may be any stranger's text.
COMMANDS = {
    code: "\N{REPLACEMENT CHARACTER}"
    for codes in (range(0x20), range(0x7F, 0xA0), (0x200E, 0x200F), range(0x202A, 0x202F), range(0x2066, 0x206A))
    for code in codes
    if chr(code) not in "\n\t"
}


class PlainConsole(Console):
    """A console whose texts command nothing: only its own styles and cursor movements reach the terminal."""

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        for segment in super().render(renderable, options):
            if segment.control or (segment.text.isascii() and segment.text.isprintable()):
                yield segment
            else:
                yield Segment(segment.text.translate(COMMANDS), segment.style)


console = PlainConsole(highlight=False)
errors = PlainConsole(stderr=True, highlight=False, soft_wrap=True)


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
