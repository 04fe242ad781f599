"""What is known of a person whose removal has begun: once their events are gone, nothing else says which clients were
theirs. Kept in the stack's folder until the removal is proven, for its owner's eyes only."""

import json
import os
from pathlib import Path

from headrace.forget.person import Person

FILE = "forget-unfinished.json"
OWNER_ONLY = 0o600


def note(folder: Path, wanted: str, person: Person) -> None:
    """Notes a person before anything is removed. wanted: as the command was told, `USER=ada`."""
    known = _read(folder)
    known[wanted] = {"client_ids": sorted(person.client_ids), "emails": sorted(person.emails)}
    _write(folder, known)


def recall(folder: Path, wanted: str, person: Person) -> Person:
    """The person with what an earlier run knew of them, which did not come to its end."""
    found = _read(folder).get(wanted, {})
    return person.known_by(found.get("client_ids", ()), found.get("emails", ()))


def others(folder: Path, wanted: str) -> list[str]:
    """Whose removal has begun besides."""
    return sorted(_read(folder).keys() - {wanted})


def is_unfinished(folder: Path, wanted: str) -> bool:
    return wanted in _read(folder)


def done(folder: Path, wanted: str) -> None:
    """Nothing is left of the person, and so nothing need be known."""
    known = _read(folder)
    if known.pop(wanted, None) is not None:
        _write(folder, known)
    if not known:
        (folder / FILE).unlink(missing_ok=True)


def _read(folder: Path) -> dict[str, dict[str, list[str]]]:
    path = folder / FILE
    return json.loads(path.read_text()) if path.exists() else {}


def _write(folder: Path, known: dict[str, dict[str, list[str]]]) -> None:
    """As a whole: a reader finds the old file or the new one."""
    new = (folder / FILE).with_suffix(".new")
    with os.fdopen(os.open(new, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, OWNER_ONLY), "w") as file:
        json.dump(known, file)
    new.replace(folder / FILE)
