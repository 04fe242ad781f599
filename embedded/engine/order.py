"""In which order resources go: what leans on another goes before it."""

from collections.abc import Iterable
from graphlib import TopologicalSorter

from embedded.engine.state import Entry


def leans_on(entry: Entry) -> set[str]:
    """The URNs a resource needs as long as it stands."""
    provider = entry.provider.rpartition("::")[0]
    return {urn for urn in (*entry.dependencies, entry.parent, provider) if urn}


def deletion_order(entries: Iterable[Entry]) -> list[Entry]:
    """Dependents first. Entries of one URN (a resource and those it replaced) count as one in the order."""
    by_urn: dict[str, list[Entry]] = {}
    for entry in entries:
        by_urn.setdefault(entry.urn, []).append(entry)
    needs = {
        urn: {need for entry in same for need in leans_on(entry) if need in by_urn and need != urn}
        for urn, same in by_urn.items()
    }
    created_first = list(TopologicalSorter(needs).static_order())
    return [entry for urn in reversed(created_first) for entry in by_urn[urn]]


def dependents(urn: str, entries: Iterable[Entry]) -> set[str]:
    """The URNs of all that lean on one resource, directly or through others."""
    leaning = {entry.urn: leans_on(entry) for entry in entries}
    found: set[str] = set()
    edge = {urn}
    while edge:
        edge = {each for each, needs in leaning.items() if needs & edge} - found
        found |= edge
    return found - {urn}
