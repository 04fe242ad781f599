from decimal import Decimal

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from hypothesis import given
from hypothesis import strategies as st

from loyalty.conversions import BASKET, CLICK, KINDS, PURCHASED, Conversion
from loyalty.customers import (
    MAX_SEEN,
    Customer,
    Listing,
    convert,
    enlist,
    read,
    write,
)
from shared.effects import Effect

NOBODY = Customer("k@x.org")
LISTING = Listing("k@x.org", "kanga", "kanga_roo", "F", 1_000)
MEMBER = enlist(NOBODY, LISTING)


def conversion(kind: str = CLICK, number: int = 1, **changes) -> Conversion:
    return Conversion(f"id {number}", "Hoodie", kind, "k@x.org", 2_000 + number, f"cause {number}")._replace(**changes)


def decisions(customer: Customer, *conversions: Conversion) -> tuple[Customer, list[Effect]]:
    found = []
    for one in conversions:
        customer, effects = convert(customer, one)
        found += effects
    return customer, found


def test_a_members_click_earns_a_promo_code_and_nothing_else_does():
    def send(customer: Customer, kind: str) -> bool:
        _, (effect,) = convert(customer, conversion(kind))
        return effect.detail["send_promo"]

    assert [send(MEMBER, kind) for kind in (CLICK, BASKET, PURCHASED)] == [True, False, False]
    assert [send(NOBODY, kind) for kind in (CLICK, BASKET, PURCHASED)] == [False, False, False]


def test_a_purchase_makes_a_member_for_what_comes_after_it():
    after, effects = decisions(NOBODY, conversion(number=1), conversion(PURCHASED, 2), conversion(number=3))
    assert [effect.detail["send_promo"] for effect in effects] == [False, False, True]
    assert after.member_since == 2_002


def test_every_conversion_is_decided_once():
    again = [conversion(number=number) for number in (1, 2, 1, 2, 3, 1)]
    after, effects = decisions(MEMBER, *again)
    assert [effect.detail["sequence"] for effect in effects] == [1, 2, 3]
    assert after.sequence == 3
    assert len({effect.effect_id for effect in effects}) == 3


def test_the_decision_says_what_it_is_about():
    _, (effect,) = convert(NOBODY, conversion(PURCHASED, total=Decimal("18.64")))
    assert effect.key == "k@x.org"
    assert effect.caused_by == ("cause 1",)
    assert effect.detail == {
        "sequence": 1,
        "promotion": "Hoodie",
        "conversion": "PurchaseConversion",
        "where": None,
        "total": "18.64",
        "send_promo": False,
    }


def test_an_older_list_changes_no_newer_profile():
    newer = enlist(MEMBER, LISTING._replace(facebook="new", listed_at=3_000))
    assert enlist(newer, LISTING) == newer
    assert newer.member_since == MEMBER.member_since == 1_000


def test_in_one_list_the_last_line_wins():
    assert enlist(MEMBER, LISTING._replace(gender="M")).gender == "M"


@given(st.lists(st.tuples(st.sampled_from(KINDS), st.integers(0, 9)), max_size=30), st.booleans(), st.data())
def test_batches_that_come_again_change_nothing(history, listed, data):
    """Whatever of the past comes again at any time, decisions are those of each conversion's first coming."""
    start = MEMBER if listed else NOBODY
    conversions = [conversion(kind, number) for kind, number in history]
    expected = decisions(start, *conversions)
    customer, found = start, []
    for place, one in enumerate(conversions):
        customer, effects = decisions(customer, one, *conversions[data.draw(st.integers(0, place)) : place + 1])
        found += effects
    assert (customer, found) == expected


@given(
    st.lists(st.tuples(st.sampled_from(KINDS), st.integers(0, 50)), max_size=20),
    st.lists(st.text(st.characters(codec="utf-8"), max_size=5), min_size=3, max_size=3),
)
def test_an_item_holds_the_whole_customer(history, profile):
    customer = enlist(NOBODY, Listing("k@x.org", *profile, 77)) if profile[0] else NOBODY
    customer, _ = decisions(customer, *(conversion(kind, number) for kind, number in history))
    attributes = {name: value for name, value in write(customer).items() if value is not None}
    stored = {name: TypeDeserializer().deserialize(TypeSerializer().serialize(v)) for name, v in attributes.items()}
    assert read("k@x.org", stored) == customer
    assert stored["member"] == (customer.member_since is not None)


def test_what_is_remembered_is_bounded_and_the_newest_stays():
    customer, _ = decisions(MEMBER, *(conversion(number=number) for number in range(MAX_SEEN + 10)))
    assert len(customer.seen) == MAX_SEEN * 8
    assert customer.sequence == MAX_SEEN + 10
    assert decisions(customer, *(conversion(number=number) for number in range(10, MAX_SEEN + 10)))[1] == []
