"""Starts MiniStack, with what the platform needs of it that it does not do yet.

Its Kinesis housekeeping is made to cost what it must, policies and conditions are parsed once, JSON is read and written
by orjson, streams and functions say when they changed, and policies hold for the streams of tables and for Personalize
too. Its ASGI application is served by uvicorn, whose parts in C take a third off a request.

At every request MiniStack goes through all records of the stream, and all iterators of the last minutes, to find those
that have expired. With 50,000 events in a stream that is most of its processor time: the stack slows down as it fills.
The two functions here do the same in time that does not grow. They stand in for private ones of the pinned version;
a test holds both to the originals, and where an original is missing MiniStack runs as it is.

Run by its folder (`python embedded/emulator`), so that the path it adds holds nothing but this program: `shortcut.py`,
by which records are put, and `protocol.py`.
"""

import asyncio
import base64
import contextlib
import gc
import json
import os
import resource
import socket
import time
from bisect import bisect_left
from functools import lru_cache
from typing import Any

import orjson
import pybase64
import uvicorn
from ministack import app
from ministack.core import iam_actions, iam_evaluator, responses
from ministack.services import cloudwatch_logs, dynamodb, kinesis, lambda_svc
from protocol import Protocol
from shortcut import Shortcut

KEEP_ALIVE_SECONDS, GRACE_SECONDS = 75, 1
GARBAGE_OBJECTS = 50_000  # made since the last look for garbage; by default 700, and records in a stream are objects
QUIET_SECONDS = 0.05  # between two hints of one stream
ITERATOR_CHECK_SECONDS = 30.0  # they last for five minutes, and one that is older is refused when it is used
# What makes another function of one, by the emulator's own names.
FUNCTION_CHANGES = (
    "_update_code",
    "_update_config",
    "_put_function_concurrency",
    "_delete_function_concurrency",
    "_delete_function",
)


def expire_records(stream: dict[str, Any]) -> None:
    """Drops what is older than the stream's retention. A shard's records lie in the order of their arrival."""
    cutoff = time.time() - stream["RetentionPeriodHours"] * 3600
    for shard in stream["shards"].values():
        expired = bisect_left(shard["records"], cutoff, key=lambda record: record["ApproximateArrivalTimestamp"])
        if expired:
            shard["records"] = shard["records"][expired:]


class Occasionally:
    """Calls a function at most every so many seconds."""

    def __init__(self, function: Any, seconds: float) -> None:
        self.function, self.seconds, self.due = function, seconds, 0.0

    def __call__(self) -> None:
        if time.monotonic() >= self.due:
            self.due = time.monotonic() + self.seconds
            self.function()


def once(parse: Any) -> Any:
    """A function that parses or checks texts, made to do so but once for each: nobody changes what it returns.

    Every request is checked against all policies of its role, several times, and every item of a write against the
    same few conditions.
    """
    known = lru_cache(maxsize=4096)(parse)

    def parsed(text: Any, *more: Any) -> Any:
        return known(text, *more) if isinstance(text, str) else parse(text, *more)

    return parsed


def with_more_resources(resource_of: Any) -> Any:
    """A function that finds the resource a request is about, made to know the streams of tables.

    The original knows none, so that a role which is allowed to read one table's stream, as on AWS, could read none.
    """

    def found(service: str, method: str, path: str, headers: Any, body: bytes, *more: Any) -> str:
        if is_for_personalize(headers):
            return "*"  # AWS has no resource for it
        stream = stream_arn(body) if service == "dynamodbstreams" else None
        return stream or resource_of(service, method, path, headers, body, *more)

    return found


def with_personalize(action_of: Any) -> Any:
    """A function that finds the action a request asks for, made to know PutEvents, which the runtime answers.

    The runtime shows a caller's request to the emulator, only to hear whether the caller may.
    """

    def found(service: str, method: str, path: str, headers: Any, *more: Any) -> str | None:
        if is_for_personalize(headers):
            return "personalize:PutEvents"
        return action_of(service, method, path, headers, *more)

    return found


def is_for_personalize(headers: Any) -> bool:
    return "/personalize/aws4_request" in headers.get("authorization", "")


def with_senders(resource_of: Any) -> Any:
    """A function that finds the resource, made to know as whom an e-mail is sent: the original asks for all resources.

    On AWS a role is allowed to send as an identity, its address or domain; here the address itself is that identity.
    """

    def found(service: str, method: str, path: str, headers: Any, body: bytes, *more: Any) -> str:
        if service == "ses" and path == "/v2/email/outbound-emails":
            _query, region, account = more
            with contextlib.suppress(ValueError, KeyError, TypeError):
                return f"arn:aws:ses:{region}:{account}:identity/{json.loads(body)['FromEmailAddress']}"
        return resource_of(service, method, path, headers, body, *more)

    return found


def stream_arn(body: bytes) -> str | None:
    """The stream that a request names by its ARN, or by an iterator, which holds it."""
    try:
        data = json.loads(body or b"{}")
        if "ShardIterator" in data:
            data = json.loads(base64.urlsafe_b64decode(data["ShardIterator"]))
        return data.get("StreamArn") or data.get("arn")
    except (ValueError, TypeError, AttributeError):
        return None


