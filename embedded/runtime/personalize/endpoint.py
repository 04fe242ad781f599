"""The HTTP side: `POST /events`, answered as by the service, and recorded a line a call."""

import json
import logging
import os
import time
import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web

from embedded.runtime.firehose.authorisation import access_key
from embedded.runtime.firehose.errors import ApiError
from embedded.runtime.personalize.validation import broken_rules, mistakes

RECORD = "personalize.jsonl"
REMEMBERED_SECONDS = 60.0
# The service answers 200 and drops these: texts that some tracker wrote for want of a session.
NO_SESSION = frozenset({"null", "undefined"})

log = logging.getLogger(__name__)


class PersonalizeEvents:
    """Takes events into the file `personalize.jsonl` of `folder`: a line a call, as PutEvents has it, each event with
    an id and the call with `receivedAt`, epoch seconds."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / RECORD
        self._emulator = os.environ["AWS_ENDPOINT_URL"]
        self._root = os.environ["AWS_ACCESS_KEY_ID"]
        self._allowed: dict[str, float] = {}

    def add_to(self, application: web.Application) -> None:
        """Has an application answer the service's paths."""
        application.router.add_post("/events", self._put_events)
        application.router.add_post("/{other:users|items|actions|action-interactions}", self._not_built)
        application.cleanup_ctx.append(self._connections)

    async def _connections(self, _: web.Application) -> AsyncIterator[None]:
        async with aiohttp.ClientSession(skip_auto_headers=["User-Agent", "Accept", "Content-Type"]) as session:
            self._session = session
            yield

    async def _put_events(self, request: web.Request) -> web.Response:
        try:
            body = await request.read()
            await self._check_permission(request, body)
            self._take(_parsed(body))
        except ApiError as error:
            return _answer({"message": error.message}, error.status, error.code)
        return _answer({}, 200)

    async def _not_built(self, request: web.Request) -> web.Response:
        return _answer({"message": f"{request.path} is not built here"}, 404, "UnknownOperationException")

    def _take(self, request: dict[str, Any]) -> None:
        if found := mistakes(request):
            errors = "1 validation error" if len(found) == 1 else f"{len(found)} validation errors"
            raise ApiError("ValidationException", f"{errors} detected: {'; '.join(found)}")
        if found := broken_rules(request, time.time()):
            raise ApiError("InvalidInputException", "; ".join(found))
        if request["sessionId"] in NO_SESSION:
            log.warning("%d events of session '%s' are dropped, as by the service", *_size(request))
            return
        for event in request["eventList"]:
            event.setdefault("eventId", str(uuid.uuid4()))
        with self._path.open("a") as record:
            record.write(json.dumps({"receivedAt": time.time(), **request}) + "\n")

    async def _check_permission(self, request: web.Request, body: bytes) -> None:
        """Shows the signed request to the emulator, which refuses a caller whose policies do not allow it, and knows
        nothing else of this service. A permission is remembered for a minute. Raises ApiError."""
        key = access_key(dict(request.headers))
        if key == self._root or self._allowed.get(key, 0.0) > time.monotonic():
            return
        async with self._session.post(self._emulator + request.path, data=body, headers=request.headers) as answer:
            if answer.status == web.HTTPForbidden.status_code:
                raise ApiError("AccessDeniedException", await answer.text(), answer.status)
        self._allowed[key] = time.monotonic() + REMEMBERED_SECONDS


def _parsed(body: bytes) -> Any:
    try:
        return json.loads(body or b"{}")
    except ValueError as error:
        raise ApiError("SerializationException", "the request is not JSON") from error


def _size(request: dict[str, Any]) -> tuple[int, str]:
    return len(request["eventList"]), request["sessionId"]


def _answer(content: dict[str, Any], status: int, code: str | None = None) -> web.Response:
    error = {"x-amzn-ErrorType": code} if code else {}
    headers = {"x-amzn-RequestId": str(uuid.uuid4()), **error}
    return web.Response(
        body=json.dumps(content).encode(), status=status, content_type="application/json", headers=headers
    )
