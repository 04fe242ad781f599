"""What a client is told: the protocol's GIF, or what is wrong and how much of the request it concerns."""

from http import HTTPStatus

from collect.intake import Intake, Response
from shared.envelope import encode_json

# One transparent pixel, 42 bytes.
PIXEL = "R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"

# A pixel from a cache would be an event that nobody hears of.
UNCACHED = {"cache-control": "no-cache, no-store, must-revalidate", "pragma": "no-cache", "expires": "0"}

RETRY_AFTER_SECONDS = 1


def pixel(intake: Intake) -> Response:
    """A GIF; else what is wrong."""
    if intake.status != HTTPStatus.OK:
        return refusal(intake)
    headers = {**common_headers(intake), "content-type": "image/gif"}
    return {"statusCode": 200, "headers": headers, "body": PIXEL, "isBase64Encoded": True}


def refusal(intake: Intake) -> Response:
    """What is wrong with a request of which nothing was taken."""
    reasons = {str(reason): count for reason, count in intake.reasons.items()}
    body = {"accepted": 0, "bad": reasons, "message": intake.message}
    return said(intake.status, body, common_headers(intake))


def unavailable() -> Response:
    """The answer when neither a stream nor S3 took what was sent: the client has the only copy, and is to keep it."""
    headers = {**UNCACHED, "retry-after": str(RETRY_AFTER_SECONDS)}
    return said(503, {"message": "nothing could be stored; send it again"}, headers)


def common_headers(intake: Intake) -> dict[str, str]:
    """What every answer says: that no cache may keep it, and how many hits became bad rows."""
    headers = {**UNCACHED, "x-content-type-options": "nosniff"}
    if intake.bad_rows:
        headers["x-headrace-bad-rows"] = str(len(intake.bad_rows))
    return headers


def said(status: int, body: dict[str, object], headers: dict[str, str]) -> Response:
    """An answer in JSON."""
    return {
        "statusCode": status,
        "headers": {**headers, "content-type": "application/json"},
        "body": encode_json(body).decode(),
        "isBase64Encoded": False,
    }
