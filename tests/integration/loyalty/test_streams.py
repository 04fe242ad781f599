"""Events of the streams, through the functions themselves, to decisions on the bus and counts."""

import itertools
import json

import pytest

from loyalty import announce, tables
from shared import refusals
from shared.effects import new_effects
from shared.records import changes

NUMBERS = itertools.count(1)


def segment(event: str, email: str = "k@x.org", **properties) -> bytes:
    return json.dumps(
        {
            "type": "track",
            "event": event,
            "messageId": f"message-{next(NUMBERS)}",
            "anonymousId": "browser",
            "userId": "u1",
            "timestamp": "2026-11-20T12:00:00.000Z",
            "receivedAt": "2026-11-20T12:00:01.000Z",
            "properties": properties,
            "context": {"traits": {"email": email}},
        }
    ).encode()


def click(email: str = "k@x.org", **properties) -> bytes:
    return segment("Promotion Clicked", email, **{"name": "Hoodie", "utm_source": "facebook"} | properties)


def test_a_buyer_is_a_member_from_then_on(stack):
    bought = segment("Order Completed", order_id="o1", total=18.64, products=[{"sku": "6"}, {"sku": "9"}])
    assert stack.stream([click(), bought, click(), segment("Product Added", sku="6")]) == {"batchItemFailures": []}
    stack.announce()
    heard = sorted((message["detail"] for message in stack.decisions(4)), key=lambda detail: detail["sequence"])
    assert [(one["conversion"], one["send_promo"]) for one in heard] == [
        ("ClickConversion", False),
        ("PurchaseConversion", False),
        ("ClickConversion", True),
        ("BasketConversion", False),
    ]
    assert [one["sequence"] for one in heard] == [1, 2, 3, 4]
    assert heard[1]["total"] == "18.64"
    assert stack.counts() == {
        ("Hoodie", "ClickConversion", "Facebook"): (2, 1),
        ("default", "PurchaseConversion", None): (1, 0),
        ("default", "BasketConversion", None): (1, 0),
    }


def test_the_members_list_and_the_stream_know_one_customer(stack):
    stack.drop("loyalty/members/list.csv", "K@X.org, kanga, , F\n")
    stack.load()
    stack.stream([click("k@x.org ")])
    stack.announce()
    (heard,) = stack.decisions(1)
    assert heard["detail"]["send_promo"] is True
    assert (heard["source"], heard["detail-type"]) == ("headrace.loyalty", "PromotionDecided")


def test_batches_and_changes_that_come_again_change_nothing(stack):
    first, second = [click(f"c{n % 4}@x.org") for n in range(10)], [click(f"c{n % 4}@x.org") for n in range(10)]
    stack.stream(first)
    earlier = stack.new_changes()
    stack.stream(first[5:] + second)
    stack.stream(first + second)
    later = stack.new_changes()
    for batch in (earlier, earlier + later[:2], later, earlier + later):
        assert stack.announce(batch) == {"batchItemFailures": []}
    assert stack.counts() == {("Hoodie", "ClickConversion", "Facebook"): (20, 0)}
    assert len({message["detail"]["effect_id"] for message in stack.decisions(20)}) == 20


@pytest.mark.parametrize("keeps", [True, False], ids=["kept here", "kept by another application"])
def test_events_of_nobody_and_bytes_of_no_kind_stop_nobody(stack, monkeypatch, keeps):
    monkeypatch.setattr(refusals, "KEEPS_UNDECODABLE", keeps)
    assert stack.stream([b"\xff", segment("Product Viewed", sku="6"), click()]) == {"batchItemFailures": []}
    assert stack.customer("k@x.org")["sequence"] == 1
    assert [bool(row["reason"]) for row in stack.bad_rows()] == [True] * keeps


def test_a_batch_of_one_customer_fits_its_item(stack):
    email = f"{'k' * 248}@x.org"
    assert stack.stream([click(email, name="ü" * 64, utm_source="s" * 64) for _ in range(300)]) == {
        "batchItemFailures": []
    }
    assert stack.customer(email)["sequence"] == 300


def test_decisions_with_a_count_of_their_own_each_fit_their_transactions(stack):
    stack.stream([click(f"c{n}@x.org", name=f"promotion {n}") for n in range(60)])
    assert stack.announce() == {"batchItemFailures": []}
    assert len(stack.counts()) == len(stack.entered()) == 60


@pytest.mark.parametrize("variable", ["EFFECTS_TABLE", "COUNTS_TABLE"])
def test_what_could_not_be_entered_is_announced_again_and_counted_once(stack, monkeypatch, variable):
    stack.stream([click(f"c{n}@x.org") for n in range(3)])
    brought = stack.new_changes()
    monkeypatch.setattr(announce, "PAUSE_SECONDS", 0.0)
    with monkeypatch.context() as patch:
        patch.setenv(variable, "no-such-table")
        stack.forget_clients()
        assert len(stack.announce(brought)["batchItemFailures"]) == 3
    stack.forget_clients()
    assert stack.announce(brought) == {"batchItemFailures": []}
    assert stack.counts() == {("Hoodie", "ClickConversion", "Facebook"): (3, 0)}
    assert len({message["detail"]["effect_id"] for message in stack.decisions(3)}) == 3


def test_what_another_function_entered_meanwhile_is_counted_once(stack):
    stack.stream([click(f"c{n}@x.org") for n in range(3)])
    effects = [effect for change in changes({"Records": stack.new_changes()}) for effect in new_effects(change)]
    tables.ledger().enter(effects[:1])
    tables.ledger().enter(effects)
    tables.ledger().enter(effects)
    assert stack.counts() == {("Hoodie", "ClickConversion", "Facebook"): (3, 0)}
    assert len(stack.entered()) == 3
