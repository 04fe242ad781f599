"""The call that carries the events, PutRecords, on a shorter way.

MiniStack takes a millisecond of processor for any request, nearly all of it to find out which of its services is meant,
and whether the caller may. A caller who was answered a moment ago by all of it may do the same again, on AWS as well,
where a change of rights takes seconds. Who calls is checked each time: the signature, by MiniStack's own functions.
"""

import contextlib
import time
import uuid
from collections.abc import Mapping
from email.utils import formatdate
from typing import Any

import orjson
from ministack.core import iam_evaluator, responses, sigv4
from ministack.services import kinesis

TRUSTED_SECONDS = 2.0
MOST_CALLERS = 1_000  # remembered: credentials change by the hour
TARGET = b"Kinesis_20131202.PutRecords"

Caller = tuple[str, ...]


class Shortcut:
    """An ASGI application in front of MiniStack's, to which it leaves all else, and all that it is not sure of."""

    def __init__(self, app: Any) -> None:
        self._app = app
        self._trusted: dict[Caller, float] = {}

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http" or (b"x-amz-target", TARGET) not in scope["headers"]:
            await self._app(scope, receive, send)
            return
        headers = {name.decode("latin-1"): sigv4.decode_header_value(value) for name, value in scope["headers"]}
        body = await _whole(receive)
        if body is None:
            return
        caller, request, trusted = (), None, False
        with contextlib.suppress(ValueError, TypeError, KeyError, AttributeError):  # MiniStack says what is wrong
            request = orjson.loads(body)
            caller = _caller(headers, request)
            trusted = time.monotonic() < self._trusted.get(caller, 0.0) and _signed(scope, headers, body)
        if trusted:
            await _send(send, *kinesis._put_records(request))
        else:
            await self._app(scope, _again(body, receive), self._noting(caller, send))

    def _noting(self, caller: Caller, send: Any) -> Any:
        """A way to send, on which a success is noted."""

        async def noting(message: Any) -> None:
            if caller and message["type"] == "http.response.start" and message["status"] == 200:
                if len(self._trusted) >= MOST_CALLERS:
                    self._trusted.clear()
                self._trusted[caller] = time.monotonic() + TRUSTED_SECONDS
            await send(message)

        return noting


def _caller(headers: Mapping[str, str], request: Mapping[str, Any]) -> Caller:
    """Who wants to put where. Raises KeyError where one of both is not said plainly."""
    credential = headers["authorization"].partition("Credential=")[2].partition(",")[0]
    stream = request.get("StreamARN") or request["StreamName"]
    return credential, headers.get("x-amz-security-token", ""), headers["content-type"], stream


def _signed(scope: Any, headers: Mapping[str, str], body: bytes) -> bool:
    """Whether the request is signed, now, by whom it says. The account and the region are those of the credentials."""
    signature = sigv4.parse_header_signature(headers)
    if isinstance(signature, tuple) or sigv4.request_time_failure(signature) or scope["query_string"]:
        return False
    responses.set_request_account_id(signature.access_key_id)
    responses.set_request_region(signature.region)
    token = headers.get("x-amz-security-token", "")
    credential = iam_evaluator.resolve_credential(signature.access_key_id, responses.get_account_id(), token)
    if isinstance(credential, iam_evaluator.CredentialResolutionError):
        return False
    secret, path = credential.secret_access_key, scope["path"]
    return not sigv4.header_signature_failure(signature, secret, "POST", path, {}, headers, body)


async def _whole(receive: Any) -> bytes | None:
    """The request's body; None where its sender is gone."""
    parts = []
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return None
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(parts)


def _again(body: bytes, receive: Any) -> Any:
    """A way to receive the same body once more."""
    first = [{"type": "http.request", "body": body}]

    async def receiving() -> Any:
        return first.pop() if first else await receive()

    return receiving


async def _send(send: Any, status: int, headers: Mapping[str, str], body: bytes) -> None:
    said = {
        **headers,
        "content-length": str(len(body)),
        "date": formatdate(usegmt=True),
        "x-amzn-requestid": str(uuid.uuid4()),
    }
    lines = [(name.lower().encode(), value.encode()) for name, value in said.items()]
    await send({"type": "http.response.start", "status": status, "headers": lines})
    await send({"type": "http.response.body", "body": body})
