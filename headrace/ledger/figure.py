"""One figure of the ledger."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

# The hops that the warehouse itself counts, of all hours it has.
BY_SQL = frozenset({"loaded", "duplicate", "distinct", "modelled"})


@dataclass(frozen=True, kw_only=True)
class Figure:
    """count: of the hop in that hour. missing: how many it lacks of what the hop before it has.

    hour: its number, epoch ms // HOUR_MS. item: what the count is of (a reason, an application), where a hop has
    several.
    """

    hour: int
    hop: str
    item: str = ""
    count: int = 0
    missing: int = 0


def merged(found: Iterable[Figure]) -> list[Figure]:
    """One figure an hour, hop and item: what several sources say of it, together."""
    added: dict[tuple[int, str, str], Figure] = {}
    for one in found:
        place = (one.hour, one.hop, one.item)
        before = added.get(place, replace(one, count=0, missing=0))
        added[place] = replace(one, count=before.count + one.count, missing=before.missing + one.missing)
    return list(added.values())
