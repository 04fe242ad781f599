"""What a deployment tells while it runs, and what it says when it is done."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

Action = Literal["create", "update", "replace", "delete", "same"]

SECRET = "[secret]"  # noqa: S105  (what is shown in place of a secret)
UNKNOWN = "[unknown]"


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """outputs: the stack's outputs, a secret one as `[secret]` and, in a preview, one not known yet as `[unknown]`.
    counts: how many resources each action was taken on (in a preview: would be)."""

    outputs: dict[str, Any] = field(default_factory=dict)
    counts: Counter[Action] = field(default_factory=Counter)


class Reporter(Protocol):
    """Hears of each change as it happens. Calls come from several threads, but never two at a time."""

    def step(self, action: Action, type: str, name: str, detail: str) -> None:
        """A change begins (in a preview: would be made). `detail` names the changed inputs. `same` is not reported."""
        ...

    def done(self, action: Action, type: str, name: str, seconds: float) -> None:
        """The change is made and recorded. Not called in a preview, nor for a change that failed."""
        ...

    def diagnostic(self, severity: str, message: str) -> None:
        """The program or the engine has something to say; severity is `info`, `warning` or `error`."""
        ...
