"""What runs in a function's process: loads the handler, then answers one event after another until its channel closes.

It is a program of its own and knows nothing of the project. What the function writes goes where its standard output
and error go; only answers go over the channel, whose file descriptor is the one argument. Frames, both ways: two
lengths (big-endian 32-bit), then so many bytes each.

    in:  a header {"handler", "id", "deadline", "trace", "arn", "stream"}, and the event as it was given
    out: a header {"ok", "memory_mb"}, and the handler's result, or {"errorMessage", "errorType", "stackTrace"}

The first frame in has no event and its answer says whether the handler could be loaded.
"""

import gc
import importlib
import json
import os
import resource
import socket
import struct
import sys
import time
import traceback
from collections.abc import Callable
from io import BufferedRWPair
from typing import Any, cast

LENGTHS = struct.Struct(">II")
KIBIBYTES = 1024 if sys.platform != "darwin" else 1024 * 1024  # of ru_maxrss in a mebibyte: macOS counts bytes

BUFFER_BYTES = 64 * 1024  # an event of an HTTP request is read at once
GARBAGE_OBJECTS = 50_000  # made between looks for garbage; by default 700, and a batch of events is more


class Context:
    """What Lambda tells a Python function of its invocation.

    https://docs.aws.amazon.com/lambda/latest/dg/python-context.html
    """

    identity = None
    client_context = None

    def __init__(self, call: dict[str, Any]) -> None:
        self.function_name = os.environ["AWS_LAMBDA_FUNCTION_NAME"]
        self.function_version = os.environ["AWS_LAMBDA_FUNCTION_VERSION"]
        self.memory_limit_in_mb = os.environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]
        self.log_group_name = os.environ["AWS_LAMBDA_LOG_GROUP_NAME"]
        self.log_stream_name = os.environ["AWS_LAMBDA_LOG_STREAM_NAME"]
        self.invoked_function_arn = call["arn"]
        self.aws_request_id = call["id"]
        self._deadline = call["deadline"]

    def get_remaining_time_in_millis(self) -> int:
        return max(0, int((self._deadline - time.time()) * 1000))


def main() -> None:
    channel = cast(BufferedRWPair, socket.socket(fileno=int(sys.argv[1])).makefile("rwb", BUFFER_BYTES))
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr] - so that the log has it if we are killed
    sys.path.insert(0, os.environ["LAMBDA_TASK_ROOT"])
    call, _ = _read(channel)
    module, _, name = call["handler"].rpartition(".")
    try:
        handler = getattr(importlib.import_module(module.replace("/", ".")), name)
    except Exception as error:
        _write(channel, False, _described(error))
        return
    gc.freeze()  # what was loaded is no garbage, and is not looked through again
    gc.set_threshold(GARBAGE_OBJECTS)
    _write(channel, True, b"")
    while True:
        try:
            call, event = _read(channel)
        except EOFError:
            return
        _write(channel, *_run(handler, call, event))


def _run(handler: Callable[[Any, Context], Any], call: dict[str, Any], event: bytes) -> tuple[bool, bytes]:
    """Whether the handler went well, and its result, or what it raised."""
    if call["trace"]:
        os.environ["_X_AMZN_TRACE_ID"] = call["trace"]
    try:
        return True, json.dumps(handler(_parsed(event), Context(call))).encode()
    except Exception as error:
        return False, _described(error)


def _parsed(event: bytes) -> Any:
    """The event, which may hold thousands of records: orjson takes half the time, the function's own where it has it.
    What it refuses (NaN, half a surrogate pair) the standard library may take."""
    import orjson  # of the function's own package, if it is there: not before that can be found

    try:
        return orjson.loads(event)
    except ValueError:
        return json.loads(event)


def _described(error: Exception) -> bytes:
    """What Lambda hands out of an exception, which also goes to the log."""
    traceback.print_exc()
    said = {"errorMessage": str(error), "errorType": type(error).__name__}
    return json.dumps({**said, "stackTrace": traceback.format_tb(error.__traceback__)}).encode()


def _read(channel: BufferedRWPair) -> tuple[dict[str, Any], bytes]:
    """The next call. Raises EOFError when nobody will call any more."""
    lengths = channel.read(LENGTHS.size)
    if len(lengths) < LENGTHS.size:
        raise EOFError
    header, body = LENGTHS.unpack(lengths)
    return json.loads(channel.read(header)), channel.read(body)


def _write(channel: BufferedRWPair, ok: bool, body: bytes) -> None:
    sys.stdout.flush()
    sys.stderr.flush()
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // KIBIBYTES
    header = json.dumps({"ok": ok, "memory_mb": memory}).encode()
    channel.write(LENGTHS.pack(len(header), len(body)) + header + body)
    channel.flush()


if __name__ == "__main__":
    main()
