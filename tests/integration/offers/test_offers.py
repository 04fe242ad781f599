"""What customers do, and which offers they get, with the real functions on the emulated account."""

from decimal import Decimal
from pathlib import Path

import pytest

from tests.integration.offers.records import BEGIN, DAY, SECOND, Record, hit, identify
from tests.integration.offers.shop import Shop

CORPUS = Path(__file__).parents[2] / "unit" / "lambdas" / "shared" / "events" / "corpus"


def test_the_reference_case_a_purchase_over_50_and_a_removed_sku_are_one_offer(shop: Shop):
    shop.run(
        [
            hit("removed", "remove", BEGIN, user="u1", skus=["sku-1"]),
            hit("bought", "purchase", BEGIN + SECOND, user="u1", value="50.01", order="T1"),
        ]
    )
    row = shop.user("u1")
    assert row["removed_items"] == {"sku-1"}
    assert row["purchase"] is True
    assert row["purchase_value"] == Decimal("50.01")
    assert row["offer_sent"] is True
    (offer,) = shop.on_bus()
    assert offer["customer"] == "u1"
    assert offer["items"] == [{"sku": "sku-1", "name": "the sku-1"}]
    assert offer["caused_by"] == ["bought", "removed"]

    shop.run(
        [
            hit("removed-2", "remove", BEGIN + 60 * SECOND, user="u1", skus=["sku-2"]),
            hit("bought-2", "purchase", BEGIN + 61 * SECOND, user="u1", value="900", order="T2"),
        ]
    )
    assert shop.on_bus() == [], "no second offer"


def test_a_purchase_of_exactly_50_is_not_over_50(shop: Shop):
    shop.run(
        [
            hit("removed", "remove", BEGIN, user="u1", skus=["sku-1"]),
            hit("bought", "purchase", BEGIN, user="u1", value="50", order="T1"),
        ]
    )
    row = shop.user("u1")
    assert row["purchase"] is True
    assert "offer_sent" not in row
    assert shop.on_bus() == []


def test_the_reference_events_from_the_enriched_stream_earn_an_offer(shop: Shop):
    names = ("snowplow_remove_from_cart.tsv", "snowplow_transaction.tsv")
    shop.run([Record((CORPUS / name).read_bytes(), 1_551_110_107_000) for name in names])
    (offer,) = shop.on_bus()
    assert offer["customer"] == "user-2941404340"
    assert offer["items"] == [{"sku": "ocean-blue-shirt", "name": "Ocean Blue Shirt"}]
    assert shop.user("user-2941404340")["purchase_value"] == Decimal("64.97")


def test_of_several_purchases_the_highest_counts(shop: Shop):
    shop.run(
        [
            hit("first", "purchase", BEGIN, user="u1", value="80", order="T1"),
            hit("second", "purchase", BEGIN + SECOND, user="u1", value="9.90", order="T2"),
            hit("second-again", "purchase", BEGIN + SECOND, user="u1", value="9.90", order="T2"),
            hit("removed", "remove", BEGIN + 2 * SECOND, user="u1", skus=["sku-1"]),
        ]
    )
    row = shop.user("u1")
    assert row["purchase_value"] == Decimal(80)
    assert row["purchase_last_value"] == Decimal("9.90")
    assert row["purchase_count"] == 2
    assert len(shop.on_bus()) == 1


def test_what_was_bought_or_put_back_after_removal_is_not_offered(shop: Shop):
    shop.run(
        [
            hit("out", "remove", BEGIN, user="u1", skus=["bought", "back", "left"]),
            hit("in", "add", BEGIN + SECOND, user="u1", skus=["back"]),
            hit("order", "purchase", BEGIN + 2 * SECOND, user="u1", skus=["bought"], value="80", order="T1"),
        ]
    )
    (offer,) = shop.on_bus()
    assert [item["sku"] for item in offer["items"]] == ["left"]
    assert shop.user("u1")["removed_items"] == {"left"}


def test_a_late_removal_from_before_the_purchase_of_the_same_item_earns_nothing(shop: Shop):
    shop.run([hit("order", "purchase", BEGIN + SECOND, user="u1", skus=["sku-1"], value="80", order="T1")])
    shop.run([hit("late", "remove", BEGIN, user="u1", skus=["sku-1"], late=60 * SECOND)])
    assert shop.on_bus() == []


def test_last_years_purchase_and_removal_earn_nothing_today(shop: Shop):
    year = 365 * DAY
    shop.run(
        [
            hit("removed", "remove", BEGIN - year, user="u1", skus=["sku-1"], late=year),
            hit("bought", "purchase", BEGIN - year, user="u1", value="80", order="T1", late=year),
        ]
    )
    assert shop.on_bus() == []
    shop.run([hit("removed-now", "remove", BEGIN, user="u1", skus=["sku-2"])])
    assert shop.on_bus() == [], "last year's purchase is no reason either"


