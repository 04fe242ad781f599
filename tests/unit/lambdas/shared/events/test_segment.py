"""Messages of Segment's Kinesis destination."""

from decimal import Decimal
from typing import Any

import pytest

ORDER = "segment_order_completed.json"
NAMED = {"request.body.name": "Home", "request.body.category": "Docs"}


def test_an_uncorrected_time_is_corrected_by_the_time_it_was_sent(changed: Any) -> None:
    event = changed.json(ORDER, {"timestamp": None})
    assert event.received_at - event.occurred_at == 101  # sentAt less originalTimestamp


def test_a_time_is_the_same_in_every_zone_and_utc_without_one(changed: Any) -> None:
    moments = ["2019-02-25T15:55:05.904Z", "2019-02-25T16:55:05.904+01:00", "2019-02-25T15:55:05.904"]
    assert {changed.json(ORDER, {"timestamp": moment}).occurred_at for moment in moments} == {1_551_110_105_904}


def test_a_time_in_the_future_is_the_time_it_was_received(changed: Any) -> None:
    event = changed.json(ORDER, {"timestamp": "2031-01-01T00:00:00Z"})
    assert event.occurred_at == event.received_at == 1_551_110_106_005


def test_a_time_of_last_year_is_kept(changed: Any) -> None:
    assert changed.json(ORDER, {"timestamp": "2018-02-25T00:00:00Z"}).occurred_at == 1_519_516_800_000


def test_without_receivedat_the_event_was_received_when_it_happened(changed: Any) -> None:
    event = changed.json(ORDER, {"receivedAt": None})
    assert event.occurred_at == event.received_at == 1_551_110_105_904


@pytest.mark.parametrize(
    ("names", "value"), [([], "30"), (["total"], "25"), (["total", "revenue"], None)], ids=["total", "revenue", "none"]
)
def test_an_orders_value_is_its_total_else_its_revenue(changed: Any, names: list[str], value: str | None) -> None:
    event = changed.json(ORDER, {f"properties.{name}": None for name in names})
    assert event.value == (value and Decimal(value))


def test_a_product_without_a_sku_goes_by_its_id(changed: Any) -> None:
    assert changed.json("segment_product_clicked.json", {}).skus == {"507f1f77bcf86cd799439011"}


def test_a_list_of_products_keeps_those_that_can_be_read(changed: Any) -> None:
    products = [{"sku": "a", "price": "12,5", "quantity": 0}, 7, {"name": "no id"}, {"sku": 42, "quantity": "3"}]
    event = changed.json(ORDER, {"properties.products": products})
    assert [(one.sku, one.price, one.quantity) for one in event.products] == [("a", None, 1), ("42", None, 3)]


@pytest.mark.parametrize(
    ("spelled", "name"),
    [
        *(
            (spelled, "purchase")
            for spelled in ("order completed", "Completed Order", "order_completed", "ORDER COMPLETED ")
        ),
        *((spelled, "product_click") for spelled in ("Clicked Product", "productClicked", "_clicked_product")),
        *((spelled, "promotion_click") for spelled in ("promotion_clicked", "Clicked Promotion")),
        *((spelled, "custom") for spelled in ("Order", "Completed", "Order Completed Twice", "Promotion Viewed", " ")),
    ],
)
def test_names_are_known_however_they_are_spelled(changed: Any, spelled: str, name: str) -> None:
    assert changed.json(ORDER, {"event": spelled}).name == name


def test_the_persons_email_is_a_property_wherever_it_is_sent(changed: Any) -> None:
    emails = {
        name: changed.json(name, {}).properties["email"]
        for name in ("segment_identify.json", ORDER, "segment_destination_tester.json")
    }
    assert list(emails.values()) == ["jane@example.org", "jane@example.org", "test@example.org"]


@pytest.mark.parametrize("record", ["segment_page.json", "segment_screen.json", "envelope_segment_page.json"])
def test_pages_and_screens_keep_their_name_and_category(changed: Any, record: str) -> None:
    event = changed.json(record, NAMED if "envelope" in record else {"name": "Home", "category": "Docs"})
    assert (event.properties["name"], event.properties["category"]) == ("Home", "Docs")


def test_a_property_of_that_name_is_the_pages_own(changed: Any) -> None:
    event = changed.json("segment_page.json", {"name": "Home", "properties": {"name": "Start"}})
    assert event.properties["name"] == "Start"
    assert "name" not in changed.json("segment_page.json", {"name": 7, "properties": {}}).properties


def test_an_alias_ties_the_earlier_id_to_the_person(changed: Any) -> None:
    event = changed.json("segment_alias.json", {})
    assert (event.name, event.client_id, event.user_id) == (
        "identify",
        "23adfd82-aa0f-45a7-a756-24f2a7a4c895",
        "user-2941404340",
    )


def test_a_very_long_id_is_replaced_by_one_that_is_the_same_every_time(changed: Any) -> None:
    first, second, other = (changed.json(ORDER, {"messageId": text}) for text in ("x" * 999, "x" * 999, "x" * 998))
    assert first.event_id == second.event_id != other.event_id
    assert len(first.event_id) == 36
