"""The network user id: the collector's own cookie, by which Snowplow tells browsers apart across sites.

Who sends `SP-Anonymous` gets none.
"""

import re
from collections.abc import Mapping
from uuid import UUID

import orjson

from collect.intake import Intake, Response
from shared.envelope import Request, derived_id

COOKIE = "sp"  # the name that Snowplow's collectors give it, unless configured otherwise
COOKIE_SECONDS = 365 * 24 * 60 * 60

_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_NAMESPACE = UUID("5e0a3ac1-6b0e-4c43-9d5a-8a5d3c2f7b16")


def is_uuid(text: str) -> bool:
    """Whether it is a UUID as trackers write one."""
    return _UUID.fullmatch(text) is not None


def known(cookies: Mapping[str, str]) -> str | None:
    """The id that a browser has from an earlier answer. Anything else under the cookie's name is not ours."""
    value = cookies.get(COOKIE, "")
    return value.lower() if is_uuid(value) else None


def fresh(request: Request) -> str:
    """The id that a request without one gets: a UUIDv5 of API Gateway's request id and the time."""
    return derived_id(_NAMESPACE, f"{request.id} {request.timestamp}".encode())


def with_cookie(response: Response, intake: Intake) -> Response:
    """The response that lets the browser keep its id for another year, where an event of its was taken: the id that the
    first of them has, unless it is no UUID. A `tnuid` is the event's alone, as with Snowplow's collectors.

    `SameSite=None; Secure`: the pages are on other sites than the collector. Browsers take that from http://localhost
    and http://127.0.0.1 too.
    """
    if intake.request.anonymous or intake.declined or not intake.events:
        return response
    body = orjson.loads(intake.events[0].data)["request"]["body"]
    own = is_uuid(body["nuid"]) and not body.get("tnuid")
    value = body["nuid"] if own else known(intake.cookies) or fresh(intake.request)
    cookie = f"{COOKIE}={value}; Max-Age={COOKIE_SECONDS}; Path=/; Secure; HttpOnly; SameSite=None"
    return {**response, "cookies": [cookie]}
