"""The plain counts, by which `make applications ARGS=--check` judges."""

from decimal import Decimal
from typing import Any

from headrace.applications.expected import decisions, fed, levels, offered
from shared.events.event import Event, Product

MINIMUM = Decimal(50)


def event(number: int, name: str, *skus: str, **changes: Any) -> Event:
    products = tuple(Product(sku, price=Decimal(30)) for sku in skus)
    return Event(f"event-{number}", name, number, number, client_id="client", products=products)._replace(**changes)


def test_an_order_of_two_products_is_two_interactions_however_often_it_came():
    order = event(1, "purchase", "hat", "shirt")
    assert fed([order, order, event(2, "page_view"), event(3, "product_view", "hat")], views=False) == {
        "Order Completed": 2
    }
    assert fed([event(3, "product_view", "hat")], views=True) == {"Product Viewed": 1}


def test_parts_of_an_order_are_one_decision_and_strangers_earn_none():
    known = {"user_id": "user", "order_id": "order"}
    parts = [event(1, "purchase", **known), event(2, "purchase", "hat", **known)]
    assert decisions([*parts, event(3, "add_to_cart", "hat"), event(4, "promotion_click", user_id="user")]) == {
        "PurchaseConversion": 1,
        "ClickConversion": 1,
    }


def test_a_visitor_is_where_their_newest_event_says_if_that_is_new_enough():
    events = [event(9, "purchase"), event(3, "page_view"), event(4, "page_view", client_id="gone")]
    assert levels(events, since=5) == {"purchased": 1}


def test_who_bought_and_left_something_qualifies_as_one_person():
    bought = event(1, "purchase", "hat", value=Decimal("50.01"))
    left = event(2, "remove_from_cart", "shirt", user_id="user")
    assert offered([bought, left], MINIMUM).surely == {"user"}
    assert not offered([bought._replace(value=Decimal(50)), left], MINIMUM).perhaps
    assert not offered([bought, left._replace(user_id=None, client_id="another")], MINIMUM).perhaps


def test_who_put_it_back_may_have_got_the_offer_before():
    events = [event(1, "purchase", "hat", "shoe"), event(2, "remove_from_cart", "shirt")]
    qualified = offered([*events, event(3, "add_to_cart", "shirt")], MINIMUM)
    assert not qualified.surely
    assert qualified.perhaps == {"client"}


def test_parts_of_an_order_are_worth_what_the_whole_says():
    parts = [event(1, "purchase", order_id="order", value=Decimal(60)), event(2, "purchase", "hat", order_id="order")]
    assert offered([*parts, event(3, "remove_from_cart", "shirt")], MINIMUM).surely == {"client"}