class Json:
    """Stands in for the module `json`, which is `original`, where documents are large: orjson does what it does alike.
    What that refuses (NaN, half of a surrogate pair, odd objects) is left to the original."""

    ALIKE = orjson.OPT_PASSTHROUGH_DATACLASS | orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_SUBCLASS

    def __init__(self, original: Any) -> None:
        self._original = original

    def __getattr__(self, name: str) -> Any:
        return getattr(self._original, name)

    def loads(self, text: Any, **options: Any) -> Any:
        with contextlib.suppress(ValueError):
            if not options:
                return orjson.loads(text)
        return self._original.loads(text, **options)

    def dumps(self, value: Any, **options: Any) -> str:
        with contextlib.suppress(TypeError):
            if options in ({}, {"ensure_ascii": False}):
                return orjson.dumps(value, option=self.ALIKE).decode()
        return self._original.dumps(value, **options)


class Hints:
    """Sends the names of streams that took records to a port of this machine, where readers of streams wait for them.

    Readers look by themselves every few seconds: what is lost here is only late. Without it they would have to ask
    each shard dozens of times a second, and each question takes two milliseconds. Of a stream that takes much a hint
    now and then is enough: each one wakes all its readers.
    """

    def __init__(self, port: int) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        self._to = ("127.0.0.1", port)
        self._quiet: dict[str, float] = {}  # until when no more is said of a stream
        self._waiting: set[str] = set()

    def send(self, source: str) -> None:
        with contextlib.suppress(OSError):
            self._socket.sendto(source.encode(), self._to)

    def of_stream(self, source: str) -> None:
        """At once after silence; of what follows soon there is one hint, when it is over."""
        left = self._quiet.get(source, 0.0) - time.monotonic()
        if left <= 0:
            self._say(source)
        elif source not in self._waiting:
            try:
                asyncio.get_running_loop().call_later(left, self._say, source)
                self._waiting.add(source)
            except RuntimeError:  # a thread of the emulator's own, which removes old items
                self._say(source)

    def _say(self, source: str) -> None:
        self._waiting.discard(source)
        self._quiet[source] = time.monotonic() + QUIET_SECONDS
        self.send(source)

    def after_put(self, put: Any) -> Any:
        """A function that puts records to a Kinesis stream, and says so."""

        def putting(data: dict[str, Any]) -> Any:
            answer = put(data)
            self.of_stream(f"kinesis {data.get('StreamName') or str(data.get('StreamARN', '')).rpartition('/')[2]}")
            return answer

        return putting

    def after_change(self, change: Any) -> Any:
        """A function that adds a change to a table's stream, and says so."""

        def changing(table: str, *arguments: Any, **more: Any) -> Any:
            answer = change(table, *arguments, **more)
            self.of_stream(f"dynamodb {table}")
            return answer

        return changing

    def after_update(self, update: Any) -> Any:
        """A function that changes or deletes a Lambda function, and says so."""

        def updating(name: str, *arguments: Any, **more: Any) -> Any:
            answer = update(name, *arguments, **more)
            self.send(f"lambda {name}")
            return answer

        return updating


def main() -> None:
    """Does not return before the emulator is stopped."""
    hints = Hints(int(os.environ.pop("HEADRACE_HINTS")))
    for module, name, wrapped in (
        (kinesis, "_put_record", hints.after_put),
        (kinesis, "_put_records", hints.after_put),
        (dynamodb, "_emit_stream_event", hints.after_change),
        *((lambda_svc, name, hints.after_update) for name in FUNCTION_CHANGES),
        *((module, "json", Json) for module in (cloudwatch_logs, iam_actions, kinesis, responses)),
        (kinesis, "base64", lambda _: pybase64),  # four times as fast, and each record is decoded several times
        (iam_evaluator, "parse_policy_document", once),
        (dynamodb, "_condition_syntax_error", once),
        (cloudwatch_logs, "_format_insights_timestamp", lru_cache(maxsize=4096)),  # many lines are of one moment
        (iam_actions, "extract_iam_action", with_personalize),
        (iam_actions, "extract_resource_arn", with_more_resources),
        (iam_actions, "extract_resource_arn", with_senders),
    ):
        if hasattr(module, name):
            setattr(module, name, wrapped(getattr(module, name)))
    if hasattr(kinesis, "_expire_records") and hasattr(kinesis, "_expire_iterators"):
        kinesis._expire_records = expire_records
        kinesis._expire_iterators = Occasionally(kinesis._expire_iterators, ITERATOR_CHECK_SECONDS)
    gc.set_threshold(GARBAGE_OBJECTS)
    _, most_files = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(ValueError, OSError):  # then with as many connections as there may be
        resource.setrlimit(resource.RLIMIT_NOFILE, (most_files, most_files))
    uvicorn.run(
        Shortcut(app.app),
        host=os.environ["BIND_HOST"],
        port=int(os.environ["GATEWAY_PORT"]),
        loop="uvloop",
        http=Protocol,
        log_level="warning",
        access_log=False,
        server_header=False,  # the app has its own, as AWS has them
        date_header=False,
        proxy_headers=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )


if __name__ == "__main__":
    main()
