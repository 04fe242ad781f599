"""Shows a deployment as it happens: a line a resource when it is made, and what is under way below them."""

import time
from collections.abc import Mapping
from types import TracebackType

from rich.console import Console
from rich.markup import escape

from embedded.engine.report import Action

STYLES: dict[Action, str] = {
    "create": "green",
    "update": "yellow",
    "replace": "magenta",
    "delete": "red",
    "same": "dim",
}
PAST: dict[Action, str] = {
    "create": "created",
    "update": "updated",
    "replace": "replaced",
    "delete": "deleted",
    "same": "unchanged",
}


class Progress:
    """A reporter of the deployment engine (`embedded.engine.Reporter`) that writes to a terminal.

    `dry`: the changes are only planned, so that each is a line when it is announced.
    """

    def __init__(self, console: Console, dry: bool = False) -> None:
        self._console, self._dry = console, dry
        self._under_way: list[str] = []
        self._done = 0
        self._status = console.status("reading the program …")
        self._began = time.monotonic()

    def __enter__(self) -> "Progress":
        self._status.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._status.stop()

    def step(self, action: Action, type: str, name: str, detail: str) -> None:
        """A change begins, or would be made."""
        if self._dry:
            self._line(action, type, name, detail)
            return
        self._under_way.append(name)
        self._show()

    def done(self, action: Action, type: str, name: str, seconds: float) -> None:
        """A change is made."""
        if name in self._under_way:
            self._under_way.remove(name)
        self._done += 1
        self._line(action, type, name, f"{seconds:.1f} s")
        self._show()

    def diagnostic(self, severity: str, message: str) -> None:
        """The program or the engine says something."""
        style = {"error": "bold red", "warning": "yellow"}.get(severity, "dim")
        self._console.print(f"[{style}]{severity}[/]: {escape(message)}")

    def summary(self, counts: Mapping[Action, int]) -> str:
        """What was done, in one line: `created 68, unchanged 2 in 4.1 s`."""
        said = [f"{PAST[action]} {counts[action]}" for action in PAST if counts.get(action)]
        return f"{', '.join(said) or 'nothing to do'} in {time.monotonic() - self._began:.1f} s"

    def _line(self, action: Action, type: str, name: str, detail: str) -> None:
        """A line that fits the terminal; what a resource is called tells more than its kind, which gives way."""
        kind = _short(type)
        room = self._console.width - len(f"  {action:<8}{name:<32}  {detail:>7}")
        if self._console.is_terminal and len(kind) > room:
            kind = f"{kind[: max(room - 1, 0)]}…"
        what = f"{escape(name):<32} {escape(kind):<{max(room, 0)}}"
        self._console.print(f"  [{STYLES[action]}]{action:<8}[/]{what} [dim]{escape(detail):>7}[/]", soft_wrap=True)

    def _show(self) -> None:
        names = ", ".join(self._under_way[:3]) + (" …" if len(self._under_way) > 3 else "")
        self._status.update(f"{self._done} done{f', now {escape(names)}' if names else ''}")


def _short(type: str) -> str:
    """`aws:kinesis/stream:Stream` as `kinesis.Stream`, `snowflake:index/pipe:Pipe` as `snowflake.Pipe`."""
    package, _, rest = type.partition(":")
    module, _, kind = rest.partition(":")
    service = module.partition("/")[0]
    return f"{package if service in ('index', '') else service}.{kind or service}"
