"""Visitors who turn out to be users: one person, one offer, whoever sends what first."""

import itertools

import pytest
from offers import handler

from shared.states import Conflict
from tests.integration.offers.records import BEGIN, SECOND, hit
from tests.integration.offers.shop import Shop

REMOVED = hit("removed", "remove", BEGIN, client="c1", skus=["sku-1"])
BOUGHT = hit("bought", "purchase", BEGIN + SECOND, client="c2", user="u1", value="80", order="T1")
NAMED = hit("named", "pageview", BEGIN + 2 * SECOND, client="c1", user="u1")


@pytest.mark.parametrize("order", list(itertools.permutations([REMOVED, BOUGHT, NAMED])))
def test_what_a_visitor_did_before_it_was_named_counts_for_the_user_in_any_order(shop: Shop, order):
    shop.run(*([record] for record in order))
    (offer,) = shop.on_bus()
    assert offer["customer"] == "u1"
    assert offer["caused_by"] == ["bought", "removed"]
    assert shop.visitor("c1")["user_id"] == "u1"
    assert "removed_items" not in shop.visitor("c1"), "it was handed over"


def test_what_a_named_client_does_without_user_is_its_users(shop: Shop):
    shop.run([NAMED], [hit("later", "remove", BEGIN + 3 * SECOND, client="c1", skus=["sku-2"])])
    assert shop.user("u1")["removed_items"] == {"sku-2"}


def test_several_clients_are_one_user(shop: Shop):
    shop.run(
        [hit("a", "remove", BEGIN, client="phone", skus=["sku-1"])],
        [hit("b", "remove", BEGIN, client="laptop", skus=["sku-2"])],
        [hit("c", "pageview", BEGIN + SECOND, client=name, user="u1") for name in ("phone", "laptop")],
    )
    assert shop.user("u1")["removed_items"] == {"sku-1", "sku-2"}


def test_a_client_that_changes_user_keeps_the_two_apart(shop: Shop):
    shop.run(
        [hit("anonymous", "remove", BEGIN, client="shared", skus=["first"])],
        [hit("ann", "pageview", BEGIN + SECOND, client="shared", user="ann")],
        [hit("ann-2", "remove", BEGIN + 2 * SECOND, client="shared", skus=["second"])],
        [hit("bob", "pageview", BEGIN + 10 * SECOND, client="shared", user="bob")],
        [hit("bob-2", "remove", BEGIN + 11 * SECOND, client="shared", skus=["third"])],
        [hit("ann-late", "remove", BEGIN + 5 * SECOND, client="shared", skus=["late"], late=60 * SECOND)],
    )
    assert shop.user("ann")["removed_items"] == {"first", "second", "late"}
    assert shop.user("bob")["removed_items"] == {"third"}


def test_who_was_offered_something_as_a_visitor_is_not_offered_it_again_as_a_user(shop: Shop):
    shop.run(
        [
            hit("removed", "remove", BEGIN, client="c1", skus=["sku-1"]),
            hit("bought", "purchase", BEGIN, client="c1", value="80", order="T1"),
        ],
        [NAMED, hit("more", "remove", BEGIN + 3 * SECOND, client="c1", skus=["sku-2"])],
    )
    (offer,) = shop.on_bus()
    assert offer["customer"] == "c1"
    row = shop.user("u1")
    assert row["offer_id"] == offer["effect_id"]
    assert row["offer_sent"] is True


def test_an_offer_that_goes_out_after_the_visitor_was_named_is_marked_on_the_user(shop: Shop):
    assert not shop.take([REMOVED, hit("bought-1", "purchase", BEGIN, client="c1", value="80", order="T1")])
    changes = shop.changes()
    assert not shop.take([NAMED])
    assert shop.user("u1")["offer_sent"] is False
    assert shop.send(changes) == []
    assert shop.user("u1")["offer_sent"] is True


@pytest.mark.parametrize("between", ["users", "clients"])
def test_a_function_that_dies_while_it_merges_is_healed_by_the_repetition(
    shop: Shop, between: str, monkeypatch: pytest.MonkeyPatch
):
    """It dies before either write: nothing, or only half of the merge is done."""
    shop.run([REMOVED], [BOUGHT])
    with monkeypatch.context() as patched:
        patched.setattr(getattr(handler.tables(), between), "save", die)
        with pytest.raises(KeyboardInterrupt):
            shop.take([NAMED])
    assert shop.visitor("c1")["removed_items"] == {"sku-1"}, "it is not lost"
    shop.run([NAMED])
    assert shop.user("u1")["removed_items"] == {"sku-1"}
    assert shop.visitor("c1")["user_id"] == "u1"
    assert len(shop.on_bus()) == 1


def test_a_visitor_that_does_something_while_it_is_merged_loses_nothing(shop: Shop, monkeypatch: pytest.MonkeyPatch):
    """Another function writes the client after it was read for the merge, and before the merge is written."""
    shop.run([REMOVED], [BOUGHT])
    clients = handler.tables().clients
    save, interrupted = clients.save, []

    def interrupt(key, attributes, version, effects=()):
        if not interrupted:
            interrupted.append(key)
            assert not shop.take([hit("meanwhile", "remove", BEGIN + SECOND, client="c1", skus=["sku-2"])])
        save(key, attributes, version, effects)

    monkeypatch.setattr(clients, "save", interrupt)
    shop.run([NAMED])
    assert interrupted
    assert shop.user("u1")["removed_items"] == {"sku-1", "sku-2"}
    assert shop.visitor("c1")["user_id"] == "u1"
    assert len(shop.on_bus()) == 1


def test_who_can_not_be_written_for_conflicts_comes_again(shop: Shop, monkeypatch: pytest.MonkeyPatch):
    def conflict(*_arguments: object) -> None:
        raise Conflict

    monkeypatch.setattr(handler.tables().users, "save", conflict)
    other = hit("other", "remove", BEGIN, client="c9", skus=["sku-1"])
    assert shop.take([other, BOUGHT, NAMED]) == ["2"], "the page alone says nothing of the user"
    assert shop.visitor("c9")["removed_items"] == {"sku-1"}


def die(*_arguments: object) -> None:
    """As a function that is killed: no handler of errors hears of it."""
    raise KeyboardInterrupt
