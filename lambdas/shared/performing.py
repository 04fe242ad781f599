"""How effects are performed: from the table's stream, in order for each key, each once."""

import logging
from collections.abc import Callable, Mapping
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from shared.effects import Claimed, Effect, EffectLog, new_effects
from shared.observability import count, log
from shared.processing import error_code
from shared.records import Failures, changes, failures


def perform_all(
    batch: Mapping[str, Any], effect_log: EffectLog, perform: Callable[[Effect], Mapping[str, Any]]
) -> Failures:
    """Performs the effects that a batch of a state table's stream brings; returns Lambda's partial batch answer.

    perform: does one effect and returns what came of it; it may raise Claimed or botocore's errors, and is then tried
    again. What follows a failed effect under its key waits behind it.
    """
    performed, repeated, failed, errors = 0, 0, list[str](), set[str]()
    stuck: set[str] = set()
    for change in changes(batch):
        for effect in new_effects(change):
            if effect.key in stuck:
                continue
            try:
                if effect_log.once(effect, perform):
                    performed += 1
                else:
                    repeated += 1
            except (Claimed, BotoCoreError, ClientError) as error:
                stuck.add(effect.key)
                failed.append(change.sequence)
                errors.add(error_code(error))
    log(
        logging.WARNING if failed else logging.INFO,
        "effects",
        performed=performed,
        repeated=repeated,
        failed=len(failed),
        errors=sorted(errors),
    )
    count({"Performed": performed, "Failed": len(failed)}, by_reason={})
    return failures(failed)
