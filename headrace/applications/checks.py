"""Whether the applications have done what follows from what was sent to them."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from headrace.applications import expected
from headrace.applications.done import Done
from headrace.applications.effects import Effects
from headrace.applications.expected import Sent
from headrace.applications.promotions import Promotion
from headrace.report.wording import plural

PRUNED_EVERY_MS = 60_000  # who is gone is still counted until the next minute's run


@dataclass(frozen=True, kw_only=True)
class Check:
    """One figure of one application: what was found, and in words what follows from the events."""

    name: str
    found: int
    expected: str
    agrees: bool


def check(sent: Sent, done: Done, effects: Effects, now: int) -> list[Check]:
    """A check for each application that is on and can be counted plainly. now: epoch ms."""
    checks: list[Check] = []
    if done.offers is not None:
        checks.append(_offers(sent, effects))
    if done.promotions is not None:
        checks.append(_promotions(sent, done.promotions))
    if done.fed is not None and done.fed.by_type is not None:
        checks.append(_fed(sent, done.fed.by_type))
    if done.levels is not None and sent.settings["live_counts"]["level"] == "funnel_stage":
        checks.append(_levels(sent, done.levels.players, now))
    return checks


def _offers(sent: Sent, effects: Effects) -> Check:
    minimum = Decimal(sent.settings["offers"]["minimum_purchase"])
    found = {effect.key for effect in effects.of("offers") if effect.performed_at is not None}
    qualified = expected.offered(sent.events, minimum)
    return Check(
        name="customers with an offer",
        found=len(found),
        expected=f"{_range(len(qualified.surely), len(qualified.perhaps))} bought for over {minimum}, left something",
        agrees=qualified.surely <= found <= qualified.perhaps,
    )


def _promotions(sent: Sent, promotions: tuple[Promotion, ...]) -> Check:
    """Which kinds the lines of files were, is not told."""
    found = Counter[str]()
    for one in promotions:
        found[one.conversion] += one.decisions
    wanted = expected.decisions(sent.events)
    lines = f" and {plural(sent.lines, 'line')} of files" if sent.lines else ""
    return Check(
        name="promo decisions",
        found=found.total(),
        expected=f"{plural(wanted.total(), 'conversion')} of known customers{lines}",
        agrees=wanted <= found and found.total() == wanted.total() + sent.lines,
    )


def _fed(sent: Sent, by_type: Mapping[str, int]) -> Check:
    wanted = expected.fed(sent.events, views=sent.settings["recommendations"]["product_views"])
    return Check(
        name="events fed to Personalize",
        found=sum(by_type.values()),
        expected=f"{wanted.total():,} products of events",
        agrees=wanted == Counter(by_type),
    )


def _levels(sent: Sent, players: Mapping[str, int], now: int) -> Check:
    """Who becomes due for leaving in these seconds may or may not be counted still."""
    since = now - sent.settings["live_counts"]["gone_after_seconds"] * 1000
    least, most = expected.levels(sent.events, since), expected.levels(sent.events, since - PRUNED_EVERY_MS)
    return Check(
        name="visitors counted by stage",
        found=sum(players.values()),
        expected=f"{_range(least.total(), most.total())} visitors were seen lately",
        agrees=least <= Counter(players) <= most,
    )


def _range(least: int, most: int) -> str:
    return f"{least:,}" if least == most else f"{least:,} to {most:,}"
