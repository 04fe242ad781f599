"""How effects are performed: from the table's stream, in order for each key, each once."""

import logging
import time
from collections.abc import Callable, Mapping
from typing import Any

from shared.effects import LEASE_SECONDS, Claimed, Effect, EffectLog, new_effects
from shared.errors import error_code
from shared.observability import count, log
from shared.records import Failures, changes, failures

# A mapping pauses before it repeats a batch, first for a fraction of a second, then longer (on AWS up to a minute, see
# docs/stream-mappings.md), and gives up after so many times. The function adds a wait of its own, so that the first
# attempts too outlast a lease, or a moment in which a service refuses.
PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = LEASE_SECONDS / 4


def perform_all(
    batch: Mapping[str, Any],
    effect_log: EffectLog,
    perform: Callable[[Effect], Mapping[str, Any]],
    pause: Callable[[float], None] = time.sleep,
) -> Failures:
    """Performs the effects that a batch of a state table's stream brings; returns Lambda's partial batch answer.

    perform: does one effect and returns what came of it; where it raises, the effect is tried again. What follows a
    failed effect under its key waits behind it. It raises nothing of its own.
    """
    performed, repeated, wait = 0, 0, 0.0
    failed, errors, stuck = list[str](), set[str](), set[str]()
    for change in changes(batch):
        for effect in new_effects(change):
            if effect.key in stuck:
                continue
            try:
                if effect_log.once(effect, perform):
                    performed += 1
                else:
                    repeated += 1
            except Exception as error:  # whatever it is, it must not stop the other keys' effects
                stuck.add(effect.key)
                failed.append(change.sequence)
                errors.add(error_code(error))
                wait = max(wait, error.seconds if isinstance(error, Claimed) else PAUSE_SECONDS)
    log(
        logging.WARNING if failed else logging.INFO,
        "effects",
        performed=performed,
        repeated=repeated,
        failed=len(failed),
        errors=sorted(errors),
    )
    count({"Performed": performed, "Failed": len(failed)}, by_reason={})
    if wait:
        pause(min(wait, LONGEST_PAUSE_SECONDS))
    return failures(failed)
