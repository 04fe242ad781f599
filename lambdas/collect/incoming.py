"""The HTTP request as API Gateway hands it over (HTTP API, payload 2.0): from its dictionary to facts and bytes.

Nothing here trusts the dictionary's shape: what is missing or of another type reads as empty.
"""

import base64
import binascii
import time
import zlib
from collections.abc import Mapping
from uuid import uuid4

from collect.formats import replaced
from collect.reasons import Reason, Refused
from shared.envelope import MAX_ID_CHARACTERS, Request
from shared.privacy import allowed_headers, printable

MAX_PATH_CHARACTERS = 2_048
MAX_AUTHORIZATION_CHARACTERS = 1_024
MAX_GZIP_MEMBERS = 100  # each costs a copy of what follows it

MAX_TIMESTAMP = 253_402_300_799_999  # the last millisecond of the year 9999, where dates of most readers end


def request_of(event: object, more_headers: frozenset[str] = frozenset()) -> Request:
    """The facts about a request; made up where the event lacks them (an id, the time), so that it never fails.

    more_headers: kept besides those that always are.
    """
    event = _mapping(event)
    context = _mapping(event.get("requestContext"))
    http = _mapping(context.get("http"))
    headers = _mapping(event.get("headers"))
    anonymous = asks_to_be_anonymous(event)
    return Request(
        id=(_text(context.get("requestId")) or str(uuid4()))[:MAX_ID_CHARACTERS],
        timestamp=_timestamp(context.get("timeEpoch")),
        method=_text(http.get("method")).upper()[:16],
        path=_path(event, context)[:MAX_PATH_CHARACTERS],
        hostname=_text(context.get("domainName"))[:255],
        source_ip="" if anonymous else _text(http.get("sourceIp"))[:64],
        headers=allowed_headers(
            {name: value for name, value in headers.items() if isinstance(name, str)}, more_headers
        ),
        anonymous=anonymous,
    )


def query_of(event: object) -> bytes:
    """The query string, still percent-encoded."""
    return _bytes(_mapping(event).get("rawQueryString"))


def raw_body_of(event: object) -> bytes:
    """The body exactly as the gateway wrote it into the event, base64 and all."""
    return _bytes(_mapping(event).get("body"))


def authorization_of(event: object) -> str:
    """The header of that name, which is among those never stored."""
    headers = _mapping(_mapping(event).get("headers"))
    found = (value for name, value in headers.items() if isinstance(name, str) and name.lower() == "authorization")
    return _text(next(found, ""))[:MAX_AUTHORIZATION_CHARACTERS]


def cookies_of(event: object) -> dict[str, str]:
    """The cookies, which payload 2.0 hands over beside the headers, as `name=value` each."""
    if asks_to_be_anonymous(event):
        return {}
    found = _mapping(event).get("cookies")
    pairs = (_text(cookie).partition("=") for cookie in found) if isinstance(found, list) else ()
    return {name.strip(): value.strip() for name, _, value in pairs if name.strip()}


def asks_to_be_anonymous(event: object) -> bool:
    """Whether it has Snowplow's header `SP-Anonymous`, whatever its value."""
    headers = _mapping(_mapping(event).get("headers"))
    return any(isinstance(name, str) and name.lower() == "sp-anonymous" for name in headers)


def asks_not_to_be_tracked(headers: Mapping[str, str]) -> bool:
    """Whether the browser says so: Do Not Track, or its successor, Global Privacy Control."""
    return headers.get("dnt", "").strip() == "1" or headers.get("sec-gpc", "").strip() == "1"


def body_of(event: object, headers: Mapping[str, str], limit: int, refuse_replaced: bool = True) -> bytes:
    """The body as its sender wrote it. Raises Refused where it can not be had, or is larger than the limit.

    refuse_replaced: whether a text with U+FFFD in it is taken for one that was no UTF-8 (see collect.formats.replaced).
    """
    event = _mapping(event)
    body = raw_body_of(event)
    # Checked before anything is decoded, at base64's size of four bytes for three.
    if len(body) > limit * 4 // 3 + 4:
        raise Refused(Reason.BODY_TOO_LARGE, f"more than {limit} bytes", body)
    if event.get("isBase64Encoded"):
        try:
            body = base64.b64decode(body, validate=True)
        except (binascii.Error, ValueError):
            raise Refused(Reason.INVALID_BASE64, "the body is said to be base64, and is not", body) from None
    elif refuse_replaced and replaced(body):
        raise Refused(Reason.INVALID_UTF8, "the body is not UTF-8", body)
    encoding = headers.get("content-encoding", "").strip().lower()
    if encoding == "gzip":
        body = unzipped(body, limit)
    elif encoding not in ("", "identity"):
        raise Refused(Reason.UNSUPPORTED_ENCODING, "content-encoding can be gzip or nothing", body)
    if len(body) > limit:
        raise Refused(Reason.BODY_TOO_LARGE, f"more than {limit} bytes", body)
    return body.removeprefix(b"\xef\xbb\xbf")  # a byte order mark


def unzipped(body: bytes, limit: int) -> bytes:
    """All members of a gzip body (RFC 1952: one after another), as whoever compresses in pieces writes them. Never more
    than a byte beyond the limit, whatever the compressed bytes would grow to. Raises Refused."""
    plain, rest = b"", body
    for _ in range(MAX_GZIP_MEMBERS):
        inflate = zlib.decompressobj(wbits=31)
        try:
            plain += inflate.decompress(rest, limit + 1 - len(plain))
        except zlib.error:
            raise Refused(Reason.INVALID_GZIP, "content-encoding is gzip, and the body is not", body) from None
        if len(plain) > limit:
            return plain
        if not inflate.eof:
            raise Refused(Reason.INVALID_GZIP, "the gzip body ends too early", body)
        rest = inflate.unused_data
        if not rest:
            return plain
    raise Refused(Reason.INVALID_GZIP, f"more than {MAX_GZIP_MEMBERS} gzip members", body)


def _path(event: Mapping[str, object], context: Mapping[str, object]) -> str:
    """The path without the stage a named stage puts before it."""
    path = _text(event.get("rawPath"))
    stage = _text(context.get("stage"))
    return path.removeprefix(f"/{stage}") if stage and path.startswith(f"/{stage}/") else path


def _timestamp(value: object) -> int:
    if type(value) is int and 0 < value <= MAX_TIMESTAMP:
        return value
    return time.time_ns() // 1_000_000


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}


def _text(value: object) -> str:
    return printable(value) if isinstance(value, str) else ""


def _bytes(value: object) -> bytes:
    # "surrogatepass" keeps what is no Unicode as bytes that are no UTF-8, to be refused as such.
    return value.encode("utf-8", "surrogatepass") if isinstance(value, str) else b""
