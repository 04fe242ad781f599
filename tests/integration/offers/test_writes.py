"""How much the tables are written: it is most of what offers cost."""

from tests.integration.offers.records import BEGIN, SECOND, Record, hit
from tests.integration.offers.shop import Shop

CUSTOMERS = 50
ACTIONS = ("pageview", "detail", "add", "remove", "purchase")


def test_a_thousand_events_of_fifty_customers_in_two_batches_are_150_writes_at_most(shop: Shop):
    for start in (0, 500):
        assert not shop.take([event(number) for number in range(start, start + 500)])
    assert len(shop.changes()["Records"]) <= 150


def event(number: int) -> Record:
    customer, action = number % CUSTOMERS, ACTIONS[number // CUSTOMERS % len(ACTIONS)]
    return hit(
        f"event-{number}",
        action,
        BEGIN + number * SECOND,
        client=f"client-{customer}",
        user=f"user-{customer}",
        skus=[] if action == "pageview" else [f"sku-{number}"],
        value="60" if action == "purchase" else None,
    )
