from decimal import Decimal
from typing import Any

import pytest

from headrace.applications.checks import Check, check
from headrace.applications.done import Done
from headrace.applications.effects import Effects
from headrace.applications.expected import Sent
from headrace.applications.failures import Failures
from headrace.applications.feed import Fed
from headrace.applications.levels import Levels
from headrace.applications.offers import offers_of
from headrace.applications.promotions import Promotion
from headrace.effects import Effect
from shared.events.event import Event, Product

NOW = 1_000_000_000
PURCHASE = "PurchaseConversion"
SETTINGS = {
    "offers": {"minimum_purchase": "50"},
    "loyalty": {},
    "recommendations": {"product_views": False},
    "live_counts": {"level": "funnel_stage", "gone_after_seconds": 300},
}
EVENTS = [
    Event("1", "purchase", NOW - 900, NOW, "client", "user", products=(Product("hat"),), value=Decimal(51)),
    Event("2", "remove_from_cart", NOW - 800, NOW, "client", "user", products=(Product("shirt"),)),
    Event("3", "page_view", NOW - 330_000, NOW, "leaving"),
    Event("4", "page_view", NOW - 370_000, NOW, "gone"),
]


def judged(*, sent: int = 1, fed: int = 1, decided: int = 3, players: dict[str, int], lines: int = 2) -> list[Check]:
    row = {"effect_id": "e", "application": "offers", "kind": "OfferSent", "key": "user", "decided_at": 1}
    effect = Effect(**row, performed_at=2 if sent else None, detail={}, result={})
    effects = Effects(rows=(effect,), complete=True)
    done = Done(
        applications=tuple(SETTINGS),
        offers=offers_of([effect]),
        promotions=(
            Promotion(promotion="p", conversion="PurchaseConversion", where=None, decisions=decided, promos=0),
        ),
        fed=Fed(events=fed, by_type={"Order Completed": fed}),
        levels=Levels(players=players, written=None, since=()),
        others=(),
        failures=Failures(messages=0),
        complete=True,
    )
    return check(Sent(events=EVENTS, lines=lines, settings=SETTINGS), done, effects, NOW)


@pytest.mark.parametrize("players", [{"cart": 1}, {"cart": 1, "browsing": 1}])
def test_all_agree_whether_or_not_somebody_has_just_left(players: dict[str, int]):
    checks = judged(players=players)
    assert [one.name for one in checks if not one.agrees] == []
    assert len(checks) == 4
    assert checks[1].expected == "1 conversion of known customers and 2 lines of files"
    assert checks[3].expected == "1 to 2 visitors were seen lately"


@pytest.mark.parametrize(
    ("wrong", "name"),
    [
        ({"sent": 0}, "customers with an offer"),
        ({"fed": 2}, "events fed to Personalize"),
        ({"decided": 4}, "promo decisions"),
        ({"lines": 3}, "promo decisions"),
        ({"players": {"cart": 1, "browsing": 2}}, "visitors counted by stage"),
        ({"players": {"browsing": 1}}, "visitors counted by stage"),
    ],
)
def test_what_is_too_much_or_too_little_is_found(wrong: dict[str, Any], name: str):
    checks = judged(**{"players": {"cart": 1}, **wrong})
    assert [one.name for one in checks if not one.agrees] == [name]
