"""One execution environment of a function: a process that has loaded its handler and answers one event at a time."""

import asyncio
import contextlib
import fcntl
import json
import os
import secrets
import socket
import struct
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

import orjson

from embedded.runtime.functions.definition import Function

BOOTSTRAP = Path(__file__).with_name("bootstrap.py")
LENGTHS = struct.Struct(">II")
LOAD_SECONDS = 60.0  # for loading the handler; Lambda gives 10 s, on a machine that nobody else uses
AT_ONCE_BYTES = 4 * 1024 * 1024  # of an event on its way to a worker, as far as this machine allows it
LARGEST_LOG = 1024 * 1024  # bytes of a log file that are read already, before it begins anew


@dataclass(frozen=True)
class Answer:
    """What an invocation came to. error: Lambda's word for an error of the function, whose description is the payload.

    version: that ran. request_id: its identity in the log.
    """

    payload: bytes
    version: str
    error: str | None = None


@dataclass(frozen=True)
class Ended:
    """An invocation, for the log. seconds: it took; memory_mb: the process had at most. loading: what was written as
    the handler was loaded for it, which took loaded_seconds; None where it was loaded already."""

    request_id: str
    lines: Sequence[str]
    seconds: float
    memory_mb: int
    loading: Sequence[str]
    loaded_seconds: float | None


class NotLoaded(Exception):
    """The handler can not be loaded. payload: Lambda's description of why. lines: its output, for the log `stream`."""

    def __init__(self, payload: bytes, lines: Sequence[str], stream: str) -> None:
        super().__init__(payload.decode(errors="replace"))
        self.payload, self.lines, self.stream = payload, lines, stream


