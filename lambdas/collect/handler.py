"""Lambda's entry to the collector: bytes in, bytes out. The rules are in collect.taking and the protocols."""

import logging
import os
from typing import Any

from collect.answers import unavailable
from collect.configuration import from_environment
from collect.intake import Intake
from collect.taking import take_in
from shared.observability import count, log
from shared.outlet import BAD, EVENTS, Delivered, outlet

CONFIGURATION = from_environment(os.environ)

# Where there is no context to ask (a direct call), as long as an HTTP API waits for a function.
HTTP_API_SECONDS = 30.0

if "AWS_LAMBDA_FUNCTION_NAME" in os.environ:
    outlet().target(EVENTS)  # makes its client while Lambda starts the function, when it has a whole processor


def handler(event: Any, context: Any) -> dict[str, object]:
    """Answers one request. It raises nothing: an exception would cost the client its answer and us the hit."""
    intake = take_in(event, CONFIGURATION)

    def time_left() -> float:
        return context.get_remaining_time_in_millis() / 1000 if context else HTTP_API_SECONDS

    try:
        delivered = outlet().deliver({EVENTS: intake.events, BAD: intake.bad_rows}, time_left)
    except Exception as error:
        # Nothing is known to be safe, so the client keeps it. The type only: a message could quote the payload.
        lost = {EVENTS: len(intake.events), BAD: len(intake.bad_rows)}
        delivered = Delivered(lost=lost, errors=frozenset({type(error).__name__}))
    response = unavailable() if delivered.lost else intake.response()
    _report(intake, delivered, response)
    return response


def _report(intake: Intake, delivered: Delivered, response: dict[str, object]) -> None:
    accepted = len(intake.events) - delivered.lost.get(EVENTS, 0)
    bad = len(intake.bad_rows) - delivered.lost.get(BAD, 0)
    lost = sum(delivered.lost.values())
    # Of a visitor who does not want to be tracked, a request that fell apart leaves no bad row either.
    reasons = {str(reason): number for reason, number in intake.reasons.items()} if intake.bad_rows else {}
    # The ledger's account of the request: what is stored under its id is held against this line (docs/ledger.md).
    log(
        logging.WARNING if lost or delivered.errors else logging.INFO,
        "request",
        request_id=intake.request.id,
        received_at=intake.request.timestamp,
        protocol=intake.protocol,
        route=intake.route,
        status=response["statusCode"],
        accepted=accepted,
        repeated=intake.repeated,
        bad=reasons,
        lost_bad=delivered.lost.get(BAD, 0),
        declined=intake.declined,
        retried=delivered.retried,
        spilled=delivered.spilled,
        lost=lost,
        errors=sorted(delivered.errors),
    )
    count(
        {
            "Received": accepted + bad + intake.declined + lost,
            "Accepted": accepted,
            "Bad": bad,
            "Declined": intake.declined,
            "Put": delivered.put.get(EVENTS, 0),
            "Retried": delivered.retried,
            "Spilled": delivered.spilled,
            "Lost": lost,
        },
        by_reason={"Bad": reasons} if bad else {},
    )
