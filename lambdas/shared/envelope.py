"""The envelope: what Kinesis, Firehose and RAW.LOGS carry of one event, whichever protocol it came in.

    service   {id}
    context   {protocol, client_id, user_id, user_ip, user_agent, document_location, document_referrer}
    request   {id, timestamp, hostname, path, method, headers, body}
    response  {id, timestamp, statusCode, headers}

`request.id` is the event's own id and the key for dedupe everywhere. Both timestamps are integer epoch milliseconds.
`request.body` is the hit as it arrived. One envelope is one line of JSON in UTF-8 without its newline: Firehose appends
that. What some readers take for a line's end besides (U+2028, U+2029, U+0085) is escaped, or they cut an event in two.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha1
from typing import NamedTuple
from uuid import UUID

import orjson

SERVICE_ID = "api.collect"

MAX_ID_CHARACTERS = 36  # REQUEST_ID and RESPONSE_ID of RAW.LOGS
MAX_CLIENT_ID_CHARACTERS = 254  # room for other trackers' ids, and inside Kinesis' 256 for a partition key

# Beyond ASCII, what Python's str.splitlines and its like split at. Inside JSON they can only stand in a text.
_LINE_ENDS = {end.encode(): f"\\u{ord(end):04x}".encode() for end in "\u0085\u2028\u2029"}

_PARTITION_KEY_NAMESPACE = UUID("3c1ff7b4-6a05-4f5c-9f8e-0f1f7a3cf1d5")


def encode_json(value: object) -> bytes:
    """Compact JSON on one line, strict: no NaN. Raises TypeError for half surrogate pairs and integers over 64 bits."""
    line = orjson.dumps(value)
    if not line.isascii():
        for end, escape in _LINE_ENDS.items():
            if end[0] in line:  # a single byte is found twenty times as fast
                line = line.replace(end, escape)
    return line


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What an HTTP request says about every hit inside it.

    id: the API's request id, which its access log holds too. timestamp: when the API received it, epoch ms.
    headers: the allowed ones, by lower-case name. source_ip: as the API saw it, not truncated: never store it as it is.
    anonymous: whether the sender asks (Snowplow's `SP-Anonymous`) that neither address nor cookie be used; both are
    empty then.
    """

    id: str
    timestamp: int
    method: str
    path: str
    hostname: str
    source_ip: str
    headers: Mapping[str, str]
    anonymous: bool = False


class Hit(NamedTuple):  # a frozen dataclass costs four times as much to make, and there is one for every event
    """One event as its protocol understood it, safe to store. request_id: its own id, at most 36 characters."""

    request_id: str
    client_id: str
    user_id: str | None
    user_ip: str | None
    user_agent: str | None
    document_location: str | None
    document_referrer: str | None
    body: Mapping[str, object]


class Envelopes:
    """Writes the envelopes of one request. What its hits share is encoded once: that is most of a small hit's line."""

    def __init__(self, request: Request, protocol: str, answered_at: int, answer_type: str = "image/gif") -> None:
        """answered_at: epoch ms, when the answer was made. answer_type: its content type."""
        shared_request = {
            "timestamp": request.timestamp,
            "hostname": request.hostname,
            "path": request.path,
            "method": request.method,
            "headers": request.headers,
        }
        shared = {
            "service": {"id": SERVICE_ID},
            "response": {
                "id": request.id,
                "timestamp": answered_at,
                "statusCode": 200,
                "headers": {"content-type": answer_type},
            },
        }
        self._protocol = protocol
        self._tail = b"," + encode_json(shared_request)[1:] + b"," + encode_json(shared)[1:]

    def line(self, hit: Hit) -> bytes:
        """One envelope, without its newline."""
        own = {
            "context": {
                "protocol": self._protocol,
                "client_id": hit.client_id,
                "user_id": hit.user_id,
                "user_ip": hit.user_ip,
                "user_agent": hit.user_agent,
                "document_location": hit.document_location,
                "document_referrer": hit.document_referrer,
            },
            "request": {"id": hit.request_id, "body": hit.body},
        }
        # The last two characters close `request` and the envelope; the tail goes on inside `request`.
        return encode_json(own)[:-2] + self._tail


def partition_key(client_id: str) -> str:
    """The Kinesis partition key of a client: the client id, unless Kinesis could refuse it.

    One refused key fails a whole PutRecords, so an id that is not plain text is replaced by one derived from it.
    """
    if client_id.isascii() and client_id.isprintable():
        return client_id
    return derived_id(_PARTITION_KEY_NAMESPACE, client_id.encode())


def derived_id(namespace: UUID, content: bytes) -> str:
    """`str(uuid5(namespace, content))` at half its price: the UUID object in between costs more than the hash."""
    digest = sha1(namespace.bytes + content, usedforsecurity=False).hexdigest()
    variant = "89ab"[int(digest[16], 16) & 0b11]
    return f"{digest[:8]}-{digest[8:12]}-5{digest[13:16]}-{variant}{digest[17:20]}-{digest[20:32]}"
