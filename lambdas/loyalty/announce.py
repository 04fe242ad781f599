"""Reads the changes of the table of customers: every new decision goes on the bus, then into the ledger.

Nothing else announces: the stream hands each customer's changes to one invocation at a time. A function that dies after
the bus took a decision and before the ledger has it puts it again, with the same `effect_id`; it is counted once.
"""

import logging
import os
import time
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from botocore.exceptions import BotoCoreError, ClientError

from loyalty.bus import put_in_order
from loyalty.customers import APPLICATION
from loyalty.ledger import Ledger
from loyalty.tables import ledger
from shared.bus import Bus
from shared.clients import client
from shared.effects import Effect, new_effects
from shared.errors import error_code
from shared.observability import count, log
from shared.records import Failures, changes, failures
from shared.states import Unread

# The mapping repeats a failed batch at once, up to 10,000 times in 23 hours (infrastructure/applications). With this
# pause after each failure the attempts last for all of them, and a service that is down is not asked in a tight loop.
PAUSE_SECONDS = 10.0

AT_A_TIME = 50  # decisions; with a count of its own for each, they still fit one transaction


class Due(NamedTuple):
    """A decision, and the sequence number of the change that brought it."""

    sequence: str
    effect: Effect


def handler(batch: Mapping[str, Any], _context: Any) -> Failures:
    return announce(batch, ledger(), Bus(client("events"), os.environ["EFFECTS_BUS"], APPLICATION))


def announce(
    batch: Mapping[str, Any],
    book: Ledger,
    bus: Bus,
    pause: Callable[[float], None] = time.sleep,
) -> Failures:
    """Announces a batch's decisions; returns Lambda's partial batch answer. It raises nothing of its own."""
    due = [Due(change.sequence, effect) for change in changes(batch) for effect in new_effects(change)]
    effects = {one.effect.effect_id: one.effect for one in due}
    done, known, stuck, errors = set[str](), set[str](), set[str](), set[str]()
    try:
        known = book.known(effects)
        done |= known
        wanted = [effect for effect_id, effect in effects.items() if effect_id not in known]
        # What was announced is entered soon, so that little is announced again after a failure.
        for start in range(0, len(wanted), AT_A_TIME):
            put = put_in_order([one for one in wanted[start : start + AT_A_TIME] if one.key not in stuck], bus)
            stuck |= put.stuck
            errors |= put.errors
            book.enter(put.taken)
            done.update(effect.effect_id for effect in put.taken)
    except (Unread, BotoCoreError, ClientError) as error:
        errors.add(error_code(error))
    failed = [one.sequence for one in due if one.effect.effect_id not in done]
    if failed:
        pause(PAUSE_SECONDS)
    log(
        logging.WARNING if failed else logging.INFO,
        "decisions",
        announced=len(done) - len(known),
        repeated=len(known),
        failed=len(failed),
        errors=sorted(errors),
    )
    count({"Announced": len(done) - len(known), "Failed": len(failed)}, by_reason={})
    return failures(failed)
