"""Rows of files into the table of customers: like a batch of a stream, each customer's in their order, none twice."""

import random
import time
from collections.abc import Sequence

from loyalty.conversions import Conversion
from loyalty.customers import Customer, Listing, convert, enlist, read, write
from shared.effects import Effect
from shared.states import MAX_KEYS, Changed, Conflict, StateTable

Row = Listing | Conversion

MAX_CONFLICTS = 10
LONGEST_PAUSE_SECONDS = 0.2


def take_in(rows: Sequence[Row], customers: StateTable) -> int:
    """Writes what the rows mean; returns how many of them meant something new.

    Raises Conflict, Unread and botocore's errors; what was written by then is found when the same rows come again.
    rows: at most MAX_CONVERSIONS_A_WRITE.
    """
    by_customer: dict[str, list[Row]] = {}
    for row in rows:
        by_customer.setdefault(row.customer, []).append(row)
    keys = list(by_customer)
    groups = [keys[start : start + MAX_KEYS] for start in range(0, len(keys), MAX_KEYS)]
    return sum(_take_in_group({key: by_customer[key] for key in group}, customers) for group in groups)


def step(customer: Customer, row: Row) -> tuple[Customer, tuple[Effect, ...]]:
    """What one row means."""
    return (enlist(customer, row), ()) if isinstance(row, Listing) else convert(customer, row)


def _take_in_group(by_customer: dict[str, list[Row]], customers: StateTable) -> int:
    """In one transaction, for which all customers must be as they were read; a stream may be writing one of them."""
    for attempt in range(MAX_CONFLICTS):
        found, news, changed = customers.load(by_customer), 0, list[Changed]()
        for key, rows in by_customer.items():
            before = customer = read(key, found[key].attributes)
            effects: list[Effect] = []
            for row in rows:
                after, decided = step(customer, row)
                news += after != customer
                customer = after
                effects += decided
            if customer != before:
                changed.append(Changed(key, write(customer), found[key].version, effects))
        try:
            if changed:
                customers.save_all(changed)
        except Conflict:
            time.sleep(random.uniform(0, min(LONGEST_PAUSE_SECONDS, 0.01 * 2**attempt)))  # noqa: S311 -- no secret
            continue
        return news
    raise Conflict(f"{len(by_customer)} customers")
