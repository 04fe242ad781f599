"""What the shop has decided about offers."""

import os
from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from typing import NamedTuple

DAY = 86_400_000  # ms


class Rules(NamedTuple):
    """minimum_purchase: an offer needs a purchase above it. discount_percent: what is offered.

    Times in ms. valid: how long the discount holds. cooldown: until a customer may get another offer. memory: what
    happened longer ago, seen from the newest that was received, means nothing any more.
    """

    minimum_purchase: Decimal = Decimal(50)
    discount_percent: int = 10
    valid: int = 7 * DAY
    cooldown: int = 30 * DAY
    memory: int = 30 * DAY


def rules_of(environment: Mapping[str, str]) -> Rules:
    """Raises KeyError for a variable that is missing: the program sets them all."""
    return Rules(
        minimum_purchase=Decimal(environment["MINIMUM_PURCHASE"]),
        discount_percent=int(environment["DISCOUNT_PERCENT"]),
        valid=int(environment["VALID_DAYS"]) * DAY,
        cooldown=int(environment["COOLDOWN_DAYS"]) * DAY,
        memory=int(environment["MEMORY_DAYS"]) * DAY,
    )


@cache
def rules() -> Rules:
    """This process's, from its environment."""
    return rules_of(os.environ)