def test_after_the_cool_down_a_new_removal_earns_a_new_offer_and_the_old_one_does_not(shop: Shop):
    shop.run(
        [
            hit("removed", "remove", BEGIN, user="u1", skus=["old"]),
            hit("bought", "purchase", BEGIN, user="u1", value="80", order="T1"),
        ]
    )
    (first,) = shop.on_bus()
    later = BEGIN + 30 * DAY
    shop.run([hit("bought-again", "purchase", later, user="u1", value="60", order="T2")])
    assert shop.on_bus() == []
    shop.run([hit("removed-again", "remove", later + SECOND, user="u1", skus=["new"])])
    (second,) = shop.on_bus()
    assert [item["sku"] for item in second["items"]] == ["new"]
    assert second["code"] != first["code"]


def test_a_visitor_without_user_gets_an_offer_on_the_bus_and_no_e_mail(shop: Shop):
    shop.run(
        [
            hit("removed", "remove", BEGIN, client="visitor", skus=["sku-1"]),
            hit("bought", "purchase", BEGIN, client="visitor", value="80", order="T1"),
        ]
    )
    (offer,) = shop.on_bus()
    assert (offer["customer"], offer["customer_kind"]) == ("visitor", "client")
    assert shop.visitor("visitor")["offer_sent"] is True
    assert shop.effects()[0]["result"].count("no address") == 1


def test_nobody_is_an_event_without_client_and_user(shop: Shop):
    shop.run([hit("removed", "remove", BEGIN, client=None, skus=["sku-1"])])
    assert shop.changes()["Records"] == []


def test_the_e_mail_carries_the_code_of_the_bus_and_goes_where_the_user_is_known(shop: Shop):
    address = f"{shop.name}@example.org"
    shop.run(
        [
            identify("who", BEGIN, "c1", "u1", address),
            hit("removed", "remove", BEGIN, user="u1", skus=["sku-1"]),
            hit("bought", "purchase", BEGIN, user="u1", value="80", order="T1"),
        ]
    )
    (offer,) = shop.on_bus()
    (mail,) = shop.mails(address)
    assert offer["code"] in mail["BodyText"]
    assert offer["code"] in mail["BodyHtml"]
    assert address not in str(offer), "the bus is not told addresses"
    assert address not in str(shop.effects()), "nor are the effects"


def test_a_record_that_is_no_event_costs_its_neighbours_nothing(shop: Shop):
    shop.run(
        [
            Record(b"not an event", BEGIN),
            hit("removed", "remove", BEGIN, user="u1", skus=["sku-1"]),
            Record(b"{", BEGIN),
            hit("bought", "purchase", BEGIN, user="u1", value="80", order="T1"),
        ]
    )
    assert len(shop.on_bus()) == 1


def test_ten_thousand_removals_with_the_longest_ids_fit_into_one_item(shop: Shop):
    """A letter of four bytes, as long as an id may be; the quota of an item is 400 KB."""
    long = "\U0001d538" * 95
    removals = [
        hit(f"{long}{start:05}", "remove", BEGIN + start, "c1", "u1", [f"{long}{start + one:05}" for one in range(100)])
        for start in range(0, 10_000, 100)
    ]
    orders = [
        hit(f"{long}b{number:04}", "purchase", BEGIN + DAY, user="u1", value="80", order=f"{long}o{number:04}")
        for number in range(100)
    ]
    shop.run(removals, orders)
    (offer,) = shop.on_bus()
    assert len(offer["items"]) == 20
    row = shop.user("u1")
    assert len(row["removed_items"]) == 100
    assert sum(len(str(part).encode()) for part in row.items()) < 300_000


@pytest.mark.parametrize("bad", ["x" * 101, "bell\u0007"])
def test_an_id_that_is_nobodys_earns_nothing_and_costs_nothing(shop: Shop, bad: str):
    shop.run(
        [
            hit("removed", "remove", BEGIN, user="u1", skus=[bad]),
            hit(bad, "remove", BEGIN, user="u1", skus=["sku-1"]),
            hit("bought", "purchase", BEGIN, user="u1", value="80", order=bad),
        ]
    )
    assert shop.on_bus() == []
    assert shop.user("u1")["purchase_value"] == Decimal(80)


@pytest.mark.parametrize("records", [[], [hit("page", "pageview", BEGIN)]])
def test_what_says_nothing_writes_nothing(shop: Shop, records: list[Record]):
    shop.run(records)
    assert shop.changes()["Records"] == []


def test_a_thousand_events_of_fifty_customers_in_two_batches_are_150_writes_at_most(shop: Shop):
    """Each customer is written once a batch, and each client when it is named."""
    actions = ("pageview", "detail", "add", "remove", "purchase")
    events = [
        hit(
            f"event-{number}",
            action,
            BEGIN + number * SECOND,
            client=f"client-{number % 50}",
            user=f"user-{number % 50}",
            skus=[] if action == "pageview" else [f"sku-{number}"],
            value="60" if action == "purchase" else None,
        )
        for number in range(1000)
        for action in [actions[number // 50 % len(actions)]]
    ]
    assert not shop.take(events[:500])
    assert not shop.take(events[500:])
    assert len(shop.changes()["Records"]) <= 150
