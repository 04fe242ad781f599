"""Whether the applications have done what follows from the events that were sent to them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from headrace.applications.done import Done
from headrace.applications.effects import Effects
from headrace.demo import expected
from headrace.demo.sent import Event

PRUNED_EVERY_MS = 60_000  # who is gone is still counted until the next minute's run


@dataclass(frozen=True, kw_only=True)
class Check:
    """One figure of one application: what was found, and in words what follows from the events."""

    name: str
    found: int
    expected: str
    agrees: bool


def check(
    events: Sequence[Event],
    dropped: Mapping[str, int],
    applications: Mapping[str, Mapping[str, Any]],
    done: Done,
    effects: Effects,
    now: int,
) -> list[Check]:
    """dropped: lines of files, by conversion. applications: the settings of those that are on. now: epoch ms."""
    checks: list[Check] = []
    if "offers" in applications:
        checks.append(_offers(events, Decimal(applications["offers"]["minimum_purchase"]), effects))
    if done.promotions is not None:
        found = Counter[str]()
        for one in done.promotions:
            found[one.conversion] += one.decisions
        wanted = expected.decisions(events) + Counter(dropped)
        checks.append(_counts("promo decisions", found, wanted, "conversions of known customers"))
    if done.fed is not None and done.fed.by_type is not None:
        wanted = expected.fed(events)
        checks.append(_counts("events fed to Personalize", Counter(done.fed.by_type), wanted, "products of events"))
    if done.levels is not None and applications["live_counts"]["level"] == "funnel_stage":
        gone_after = applications["live_counts"]["gone_after_seconds"] * 1000
        checks.append(_levels(events, done.levels.players, now - gone_after))
    return checks


def _offers(events: Sequence[Event], minimum: Decimal, effects: Effects) -> Check:
    found = {effect.key for effect in effects.of("offers") if effect.performed_at is not None}
    qualified = expected.offered(events, minimum)
    least, most = len(qualified.surely), len(qualified.perhaps)
    number = f"{least:,}" if least == most else f"{least:,} to {most:,}"
    return Check(
        name="customers with an offer",
        found=len(found),
        expected=f"{number} bought for over {minimum} and left something",
        agrees=qualified.surely <= found <= qualified.perhaps,
    )


def _counts(name: str, found: Counter[str], wanted: Counter[str], what: str) -> Check:
    return Check(name=name, found=found.total(), expected=f"{wanted.total():,} {what}", agrees=+found == +wanted)


def _levels(events: Sequence[Event], players: Mapping[str, int], since: int) -> Check:
    """Who becomes due for leaving in these seconds may or may not be counted still."""
    least, most = expected.levels(events, since), expected.levels(events, since - PRUNED_EVERY_MS)
    number = f"{least.total():,}" if least == most else f"{least.total():,} to {most.total():,}"
    return Check(
        name="visitors counted by stage",
        found=sum(players.values()),
        expected=f"{number} visitors' newest events",
        agrees=least <= Counter(players) <= most,
    )
