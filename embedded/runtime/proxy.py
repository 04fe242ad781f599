"""What an HTTP API hands to a function, and makes of its answer: payload format 2.0.

<https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html>
"""

import base64
import json
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, unquote

import orjson
from multidict import CIMultiDict

# The rest reaches a function in base64, `application/x-www-form-urlencoded` and what has no type among it.
TEXT = ("application/json", "application/xml", "application/javascript")
PERCENT = "%25"


@dataclass(frozen=True)
class Asked:
    """A request. path: decoded; query: as it was sent. headers: in the order in which they came, X-Forwarded ones
    among them. id: the request's, for the function and the access log."""

    id: str
    method: str
    path: str
    query: str
    headers: Iterable[tuple[str, str]]
    body: bytes
    source_ip: str


@dataclass(frozen=True)
class Answered:
    """An answer for the client."""

    status: int
    headers: CIMultiDict[str]
    body: bytes


class Unintelligible(Exception):
    """A function's answer is none that an HTTP API understands."""


def decoded(path: str) -> str:
    """A path as routes and functions see it: every escape is resolved but that of the percent sign."""
    return PERCENT.join(unquote(part, errors="replace") for part in path.split(PERCENT)) if "%" in path else path


def event(asked: Asked, route: str, parameters: dict[str, str] | None, api: str, stage: str) -> bytes:
    """The event of a function."""
    now = time.time()
    headers: dict[str, str] = {}
    cookies: list[str] = []
    for name, value in asked.headers:
        name = name.lower()
        if name == "cookie":
            cookies += [cookie.strip() for cookie in value.split(";")]
        else:
            headers[name] = f"{headers[name]},{value}" if name in headers else value
    made: dict[str, Any] = {
        "version": "2.0",
        "routeKey": route,
        "rawPath": asked.path,
        "rawQueryString": asked.query,
        "headers": headers,
        "requestContext": {
            "accountId": "000000000000",
            "apiId": api,
            "domainName": f"{api}.execute-api.localhost",
            "domainPrefix": api,
            "http": {
                "method": asked.method,
                "path": asked.path,
                "protocol": "HTTP/1.1",
                "sourceIp": asked.source_ip,
                "userAgent": headers.get("user-agent", ""),
            },
            "requestId": asked.id,
            "routeKey": route,
            "stage": stage,
            "time": time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime(now)),
            "timeEpoch": int(now * 1000),
        },
        "isBase64Encoded": False,
    }
    if cookies:
        made["cookies"] = cookies
    if parameters:
        made["pathParameters"] = parameters
    if asked.query:
        made["queryStringParameters"] = _parameters(asked.query)
    if asked.body:
        # What is compressed is no text, whatever it is of.
        text = _is_text(headers.get("content-type", "")) and headers.get("content-encoding", "identity") == "identity"
        made["body"] = asked.body.decode(errors="replace") if text else base64.b64encode(asked.body).decode()
        made["isBase64Encoded"] = not text
    return _encoded(made)


def answer(payload: bytes) -> Answered:
    """What the client gets of a function's answer. Raises Unintelligible."""
    try:
        found = orjson.loads(payload)
        if not isinstance(found, dict) or "statusCode" not in found:  # the function leaves all to the API
            body = found.encode() if isinstance(found, str) else payload
            return Answered(200, CIMultiDict({"Content-Type": "application/json"}), body)
        headers = CIMultiDict({"Content-Type": "text/plain; charset=utf-8"})
        headers.update({name: str(value) for name, value in (found.get("headers") or {}).items()})
        for cookie in found.get("cookies") or []:
            headers.add("Set-Cookie", cookie)
        body = "" if found.get("body") is None else found["body"]
        content = base64.b64decode(body, validate=True) if found.get("isBase64Encoded") else body.encode()
        return Answered(int(found["statusCode"]), headers, content)
    except (ValueError, TypeError, AttributeError) as error:
        raise Unintelligible(repr(error)) from error


def _is_text(content_type: str) -> bool:
    kind = content_type.partition(";")[0].strip().lower()
    return kind.startswith("text/") or kind in TEXT


def _parameters(query: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in parse_qsl(query, keep_blank_values=True, errors="replace"):
        found[name] = f"{found[name]},{value}" if name in found else value
    return found


def _encoded(made: dict[str, Any]) -> bytes:
    try:
        return orjson.dumps(made)
    except TypeError:  # bytes of a header that are no UTF-8 are surrogates, which orjson does not write
        return json.dumps(made).encode()