class Worker(asyncio.Protocol):
    """A process of `function`. It ends with its owner: its channel closes then. To be used from one event loop."""

    def __init__(self, function: Function, process: subprocess.Popen[bytes], log: IO[bytes], stream: str) -> None:
        self.function = function
        self.stream = stream
        self.began = self.rested = time.monotonic()
        self._process, self._log, self._read = process, log, 0
        self._received = bytearray()
        self._answer: asyncio.Future[tuple[bool, int, bytes]] | None = None
        self._loading: list[str] = []
        self._loaded_seconds: float | None = None

    @classmethod
    async def start(cls, function: Function, code: Path, variables: Mapping[str, str]) -> "Worker":
        """Starts a process in the folder `code` and loads the handler. Raises NotLoaded, and OSError where this machine
        has no room for another process."""
        stream = f"{time.strftime('%Y/%m/%d', time.gmtime())}/[{function.version}]{uuid.uuid4().hex}"
        environment = {
            **variables,
            "LAMBDA_TASK_ROOT": str(code),
            "AWS_LAMBDA_FUNCTION_NAME": function.name,
            "AWS_LAMBDA_FUNCTION_VERSION": function.version,
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory_mb),
            "AWS_LAMBDA_LOG_GROUP_NAME": function.log_group,
            "AWS_LAMBDA_LOG_STREAM_NAME": stream,
        }
        with contextlib.ExitStack() as failed:  # what is left where it comes to no worker
            ours, theirs = socket.socketpair()
            failed.callback(ours.close)
            failed.callback(theirs.close)
            ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, AT_ONCE_BYTES)
            log = failed.enter_context(tempfile.TemporaryFile(buffering=0))
            # Whoever writes does so at its end, wherever that is by then: it begins anew from time to time.
            fcntl.fcntl(log, fcntl.F_SETFL, fcntl.fcntl(log, fcntl.F_GETFL) | os.O_APPEND)
            process = await asyncio.to_thread(
                subprocess.Popen,
                # -P: what lies beside the bootstrap is nothing that a function could import.
                [sys.executable, "-P", str(BOOTSTRAP), str(theirs.fileno())],
                cwd=code,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=[theirs.fileno()],
            )
            failed.pop_all()
        theirs.close()
        worker = cls(function, process, log, stream)
        await asyncio.get_running_loop().create_connection(lambda: worker, sock=ours)
        await worker._load()
        return worker

    @property
    def alive(self) -> bool:
        """Whether it can be given an event."""
        return not self._transport.is_closing() and self._process.poll() is None

    async def invoke(self, event: bytes) -> tuple[Answer, Ended]:
        """Has the handler answer an event. A function that takes too long, and one that ends its process, leave a
        worker that is not alive."""
        function, request_id, begun = self.function, str(uuid.uuid4()), time.monotonic()
        call = {
            "id": request_id,
            "arn": function.arn,
            "deadline": time.time() + function.timeout_seconds,
            "trace": _trace() if function.traced else None,
        }
        memory = 0
        try:
            ok, memory, payload = await self._ask(call, event, function.timeout_seconds)
            answer = Answer(payload, function.version, None if ok else "Unhandled")
        except TimeoutError:
            why = _failure(
                "Sandbox.Timedout", request_id, f"Task timed out after {function.timeout_seconds}.00 seconds"
            )
            answer = Answer(why, function.version, "Unhandled")
        except ConnectionError:
            why = _failure("Runtime.ExitError", request_id, f"Runtime exited {self._how_it_ended()}")
            answer = Answer(why, function.version, "Unhandled")
        lines = self._said()
        if not self.alive:
            lines = [*lines, json.loads(answer.payload)["errorMessage"]]
        self.rested = time.monotonic()
        ended = Ended(request_id, lines, self.rested - begun, memory, self._loading, self._loaded_seconds)
        self._loading, self._loaded_seconds = [], None
        return answer, ended

    def stop(self) -> None:
        """Ends the process at once, and forgets what it wrote."""
        self._end()
        self._log.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self._received += data
        if len(self._received) < LENGTHS.size or self._answer is None:
            return
        header, body = LENGTHS.unpack_from(self._received)
        if len(self._received) < LENGTHS.size + header + body:
            return
        told = orjson.loads(self._received[LENGTHS.size : LENGTHS.size + header])
        payload = bytes(self._received[LENGTHS.size + header :])
        self._received.clear()
        if not self._answer.done():
            self._answer.set_result((told["ok"], told["memory_mb"], payload))

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's name
        if self._answer and not self._answer.done():
            self._answer.set_exception(ConnectionError("the process ended"))

    async def _ask(self, call: Mapping[str, object], event: bytes, seconds: float) -> tuple[bool, int, bytes]:
        """Raises TimeoutError and ConnectionError; the worker is stopped then."""
        header, loop = orjson.dumps(call), asyncio.get_running_loop()
        self._answer = loop.create_future()
        late = loop.call_later(seconds, _give_up, self._answer)  # asyncio.timeout would take four times as long
        try:
            if not self.alive:
                raise ConnectionError("the process ended before")
            self._transport.write(LENGTHS.pack(len(header), len(event)) + header + event)
            return await self._answer
        except (TimeoutError, ConnectionError):
            self._end()
            raise
        finally:
            late.cancel()
            self._answer = None

    async def _load(self) -> None:
        begun = time.monotonic()
        try:
            ok, _, payload = await self._ask({"handler": self.function.handler}, b"", LOAD_SECONDS)
        except TimeoutError:
            ok, payload = False, _failure("Sandbox.Timedout", "", f"the handler was not loaded in {LOAD_SECONDS:.0f} s")
        except ConnectionError:
            ok, payload = False, _failure("Runtime.ExitError", "", f"Runtime exited {self._how_it_ended()}")
        except asyncio.CancelledError:  # nobody would know of the process
            self.stop()
            raise
        self._loading = self._said()
        if not ok:
            self.stop()
            raise NotLoaded(payload, self._loading, self.stream)
        self._loaded_seconds = time.monotonic() - begun

    def _end(self) -> None:
        self._transport.abort()
        self._process.kill()
        self._process.wait()

    def _how_it_ended(self) -> str:
        code = self._process.returncode
        return f"with error: signal {-code}" if code and code < 0 else f"with error: exit status {code}"

    def _said(self) -> list[str]:
        """What the function wrote since the last time: all of it is in the file before its answer is here."""
        size = os.fstat(self._log.fileno()).st_size
        said = os.pread(self._log.fileno(), size - self._read, self._read)
        self._read = size
        if size > LARGEST_LOG:
            os.ftruncate(self._log.fileno(), 0)
            self._read = 0
        return said.decode(errors="replace").splitlines()


def _give_up(answer: "asyncio.Future[tuple[bool, int, bytes]]") -> None:
    if not answer.done():
        answer.set_exception(TimeoutError())


def _failure(kind: str, request_id: str, text: str) -> bytes:
    """How Lambda describes a failure that no handler could."""
    message = f"RequestId: {request_id} Error: {text}" if request_id else text
    return json.dumps({"errorType": kind, "errorMessage": message}).encode()


def _trace() -> str:
    """An X-Ray trace header of an invocation that nobody traced before."""
    root = f"1-{int(time.time()):08x}-{secrets.token_hex(12)}"
    return f"Root={root};Parent={secrets.token_hex(8)};Sampled=1"
