"""What is written of a customer is what is read again."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st
from offers.customer import Address, Customer, Item, Offer, Order
from offers.identity import Client, Since
from offers.rows import client_of, client_row, customer_of, customer_row
from offers.rules import Rules

ids = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=10)
times = st.integers(0, 253_402_300_799_999)
amounts = st.decimals(-(10**14), 10**14, allow_nan=False, allow_infinity=False, places=4)
customers = st.builds(
    Customer,
    clock=times,
    items=st.dictionaries(ids, st.builds(Item, times, st.booleans(), ids, st.just("name")), max_size=3),
    orders=st.dictionaries(ids, st.builds(Order, times, amounts, ids), max_size=3),
    offered=st.dictionaries(ids, times, max_size=3),
    offer=st.none() | st.builds(Offer, times, ids, st.booleans()),
    address=st.none() | st.builds(Address, times, ids, st.just("ann@example.org")),
)


@given(customers)
def test_a_customer_survives_the_table(customer: Customer):
    assert customer_of(customer_row(customer, Rules())) == customer
    assert client_of(client_row(Client((), customer), Rules())) == Client((), customer)


@given(st.lists(st.builds(Since, times, ids), min_size=1, max_size=3))
def test_a_client_that_was_named_survives_the_table(users: list[Since]):
    assert client_of(client_row(Client(tuple(users)), Rules())) == Client(tuple(users))


def test_the_references_attributes_are_there_for_others_to_read():
    customer = Customer(
        clock=10,
        items={"left": Item(1, False, "e1", ""), "kept": Item(2, True, "e2", "")},
        orders={"T1": Order(1, Decimal(80), "e3"), "T2": Order(2, Decimal(20), "e4")},
        offer=Offer(10, "offer", sent=True),
    )
    row = customer_row(customer, Rules())
    assert row["removed_items"] == {"left"}
    assert (row["purchase"], row["purchase_value"], row["offer_sent"]) == (True, Decimal(80), True)
    assert (row["purchase_count"], row["purchase_last_value"]) == (2, Decimal(20))


DAY = 86_400_000


def test_a_customer_of_whom_only_the_address_is_known_expires():
    customer = Customer(address=Address(100 * DAY, "e1", "ann@example.org"))
    rules = Rules(memory=30 * DAY, cooldown=10 * DAY)
    assert customer_row(customer, rules)["expires_at"] == 130 * DAY // 1000


@given(customers, times, times)
def test_whatever_is_newest_says_when_a_customer_expires(customer: Customer, clock: int, said: int):
    known = customer._replace(clock=clock, address=Address(said, "e1", "ann@example.org"))
    if newest := max(clock, said):
        assert customer_row(known, Rules())["expires_at"] == (newest + 30 * DAY) // 1000


def test_nobody_has_nothing_to_expire():
    assert "expires_at" not in customer_row(Customer(), Rules())
