"""Firehose's endpoint: the AWS JSON 1.1 protocol over HTTP."""

import asyncio
import json
import logging
import os
import uuid
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
from aiohttp import web

from embedded.runtime.firehose.authorisation import Authorisation
from embedded.runtime.firehose.errors import ApiError
from embedded.runtime.firehose.operations import operations
from embedded.runtime.firehose.streams import DeliveryStreams

TARGET = "Firehose_20150804."
LARGEST_REQUEST = 16 * 1024 * 1024  # 4 MiB of records grow by a third in base64; the rest is JSON around small ones
# These take no time; the others talk to other services or wait for a thread, and must not stop the puts meanwhile.
AT_ONCE = {"PutRecord", "PutRecordBatch"}

log = logging.getLogger(__name__)


class Endpoint:
    """Answers Firehose's clients for these streams."""

    def __init__(self, streams: DeliveryStreams) -> None:
        self._operations = operations(streams)

    def application(self) -> web.Application:
        """The web application; it needs AWS_ENDPOINT_URL and AWS_ACCESS_KEY_ID in the environment."""
        application = web.Application(client_max_size=LARGEST_REQUEST)
        application.router.add_post("/", self._answer)
        application.cleanup_ctx.append(self._emulator)
        return application

    async def _emulator(self, _: web.Application) -> AsyncIterator[None]:
        async with aiohttp.ClientSession(skip_auto_headers=["User-Agent", "Accept", "Content-Type"]) as session:
            self._authorisation = Authorisation(
                session, os.environ["AWS_ENDPOINT_URL"] + "/", os.environ["AWS_ACCESS_KEY_ID"]
            )
            yield

    async def _answer(self, request: web.Request) -> web.Response:
        try:
            answer, status = await self._perform(request), 200
        except ApiError as error:
            answer, status = {"__type": error.code, "message": error.message}, error.status
        except Exception as error:  # a client must get an answer it understands, and we the trace
            log.exception("%s failed", request.headers.get("X-Amz-Target"))
            answer, status = {"__type": "InternalFailure", "message": repr(error)}, 500
        return web.Response(
            body=json.dumps(answer).encode(),
            status=status,
            content_type="application/x-amz-json-1.1",
            headers={"x-amzn-RequestId": str(uuid.uuid4())},
        )

    async def _perform(self, request: web.Request) -> dict[str, Any]:
        name = request.headers.get("X-Amz-Target", "").removeprefix(TARGET)
        operation = self._operations.get(name)
        if operation is None:
            raise ApiError(
                "UnknownOperationException", f"{name or 'no operation'} is not part of the embedded Firehose"
            )
        try:
            body = await request.read()
            parameters = json.loads(body or b"{}")
        except web.HTTPRequestEntityTooLarge as error:
            raise ApiError("SerializationException", "the request is too large", 413) from error
        except ValueError as error:
            raise ApiError("SerializationException", "the request is not JSON") from error
        if not isinstance(parameters, dict):
            raise ApiError("SerializationException", "the request is not a JSON object")
        stream = str(parameters.get("DeliveryStreamName", ""))
        await self._authorisation.check(name, stream, dict(request.headers), body)
        if name in AT_ONCE:
            return operation(parameters)
        return await asyncio.to_thread(operation, parameters)
