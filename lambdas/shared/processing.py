"""How an application reads a stream: group a batch by key, step through each key's events, one write a key.

Partial failures are per item: what can not be decoded is refused; an event that its application chokes on, and whatever
can not be written, fails alone with what follows it under its key, and Lambda repeats the batch from the first failed
record. A step gives the same state for an event it has seen, so a batch that is repeated changes nothing.
"""

import logging
from collections.abc import Callable, Collection, Container, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol, TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from shared.effects import Effect
from shared.errors import error_code
from shared.events.decode import decode
from shared.events.event import NAMES, Event, Undecodable
from shared.observability import count, log
from shared.records import Failures, Record, done_of, failures, kinesis_records
from shared.states import NOTHING, Conflict, StateTable, Stored, Unread

State = TypeVar("State")

MAX_CONFLICTS = 10


class Application(Protocol[State]):
    """What an application is; all of it pure.

    key: whose state an event belongs to, several where it concerns several (the products of an order, say), None where
    it means nothing here. step: what one event means for one of them. read, write: the state from and to an item's
    attributes.
    """

    def key(self, event: Event) -> str | Collection[str] | None: ...
    def step(self, state: State, event: Event) -> tuple[State, Sequence[Effect]]: ...
    def read(self, key: str, stored: Stored) -> State: ...
    def write(self, state: State) -> dict[str, Any]: ...


class Refused(NamedTuple):
    """A record that is no event, and why."""

    record: Record
    why: Undecodable


class Seen(NamedTuple):
    """An event, and the sequence number of the record it stood in."""

    sequence: str
    event: Event


# Keeps refused records as bad rows; returns the sequence numbers of those it could not keep.
Refuse = Callable[[Sequence[Refused]], Sequence[str]]


@dataclass(slots=True)
class Tally:
    """What became of a batch. failed: sequence numbers. errors: codes and exception types, for the log."""

    events: int = 0
    ignored: int = 0
    refused: int = 0
    writes: int = 0
    effects: int = 0
    failed: list[str] = field(default_factory=list)
    errors: set[str] = field(default_factory=set)

    def fail(self, sequence: str, error: Exception) -> None:
        self.failed.append(sequence)
        self.errors.add(error_code(error))


def process(
    batch: Mapping[str, Any],
    application: Application[Any],
    table: StateTable,
    refuse: Refuse,
    detailed: Container[str] = NAMES,
) -> Failures:
    """Takes a batch of a Kinesis stream in; returns Lambda's partial batch answer. It raises nothing of its own.

    detailed: the events whose products, value or currency the application looks at, by name.
    """
    tally = Tally()
    records = kinesis_records(batch)
    found, refused = read_events(records, tally, detailed)
    step_all(sort_out(found, application, tally), application, table, tally)
    refuse_once(records, refused, refuse, tally)
    report(batch, tally)
    return failures(tally.failed)


def refuse_once(records: Sequence[Record], refused: Sequence[Refused], refuse: Refuse, tally: Tally) -> None:
    """Refuses the records that do not come again: Lambda repeats a batch from the first failed record on."""
    failed = set(tally.failed)
    begin = next((number for number, record in enumerate(records) if record.sequence in failed), len(records))
    settled = {record.sequence for record in records[:begin]}
    wanted = [one for one in refused if one.record.sequence in settled]
    if wanted:
        tally.failed += refuse(wanted)


def read_events(
    records: Sequence[Record], tally: Tally, detailed: Container[str] = NAMES
) -> tuple[list[tuple[Record, Event]], list[Refused]]:
    """The events of a batch, each with its record, and what is none; counts both. detailed: see `process`."""
    found: list[tuple[Record, Event]] = []
    refused: list[Refused] = []
    for record in records:
        event = decode(record.data, detailed)
        if isinstance(event, Undecodable):
            refused.append(Refused(record, event))
        else:
            found.append((record, event))
    tally.events += len(found)
    tally.refused += len(refused)
    return found, refused


def sort_out(
    found: Sequence[tuple[Record, Event]], application: Application[Any], tally: Tally
) -> dict[str, list[Seen]]:
    """The batch's events by key, each key's in their order."""
    by_key: dict[str, list[Seen]] = {}
    for record, event in found:
        try:
            wanted = application.key(event)
        except Exception as error:  # a fault of ours, which must not cost the other events
            tally.fail(record.sequence, error)
            continue
        keys = (wanted,) if isinstance(wanted, str) else wanted
        if not keys:
            tally.ignored += 1
            continue
        for key in keys:
            by_key.setdefault(key, []).append(Seen(record.sequence, event))
    return by_key


def step_all(
    by_key: Mapping[str, Sequence[Seen]], application: Application[Any], table: StateTable, tally: Tally
) -> None:
    """Brings every key's state up to date."""
    try:
        found = table.load(by_key)
    except (Unread, BotoCoreError, ClientError) as error:
        for seen in by_key.values():
            tally.fail(seen[0].sequence, error)
        return
    for key, seen in by_key.items():
        try:
            step_key(key, seen, found[key], application, table, tally)
        except Exception as error:  # an item nobody can read or write, say: it must not stop the other keys
            tally.fail(seen[0].sequence, error)


def step_key(
    key: str,
    seen: Sequence[Seen],
    stored: Stored,
    application: Application[Any],
    table: StateTable,
    tally: Tally,
) -> None:
    """Steps through one key's events and writes what changed; again from what another has written meanwhile."""
    for _ in range(MAX_CONFLICTS):
        before = state = application.read(key, stored)
        effects: list[Effect] = []
        poison: tuple[str, Exception] | None = None
        for sequence, event in seen:
            try:
                state, more = application.step(state, event)
            except Exception as error:  # a fault of ours: what came before it counts, what follows waits behind it
                poison = (sequence, error)
                break
            effects += more
        try:
            if state != before or effects:
                table.save(key, application.write(state), stored.version, effects)
                tally.writes += 1
                tally.effects += len(effects)
        except Conflict:
            stored = table.load([key]).get(key, NOTHING)
            continue
        if poison:
            tally.fail(*poison)
        return
    raise Conflict(key)


def report(batch: Mapping[str, Any], tally: Tally) -> None:
    """One log line and the metrics of a batch."""
    done = done_of(batch, tally.failed)
    log(
        logging.WARNING if tally.failed else logging.INFO,
        "batch",
        **done,
        events=tally.events,
        ignored=tally.ignored,
        refused=tally.refused,
        writes=tally.writes,
        effects=tally.effects,
        failed=len(tally.failed),
        errors=sorted(tally.errors),
    )
    count(
        {
            "Processed": done["done"],
            "Refused": tally.refused,
            "Writes": tally.writes,
            "Effects": tally.effects,
            "Failed": done["again"],
        },
        by_reason={},
    )
