"""How far a run has come, on disk: so that it can be resumed, and so that even a killed run is accounted for.

<stack folder>/pumper/<dataset and URL>.json   the last run against that URL, written twice a second
<stack folder>/pumps.jsonl                     one line a run against the deployed stack, for the report
"""

import json
import os
from dataclasses import asdict, dataclass, field
from hashlib import blake2b
from pathlib import Path
from typing import Any

from pumper.lines import Position

RUNNING, FINISHED, INTERRUPTED, FAILED, KILLED = "running", "finished", "interrupted", "failed", "killed"


@dataclass
class Entry:
    """A run: how it was started, what it has done, and from where on it is not done.

    position, skip: reading goes on there, and so many hits are left out, as they are acknowledged.
    done: hits acknowledged up to there, in this run and those it resumed.
    salt: of the events' ids. shift: ms added to the dataset's times, None where they are not told.
    """

    run_id: str
    started: str
    finished: str
    ended: str
    mode: str
    url: str
    dataset: str
    seed: int
    salt: int
    shift: int | None
    deployed: bool
    resumed: str | None = None
    position: tuple[int, int] | None = None
    skip: int = 0
    done: int = 0
    figures: dict[str, Any] = field(default_factory=dict)

    def start(self) -> Position | None:
        return Position(*self.position) if self.position else None


class Journal:
    """The journal of one `subject` (a dataset, its order and a URL) in a stack's folder."""

    def __init__(self, folder: Path, subject: str) -> None:
        key = blake2b(subject.encode(), digest_size=8).hexdigest()
        self._pumps = folder / "pumps.jsonl"
        self._path = folder / "pumper" / f"journal-{key}.json"

    def last(self) -> Entry | None:
        """The last run, if any. One that could not say its end any more was killed, and is recorded as such."""
        try:
            entry = Entry(**json.loads(self._path.read_text()))
        except FileNotFoundError:
            return None
        if entry.ended == RUNNING:
            entry.ended = KILLED
            self.close(entry)
        return entry

    def write(self, entry: Entry) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = self._path.with_suffix(f".{os.getpid()}")
        unfinished.write_text(json.dumps(asdict(entry)))
        unfinished.replace(self._path)

    def close(self, entry: Entry) -> None:
        """Writes a run's end, and its line for the report when it went to the deployed stack."""
        self.write(entry)
        if not entry.deployed:
            return
        told = asdict(entry)
        figures = told.pop("figures")
        for inner in ("position", "skip", "deployed"):
            del told[inner]
        with self._pumps.open("a") as file:
            file.write(json.dumps({**told, **figures}) + "\n")
