"""What a client is told: the protocol's GIF, or what is wrong and how much of the request it concerns."""

from http import HTTPStatus

from collect.intake import Intake
from shared.envelope import encode_json

# One transparent pixel, 42 bytes.
PIXEL = "R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"

# A pixel from a cache would be an event that nobody hears of.
UNCACHED = {"cache-control": "no-cache, no-store, must-revalidate", "pragma": "no-cache", "expires": "0"}

RETRY_AFTER_SECONDS = 1


def answer(intake: Intake) -> dict[str, object]:
    """The answer once everything is safe: stored, or spilled."""
    headers = {**UNCACHED, "x-content-type-options": "nosniff"}
    if intake.bad_rows:
        headers["x-headrace-bad-rows"] = str(len(intake.bad_rows))
    if intake.status == HTTPStatus.OK:
        headers["content-type"] = "image/gif"
        return {"statusCode": 200, "headers": headers, "body": PIXEL, "isBase64Encoded": True}
    reasons = {str(reason): count for reason, count in intake.reasons.items()}
    return _said(intake.status, headers, {"accepted": 0, "bad": reasons, "message": intake.message})


def unavailable() -> dict[str, object]:
    """The answer when neither a stream nor S3 took what was sent: the client has the only copy, and is to keep it."""
    headers = {**UNCACHED, "retry-after": str(RETRY_AFTER_SECONDS)}
    return _said(503, headers, {"message": "nothing could be stored; send it again"})


def _said(status: int, headers: dict[str, str], body: dict[str, object]) -> dict[str, object]:
    return {
        "statusCode": status,
        "headers": {**headers, "content-type": "application/json"},
        "body": encode_json(body).decode(),
        "isBase64Encoded": False,
    }
