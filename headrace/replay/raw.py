"""RAW as a replay sees it, on either engine: the rows of each object, and how they are replaced."""

# ruff: noqa: S608  (statements are made of the stack's own names)

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from headrace.replay.objects import Object
from headrace.replay.period import Period
from headrace.warehouse import Place, connected

DIGESTS = {"local": "bit_xor(hash(log_id, request_id))", "snowflake": "hash_agg(log_id, request_id)"}


@dataclass(frozen=True)
class Rows:
    """An object's rows in RAW. distinct: each once, however often it was loaded. digest: of their ids."""

    rows: int
    distinct: int
    digest: int

    def is_superset_of(self, earlier: "Rows") -> bool:
        """Whether all rows that were there are there. An object's lines do not change, so more rows are more lines."""
        return self.digest == earlier.digest or self.distinct > earlier.distinct


@dataclass
class Outcome:
    """What became of the objects. refused: lines that the pipe's statement could not load. unread: why, by name."""

    refused: int = 0
    unread: dict[str, str] = field(default_factory=dict)


class Raw(Protocol):
    """RAW of one stack."""

    def replace(self, objects: Sequence[Object], gone: Collection[str], loaded: Callable[[int], None]) -> Outcome:
        """Loads objects and takes out the rows they had, and those of the objects that are gone. Says after each step
        how many bytes of objects it took. The rows of an object that can not be read stay."""
        ...


def rows_by_object(place: Place, period: Period) -> dict[str, Rows]:
    """What RAW has of the objects that were delivered in the period."""
    with connected(place, raw_only=True) as warehouse:
        return by_object(warehouse.rows(selection(place, period)), period)


def selection(place: Place, period: Period) -> str:
    """The query for `rows_by_object`: names go by time, so most of RAW need not be looked at."""
    return (
        f"select log_filename, sum(copies), count(*), {DIGESTS[place.target]} from ("
        f"select log_filename, log_id, request_id, count(*) as copies from {place.raw} "
        f"where log_filename >= '{period.first_name}' and log_filename < '{period.last_name}' "
        "group by log_filename, log_id, request_id) as each_row group by log_filename"
    )


def by_object(found: Sequence[tuple[Any, ...]], period: Period) -> dict[str, Rows]:
    """The query's answer, for the objects of the period itself."""
    return {
        name: Rows(int(rows), int(distinct), int(digest))
        for name, rows, distinct, digest in sorted(found)
        if period.holds(name)
    }


def total(rows: Mapping[str, Rows]) -> int:
    """All rows together."""
    return sum(one.rows for one in rows.values())
