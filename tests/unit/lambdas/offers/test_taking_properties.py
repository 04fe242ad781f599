"""Whatever is repeated, re-ordered or cut in batches: the same is known of the same people.

What is known (items, orders, addresses, who a client is) is the same always, where each client has one user at most.
Offers are made on what was known at the time, and are not taken back. So of them it holds that a customer gets one
at most in a cool-down; that whoever has earned one when all is known has got one; and where nothing is put back or
bought, that exactly those get one, in any order.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from offers.customer import Customer
from offers.rows import client_of, customer_of
from offers.rules import Rules
from offers.taking import Tables, take

from tests.integration.offers.records import BEGIN, DAY, SECOND, Record, batch, hit
from tests.unit.lambdas.offers.memory import MemoryTable

RULES = Rules()
USERS = {"phone": "ann", "laptop": "ann", "tablet": "bob", "kiosk": None}


@pytest.fixture(autouse=True, scope="module")
def quiet() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("offers.taking.report", lambda _batch, _tally: None)
        yield


@contextmanager
def little_room() -> Iterator[None]:
    """For a few items and orders only."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("offers.customer.MAX_ITEMS", 4)
        patched.setattr("offers.customer.MAX_ORDERS", 2)
        yield


@st.composite
def histories(draw: st.DrawFn, actions: Sequence[str] = ("remove", "add", "purchase", "pageview")) -> list[Record]:
    """Events of four clients, some of them named, in order of time; the longest span is beyond the rules' memory."""
    found = []
    step = draw(st.sampled_from([SECOND, DAY, 5 * DAY]))
    for number in range(draw(st.integers(1, 12))):
        action, client = draw(st.sampled_from(actions)), draw(st.sampled_from(list(USERS)))
        found.append(
            hit(
                f"event-{number}",
                action,
                BEGIN + draw(st.integers(0, 10)) * step,
                client=client,
                user=draw(st.sampled_from([USERS[client], None])),
                skus=draw(st.lists(st.sampled_from("abcdef"), max_size=3, unique=True)),
                value=draw(st.sampled_from(["20", "50", "80", "120.50"])) if action == "purchase" else None,
                late=draw(st.sampled_from([0, 0, SECOND, 40 * DAY])),
            )
        )
    return sorted(found, key=lambda record: record.arrived)


@st.composite
def deliveries(draw: st.DrawFn, history: Sequence[Record]) -> list[list[Record]]:
    """A history in any order, partly repeated, in batches."""
    records = draw(st.permutations([*history, *draw(st.lists(st.sampled_from(history), max_size=5))]))
    cuts = sorted(draw(st.sets(st.integers(1, len(records)), max_size=4)))
    return [list(records[begin:end]) for begin, end in zip([0, *cuts], [*cuts, len(records)], strict=True)]


class Memory(NamedTuple):
    users: MemoryTable
    clients: MemoryTable


def run(batches: Sequence[Sequence[Record]]) -> Memory:
    tables = Memory(MemoryTable(), MemoryTable())
    for records in batches:
        assert take(batch(records), Tables(*tables), RULES, lambda _refused: []) == {"batchItemFailures": []}
    return tables


def known(tables: Memory) -> dict[str, object]:
    """What is known of everybody, without the offers; when a client was named depends on which name came first."""
    people: dict[str, object] = {
        user_id: without_offers(customer_of(stored.attributes)) for user_id, stored in tables.users.items.items()
    }
    for client_id, stored in tables.clients.items.items():
        client = client_of(stored.attributes)
        people[client_id] = [since.user_id for since in client.users] or without_offers(client.anonymous)
    return people


def without_offers(customer: Customer) -> Customer:
    return customer._replace(offered={}, offer=None)


def qualifies(customer: Customer) -> bool:
    return customer.highest is not None and customer.highest.value > 50 and bool(customer.removed)


@settings(max_examples=50)
@given(data=st.data())
def test_the_same_is_known_however_events_come(data: st.DataObject):
    history = data.draw(histories())
    with little_room():
        assert known(run(data.draw(deliveries(history)))) == known(run([[record] for record in history]))


@settings(max_examples=50)
@given(data=st.data())
def test_who_has_earned_an_offer_has_one_and_nobody_two(data: st.DataObject):
    history = data.draw(histories())
    tables = run(data.draw(deliveries(history)))
    offers = [*tables.users.effects, *tables.clients.effects]
    assert len({effect.effect_id for effect in offers}) == len(offers)
    users = {user_id: customer_of(stored.attributes) for user_id, stored in tables.users.items.items()}
    clients = {client_id: client_of(stored.attributes) for client_id, stored in tables.clients.items.items()}
    people = {**users, **{client_id: client.anonymous for client_id, client in clients.items() if not client.users}}
    for name, customer in people.items():
        if qualifies(customer):
            assert customer.offer is not None, name
    for effect in offers:
        assert effect.caused_by
        assert set(effect.caused_by) <= {f"event-{number}" for number in range(12)}
    if max(record.arrived for record in history) - BEGIN < RULES.cooldown:
        for keys in (tables.users.effects, tables.clients.effects):
            assert len({effect.key for effect in keys}) == len(keys), "one each in a cool-down"


@settings(max_examples=50)
@given(data=st.data())
def test_where_nothing_is_put_back_the_same_users_get_offers_in_any_order(data: st.DataObject):
    history = []
    for number in range(data.draw(st.integers(1, 8))):
        client, value = data.draw(st.sampled_from(["phone", "tablet"])), data.draw(st.sampled_from(["50", "80", None]))
        action, skus = ("purchase", "") if value else ("remove", "a")
        at = BEGIN + number * SECOND
        history.append(hit(f"event-{number}", action, at, client=client, user=USERS[client], skus=skus, value=value))
    once, often = run([[record] for record in history]), run(data.draw(deliveries(history)))
    assert {effect.key for effect in often.users.effects} == {effect.key for effect in once.users.effects}
    assert len(often.users.effects) == len(once.users.effects)
