"""Google Analytics' hits in the platform's own envelope."""

from decimal import Decimal
from typing import Any

import pytest


def test_a_hit_happened_when_it_was_received_less_its_queue_time(changed: Any) -> None:
    for queue_time in ("2500", 2500):
        event = changed.json("envelope_page_view.json", {"request.body.qt": queue_time})
        assert event.received_at - event.occurred_at == 2_500


@pytest.mark.parametrize("queue_time", ["-1", -1, "soon", 1.5, True, [], "9" * 30, 10**17])
def test_a_wrong_queue_time_is_none(changed: Any, queue_time: object) -> None:
    event = changed.json("envelope_page_view.json", {"request.body.qt": queue_time})
    assert event.occurred_at == event.received_at


def test_products_come_in_the_order_of_their_numbers_and_gaps_do_not_end_them(changed: Any) -> None:
    more = {
        "request.body.pr10id": "ten",
        "request.body.pr2id": None,
        "request.body.pr3nm": "named",
        "request.body.pr3id": "",
    }
    event = changed.json("envelope_purchase.json", more)
    assert [product.sku for product in event.products] == ["ocean-blue-shirt", "Uno", "named", "ten"]


@pytest.mark.parametrize("number", ["", "x", "²", "1234", "9" * 5_000])
def test_what_only_looks_like_a_product_is_none(changed: Any, number: str) -> None:
    event = changed.json("envelope_add_to_cart.json", {f"request.body.pr{number}id": "other"})
    assert [product.sku for product in event.products] == ["ocean-blue-shirt"]


def test_one_wrong_value_costs_itself_only(changed: Any) -> None:
    wrong = {f"request.body.{name}": "abc" for name in ("tr", "pr1pr", "pr1qt")} | {"request.body.cu": "euro"}
    event = changed.json("envelope_purchase.json", wrong)
    assert (event.name, event.value, event.currency, event.order_id) == ("purchase", None, None, "T-1001")
    assert (event.products[0].sku, event.products[0].price, event.products[0].quantity) == ("ocean-blue-shirt", None, 1)
    assert event.products[1].price == Decimal("24.99")


def test_a_purchase_that_also_shows_a_promotion_is_a_purchase(changed: Any) -> None:
    assert changed.json("envelope_purchase.json", {"request.body.promoa": "click"}).name == "purchase"


@pytest.mark.parametrize("revenue", [None, "", " "])
def test_a_purchase_that_does_not_say_its_value_is_worth_its_products(changed: Any, revenue: str | None) -> None:
    """As the protocol has it: https://developers.google.com/analytics/devguides/collection/protocol/v1/parameters#tr"""
    prices = {"request.body.pr1pr": "19.99", "request.body.pr1qt": "2", "request.body.pr2pr": "5"}
    event = changed.json("envelope_purchase.json", {"request.body.tr": revenue, **prices})
    assert event.value == Decimal("44.98")
    prices = dict.fromkeys(prices)
    assert changed.json("envelope_purchase.json", {"request.body.tr": revenue, **prices}).value is None


def test_a_purchase_of_nothing_is_worth_nothing(changed: Any) -> None:
    assert [changed.json("envelope_purchase.json", {"request.body.tr": zero}).value for zero in ("0", 0)] == [0, 0]


@pytest.mark.parametrize("action", ["Purchase", "PURCHASE", " purchase "])
def test_capitals_and_spaces_make_no_other_action(changed: Any, action: str) -> None:
    event = changed.json("envelope_purchase.json", {"request.body.pa": action})
    assert (event.name, len(event.products)) == ("purchase", 2)
    assert changed.json("envelope_promotion_click.json", {"request.body.promoa": " Click"}).name == "promotion_click"


@pytest.mark.parametrize("action", [[], {}, 7, "refund", "checkout", "checkout_option"])
def test_an_action_without_a_name_of_its_own_is_custom(changed: Any, action: object) -> None:
    assert changed.json("envelope_add_to_cart.json", {"request.body.pa": action}).name == "custom"


def test_all_parameters_are_kept_as_properties(changed: Any) -> None:
    event = changed.json("envelope_promotion_click.json", {})
    assert (event.properties["promo1id"], event.properties["promo1nm"]) == ("spring-sale", "Spring sale")


def test_products_seen_in_lists_are_no_products_of_the_event(changed: Any) -> None:
    event = changed.json("envelope_impressions.json", {})
    assert (event.name, event.products) == ("page_view", ())
    assert event.properties["il1pi2id"] == "46493-32"


def test_a_page_that_asks_for_a_checkout_stays_a_page_view_with_its_products(changed: Any) -> None:
    event = changed.json("envelope_checkout.json", {"request.body.t": "pageview"})
    assert (event.name, event.properties["pa"]) == ("page_view", "checkout")
    assert [product.sku for product in event.products] == ["ocean-blue-shirt"]
