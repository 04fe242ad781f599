"""What clients are told besides the GIF: analytics.js its `1`, and `/debug/collect` what becomes of a hit, in the JSON
of Google's own validation server.
https://developers.google.com/analytics/devguides/collection/protocol/v1/validating-hits
"""

import re
from http import HTTPStatus

from collect.answers import common_headers, refusal, said
from collect.intake import Intake, Response
from collect.protocols.google_analytics.advice import advice
from collect.reasons import Reason, Refused
from collect.sender import Outcome
from shared.envelope import Hit

MAX_HIT_CHARACTERS = 10_000  # of a hit that is repeated in an answer

# What Google's server calls it. Whatever is not here is VALUE_INVALID.
_CODES = {
    Reason.MISSING_CLIENT_ID: "VALUE_REQUIRED",
    Reason.MISSING_HIT_TYPE: "VALUE_REQUIRED",
    Reason.EMPTY_REQUEST: "VALUE_REQUIRED",
    Reason.INVALID_QUEUE_TIME: "VALUE_OUT_OF_BOUNDS",
    Reason.CLIENT_ID_TOO_LONG: "VALUE_OUT_OF_BOUNDS",
}
_NAMED = re.compile(r"'(\w[^']*)'")  # in a refusal's message: the parameter at fault


def first_version(intake: Intake) -> Response:
    """What analytics.js reads: the version of the answer, 1, and no address of something to fetch behind it."""
    if intake.status != HTTPStatus.OK:
        return refusal(intake)
    headers = {**common_headers(intake), "content-type": "text/plain"}
    return {"statusCode": 200, "headers": headers, "body": "1", "isBase64Encoded": False}


def explained(intake: Intake) -> Response:
    """Each hit and what is wrong with it. `valid` says whether `/collect` would keep it: an ERROR is what makes it a
    bad row there, a WARN what only Google would mind, INFO the rest."""
    if intake.reasons:  # a fault of the collector's own
        return refusal(intake)
    found = [_result(raw, outcome, intake.request.path) for raw, outcome in intake.outcomes]
    hits = "1 hit" if len(found) == 1 else f"{len(found)} hits"
    summary = {"messageType": "INFO", "description": f"Found {hits} in the request."}
    return said(200, {"hitParsingResult": found, "parserMessage": [summary]}, common_headers(intake))


def _result(raw: bytes, outcome: Outcome, path: str) -> dict[str, object]:
    text = raw[: MAX_HIT_CHARACTERS * 4].decode("utf-8", "replace")[:MAX_HIT_CHARACTERS]
    return {
        "valid": not isinstance(outcome, Refused),
        "parserMessage": _messages(outcome),
        "hit": f"{path}?{text}",
    }


def _messages(outcome: Outcome) -> list[dict[str, object]]:
    if isinstance(outcome, Refused):
        named = _NAMED.search(outcome.message)
        code = _CODES.get(outcome.reason, "VALUE_INVALID")
        return [_message("ERROR", f"{outcome.reason}: {outcome.message}", code, named[1] if named else None)]
    if isinstance(outcome, Hit):
        return [_message("WARN", each.description, each.code, each.parameter) for each in advice(outcome.body)]
    return [{"messageType": "INFO", "description": "It would not be kept: its visitor does not want to be tracked."}]


def _message(kind: str, description: str, code: str, parameter: str | None) -> dict[str, object]:
    message: dict[str, object] = {"messageType": kind, "description": description, "messageCode": code}
    return message if parameter is None else {**message, "parameter": parameter}
