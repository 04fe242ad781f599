"""A batch of events into the tables of customers and clients.

Each event belongs to a user: the one it names, or whom its client was at that time; else to the client. A client that
is named for the first time hands what is known of it to its user: the user is written first, then the client, so that a
function which dies in between has done half of something that can be done again. Every write is conditional on the
item's version. Where somebody else wrote, the events concerned are taken again from what stands there now: an event
that is known already adds nothing.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from botocore.exceptions import BotoCoreError, ClientError

from offers.customer import NOBODY, Customer, join, learn, says_something
from offers.decision import Identity, decide
from offers.identity import Client
from offers.rows import client_of, client_row, customer_of, customer_row
from offers.rules import Rules
from shared.effects import Effect
from shared.events.event import Event
from shared.processing import Refuse, Seen, Tally, read_events, refuse_once, report
from shared.records import Failures, failures, kinesis_records
from shared.states import Conflict, StateTable, Stored, Unread

MAX_ROUNDS = 10


class Tables(NamedTuple):
    """users by user_id, clients by client_id."""

    users: StateTable
    clients: StateTable


@dataclass(slots=True)
class Share:
    """What a batch means for one customer.

    seen: its events. joining: what is known of clients that turn out to be it. behind: those clients' events, which are
    done with only when both are written.
    """

    seen: list[Seen] = field(default_factory=list)
    joining: list[Customer] = field(default_factory=list)
    behind: list[Seen] = field(default_factory=list)


@dataclass(slots=True)
class Naming:
    """A client that events of the batch name. seen: all of its events. joins: the user who takes what it left."""

    client: Client
    seen: list[Seen]
    joins: str | None = None


@dataclass(slots=True)
class Plan:
    """Who gets what. users: by user id. anonymous, named: by client id."""

    users: dict[str, Share] = field(default_factory=dict)
    anonymous: dict[str, Share] = field(default_factory=dict)
    named: dict[str, Naming] = field(default_factory=dict)


def take(batch: Mapping[str, Any], tables: Tables, rules: Rules, refuse: Refuse) -> Failures:
    """Takes a batch of a Kinesis stream in; returns Lambda's partial batch answer. It raises nothing of its own."""
    tally = Tally()
    records = kinesis_records(batch)
    found, refused = read_events(records, tally)
    pending = [Seen(record.sequence, dated(event, record.arrived)) for record, event in found if concerns(event)]
    tally.ignored = len(found) - len(pending)
    for _ in range(MAX_ROUNDS):
        if not pending:
            break
        pending = Round(tables, rules, tally).run(pending)
    for seen in pending:
        tally.fail(seen.sequence, Conflict())
    refuse_once(records, refused, refuse, tally)
    report(batch, tally)
    return failures(tally.failed)


def concerns(event: Event) -> bool:
    """Whether an event says something of somebody: a signal, or who a client is."""
    if event.client_id and event.user_id:
        return True
    return bool(event.client_id or event.user_id) and says_something(event)


def dated(event: Event, arrived: int) -> Event:
    """The event with the time it came to us in place of what its sender says of that: the rules' clock goes by it.

    So a sender whose clock is wrong, or who sends last year's events once more, can not move it.
    """
    return event._replace(received_at=arrived, occurred_at=min(event.occurred_at, arrived))


def planned(pending: Sequence[Seen], clients: Mapping[str, Client]) -> Plan:
    """Shares the events out. clients: what is known of each client that the events come from."""
    plan = Plan()
    now = dict(clients)
    for seen in pending:
        event = seen.event
        if event.client_id and event.user_id:
            now[event.client_id] = now[event.client_id].named(event.occurred_at, event.user_id)
    for client_id, client in now.items():
        before = clients[client_id]
        if client is not before:
            naming = plan.named[client_id] = Naming(client, [])
            if before.anonymous != NOBODY:
                naming.joins = client.users[0].user_id
                plan.users.setdefault(naming.joins, Share()).joining.append(before.anonymous)
    for seen in pending:
        event = seen.event
        if event.client_id in plan.named:
            naming = plan.named[event.client_id]
            naming.seen.append(seen)
            if naming.joins:
                plan.users[naming.joins].behind.append(seen)
        user_id = event.user_id
        if not user_id:
            assert event.client_id is not None
            user_id = now[event.client_id].user_at(event.occurred_at)
        if says_something(event):
            if user_id:
                plan.users.setdefault(user_id, Share()).seen.append(seen)
            elif event.client_id:
                plan.anonymous.setdefault(event.client_id, Share()).seen.append(seen)
    return plan


