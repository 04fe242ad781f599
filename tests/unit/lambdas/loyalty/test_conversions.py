import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty import conversions
from loyalty.application import Loyalty
from loyalty.channels import channel_of
from loyalty.conversions import BASKET, CLICK, DETAILED, PURCHASED, Conversion
from loyalty.identity import customer_of, email_of
from shared.events.decode import decode
from shared.events.event import ADD_TO_CART, NAMES, PAGE_VIEW, PROMOTION_CLICK, PURCHASE, Event
from tests.unit.lambdas.shared.events.conftest import CORPUS


def event(name: str = PROMOTION_CLICK, **changes) -> Event:
    return Event("e1", name, 1_000, 1_000, "browser", "Kanga@X.org", source="test")._replace(**changes)


def conversion_of(found: Event, promotion: str) -> Conversion | None:
    """As the application sees it."""
    application = Loyalty(promotion)
    key = application.key(found)
    return None if key is None else conversions.conversion_of(found, key, promotion)


def segment(event_name: str, **properties) -> Event:
    message = {
        "type": "track",
        "event": event_name,
        "messageId": "m1",
        "anonymousId": "a1",
        "timestamp": "2026-11-20T12:00:00.000Z",
        "receivedAt": "2026-11-20T12:00:01.000Z",
        "properties": properties,
        "context": {"traits": {"email": "Kanga@X.org "}},
    }
    found = decode(json.dumps(message).encode())
    assert isinstance(found, Event)
    return found


def test_conversions_are_the_same_without_the_details_of_other_events():
    kinds = set()
    for record in CORPUS.values():
        whole, bare = (decode(record, detailed)._replace(user_id="kanga@x.org") for detailed in (NAMES, DETAILED))
        assert conversion_of(bare, "p") == conversion_of(whole, "p")
        kinds |= {found.kind} if (found := conversion_of(whole, "p")) else set()
    assert kinds == {CLICK, BASKET, PURCHASED}


def test_events_of_three_kinds_are_conversions_and_others_none():
    kinds = {name: found.kind for name in NAMES if (found := conversion_of(event(name), "p"))}
    assert kinds == {PROMOTION_CLICK: CLICK, ADD_TO_CART: BASKET, PURCHASE: PURCHASED}


def test_an_event_that_names_nobody_means_nothing():
    assert conversion_of(event(user_id=None), "p") is None
    assert conversion_of(event(user_id=" "), "p") is None
    assert conversion_of(event(user_id="u" * 255), "p") is None


def test_a_segment_click_counts_under_the_name_it_gives():
    found = conversion_of(segment("Promotion Clicked", promotion_id="h1", name="MarsupialHoodie", utm_source="ig"), "p")
    assert found == Conversion("m1", "MarsupialHoodie", CLICK, "kanga@x.org", found.occurred_at, "m1", "Instagram")


def test_a_segment_order_is_a_purchase_of_its_total():
    found = conversion_of(segment("Order Completed", order_id="o1", total=18.64, products=[{"sku": "6"}]), "p")
    assert (found.kind, found.total, found.promotion) == (PURCHASED, Decimal("18.64"), "p")


def test_an_order_in_parts_is_one_conversion():
    whole = conversion_of(event(PURCHASE, event_id="a", order_id="o1", value=Decimal(9)), "p")
    part = conversion_of(event(PURCHASE, event_id="b", order_id="o1"), "p")
    other = conversion_of(event(PURCHASE, event_id="c"), "p")
    assert whole.conversion_id == part.conversion_id != other.conversion_id


@pytest.mark.parametrize(
    ("properties", "promotion"),
    [
        ({"promo1nm": "Hoodie", "promo1id": "h"}, "Hoodie"),
        ({"promo1id": "h"}, "h"),
        ({"name": " ", "promotion_id": "h"}, "h"),
        ({"contexts_com_snowplowanalytics_snowplow_ecommerce_promotion_1": [{"id": "h", "name": "Hoodie"}]}, "Hoodie"),
        ({"contexts_com_snowplowanalytics_snowplow_ecommerce_promotion_1": "?"}, "p"),
        ({"name": 7}, "p"),
        ({}, "p"),
    ],
)
def test_a_click_says_which_promotion(properties, promotion):
    assert conversion_of(event(properties=properties), "p").promotion == promotion


@pytest.mark.parametrize(
    ("changes", "channel"),
    [
        ({"properties": {"cs": "facebook"}}, "Facebook"),
        ({"properties": {"mkt_source": "newsletter"}}, "newsletter"),
        ({"page": "https://shop.example/?a=1&utm_source=IG&b"}, "Instagram"),
        ({"page": "https://shop.example/?utm_source=the+letter"}, "the letter"),
        ({"referrer": "https://l.instagram.com/?u=x"}, "Instagram"),
        ({"referrer": "android-app://com.facebook.katana/"}, "Facebook"),
        ({"referrer": "https://www.example.org:8080/x"}, "example.org"),
        ({"referrer": "about:blank"}, "unknown"),
        ({}, "unknown"),
    ],
)
def test_where_it_was_clicked(changes, channel):
    assert channel_of(event(**changes)) == channel


@pytest.mark.parametrize(
    ("changes", "customer"),
    [
        ({"user_id": "u7", "properties": {"email": " K@X.org"}}, "k@x.org"),
        ({"user_id": "u7", "properties": {"traits": {"email": "k@x.org"}}}, "k@x.org"),
        ({"user_id": "u7", "properties": {"email": "none", "traits": 3}}, "u7"),
        ({"user_id": " U7 "}, "U7"),
        ({"user_id": "K@X.org"}, "k@x.org"),
    ],
)
def test_a_customer_goes_by_their_email_else_by_their_id(changes, customer):
    assert customer_of(event(**changes)) == customer


@given(st.text(max_size=20) | st.emails())
def test_an_email_is_its_own(text):
    found = email_of(text)
    assert found is None or email_of(found) == found


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)
names = st.sampled_from(["email", "traits", "name", "promo1nm", "cs", "promotion_id", "utm_source"])


@given(
    st.sampled_from([PROMOTION_CLICK, ADD_TO_CART, PURCHASE, PAGE_VIEW]),
    st.dictionaries(names, json_values, max_size=4),
    st.none() | st.text(max_size=40),
    st.none() | st.text(max_size=40),
)
def test_whatever_stands_in_an_event_is_a_bounded_conversion_or_none(name, properties, user_id, address):
    found = conversion_of(event(name, properties=properties, user_id=user_id, page=address, referrer=address), "p")
    if found is not None:
        assert 1 <= len(found.customer.encode()) <= 254
        assert 1 <= len(found.promotion.encode()) <= 128
        assert found.where is None or 1 <= len(found.where.encode()) <= 64
