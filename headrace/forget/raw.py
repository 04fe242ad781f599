"""The person's rows of RAW, on either engine: found by the rule that finds their lines, deleted by their LOG_ID."""

# ruff: noqa: S608  (statements are made of the stack's own names, and of quoted texts)

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from embedded.snowflake.catalogue import Catalogue, quoted
from embedded.snowflake.deletion import delete
from embedded.snowflake.tables import table
from headrace.forget.emails import forms
from headrace.forget.lake import learn
from headrace.forget.person import Finder, Person, written
from headrace.warehouse import Place, connected

AT_ONCE = 10_000  # ids in one statement: Snowflake takes 16,384 in a list, and 1 MB of text


def acquaint(place: Place, person: Person) -> Person:
    """The person with the clients and addresses that their rows tell of: S3 may have lost what RAW still has."""
    clients, emails = set[str](), set[str]()
    for _, line in _rows(place, person, Finder(person)):
        learn(line, person, clients, emails)
    return person.known_by(clients, emails)


def find(place: Place, person: Person, finder: Finder) -> list[str]:
    """The LOG_IDs of the person's rows."""
    return [log_id for log_id, _ in _rows(place, person, finder)]


def remove(place: Place, folder: Path, published: dict[str, Any], log_ids: Sequence[str]) -> None:
    """Deletes rows. folder: the stack's."""
    if not log_ids:
        return
    if place.database is not None:
        catalogue = Catalogue(folder / "snowflake" / "catalogue.json")
        name = quoted(*(published[f"snowflake_{part}"] for part in ("database", "schema", "table")))
        delete(table(catalogue, name), "LOG_ID", log_ids)
        return
    with connected(place) as warehouse:
        for ids in lists(log_ids):
            warehouse.rows(f"DELETE FROM {place.raw} WHERE LOG_ID IN ({ids})")


def _rows(place: Place, person: Person, finder: Finder) -> Iterator[tuple[str, bytes]]:
    """The person's rows: LOG_ID and envelope."""
    with connected(place, raw_only=True) as warehouse:
        found = warehouse.answer(f"select LOG_ID, {_text(place)} from {place.raw} where {_may_be(place, person)}")
        for log_id, data in found.rows:
            if finder.owns(line := str(data).encode()):
                yield str(log_id), line


def lists(ids: Sequence[str]) -> Iterator[str]:
    """Ids as SQL's lists, no longer than a statement takes."""
    for first in range(0, len(ids), AT_ONCE):
        yield ", ".join(map(literal, ids[first : first + AT_ONCE]))


def literal(text: str) -> str:
    """A text of SQL that means the same to both engines: a backslash is written without one."""
    return " || ".join(_plain(part) for part in _parted(text)) if "\\" in text else _plain(text)


def _plain(text: str) -> str:
    return "chr(92)" if text == "\\" else "'" + text.replace("'", "''") + "'"


def _parted(text: str) -> Iterable[str]:
    """Backslashes apart from what stands between them."""
    first, *others = text.split("\\")
    yield first
    for other in others:
        yield "\\"
        yield other


def _text(place: Place) -> str:
    return "cast(DATA as varchar)" if place.database is not None else "to_json(DATA)"


def _may_be(place: Place, person: Person) -> str:
    """What every row of the person fulfils: the engine leaves out the others, which are nearly all."""
    data = _text(place)
    ids = [f"contains({data}, {literal(form)})" for one in sorted(person.ids) for form in sorted(written(one))]
    emails = [
        f"contains(lower({data}), {literal(form)})" for one in sorted(person.emails) for form in sorted(forms(one))
    ]
    return " or ".join([*ids, *emails]) or "false"