class Round:
    """One attempt at some events. What it could not write for conflicts comes back; what failed is in the tally."""

    def __init__(self, tables: Tables, rules: Rules, tally: Tally) -> None:
        self._tables, self._rules, self._tally = tables, rules, tally
        self._again: list[Seen] = []

    def run(self, pending: Sequence[Seen]) -> list[Seen]:
        """Returns the events to take again."""
        client_ids = {seen.event.client_id for seen in pending if seen.event.client_id}
        clients = self._load(self._tables.clients, client_ids, pending)
        if clients is None:
            return []
        known, pending = self._readable(clients, pending)
        plan = planned(pending, known)
        users = self._load(self._tables.users, set(plan.users), pending)
        if users is None:
            return []
        written = {user_id for user_id, share in plan.users.items() if self._take_user(user_id, share, users[user_id])}
        for client_id, naming in plan.named.items():
            if naming.joins is None or naming.joins in written:
                self._name(client_id, naming, clients[client_id])
        for client_id, share in plan.anonymous.items():
            self._take_anonymous(client_id, share, clients[client_id])
        return list({seen.sequence: seen for seen in self._again}.values())

    def _load(self, table: StateTable, keys: set[str], pending: Sequence[Seen]) -> dict[str, Stored] | None:
        try:
            return table.load(keys)
        except (Unread, BotoCoreError, ClientError) as error:
            self._fail(pending, error)
            return None

    def _readable(
        self, clients: Mapping[str, Stored], pending: Sequence[Seen]
    ) -> tuple[dict[str, Client], Sequence[Seen]]:
        """The clients, and the events without those of a client whose item nobody can read."""
        known: dict[str, Client] = {}
        for client_id, stored in clients.items():
            try:
                known[client_id] = client_of(stored.attributes)
            except Exception as error:  # whatever is wrong with one client must not stop the others
                self._fail([seen for seen in pending if seen.event.client_id == client_id], error)
                pending = [seen for seen in pending if seen.event.client_id != client_id]
        return known, pending

    def _take_user(self, user_id: str, share: Share, stored: Stored) -> bool:
        return self._take(Identity("user", user_id), share, stored, self._tables.users)

    def _take_anonymous(self, client_id: str, share: Share, stored: Stored) -> bool:
        return self._take(Identity("client", client_id), share, stored, self._tables.clients)

    def _take(self, identity: Identity, share: Share, stored: Stored, table: StateTable) -> bool:
        """Whether all that the share holds now stands in the table."""

        def write() -> None:
            before = customer_of(stored.attributes)
            customer, effect = step(identity, before, share, self._rules)
            if customer != before:
                self._save(table, identity.customer_id, customer_row(customer, self._rules), stored.version, effect)

        return self._try(write, [*share.seen, *share.behind])

    def _name(self, client_id: str, naming: Naming, stored: Stored) -> None:
        def write() -> None:
            row = client_row(naming.client, self._rules)
            self._save(self._tables.clients, client_id, row, stored.version, None)

        self._try(write, naming.seen)

    def _save(self, table: StateTable, key: str, row: Mapping[str, Any], version: int, effect: Effect | None) -> None:
        effects = [effect] if effect else []
        table.save(key, row, version, effects)
        self._tally.writes += 1
        self._tally.effects += len(effects)

    def _try(self, write: Callable[[], None], seen: Sequence[Seen]) -> bool:
        try:
            write()
        except Conflict:
            self._again += seen
            return False
        except Exception as error:  # whatever is wrong with one customer must not stop the others
            self._fail(seen, error)
            return False
        return True

    def _fail(self, seen: Sequence[Seen], error: Exception) -> None:
        for one in seen:
            self._tally.fail(one.sequence, error)


def step(identity: Identity, customer: Customer, share: Share, rules: Rules) -> tuple[Customer, Effect | None]:
    """What a share of a batch means for one customer. No clock, no network."""
    after = learn(customer, (seen.event for seen in share.seen), rules)
    for other in share.joining:
        after = join(after, other, rules)
    if after == customer:
        return customer, None
    return decide(identity, after, rules)
