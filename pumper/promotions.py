"""Promotions: banners on the pages. The dataset tells of none, so which views are clicks on one is our choice."""

from typing import NamedTuple

PAGEVIEWS_A_CLICK = 100
"""One page in so many is reached by a click on a promotion."""


class Promotion(NamedTuple):
    """A banner as a shop names it. `position`: where it is seen."""

    id: str
    name: str
    creative: str
    position: str


PROMOTIONS = (
    Promotion("winter-sale", "Winter sale", "snow", "home banner"),
    Promotion("new-arrivals", "New arrivals", "catwalk", "category banner"),
    Promotion("free-shipping", "Free shipping week", "parcel", "newsletter"),
)


def promotion_of(time: int) -> Promotion | None:
    """The promotion whose click led to a page viewed at this time, epoch ms. It follows from the row alone."""
    clicks, others = divmod(time, PAGEVIEWS_A_CLICK)
    return None if others else PROMOTIONS[clicks % len(PROMOTIONS)]
