"""Faults on purpose: a proxy that refuses what it is told to, and the death of a function's worker.

    with faults(emulator.url) as proxy:
        function = emulator.function(code, {"AWS_ENDPOINT_URL_DYNAMODB": proxy.url})
        proxy.refuse("PutItem", THROTTLED, times=3)

Operations are called as in the API (`PutItem`, `PutEvents`); where a protocol has no such names (Lambda, S3, SES v2)
they are a method and a path: `POST /v2/email/outbound-emails`.
"""

import json
import os
import random
import signal
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True)
class Refusal:
    """An error in place of an answer. performed: the operation is carried out all the same, and only its answer is
    lost. hangs_seconds: how long the caller waits first. partly: of PutRecords, every other record is refused alone."""

    code: str = "InternalServerError"
    status: int = 500
    performed: bool = False
    hangs_seconds: float = 0.0
    partly: bool = False


THROTTLED = Refusal("ProvisionedThroughputExceededException", 400)
TOO_MANY = Refusal("ThrottlingException", 400)
BROKEN = Refusal()
ANSWER_LOST = Refusal(performed=True)
PARTLY = Refusal("ProvisionedThroughputExceededException", partly=True)


@dataclass
class _Rule:
    """operation: None for all. times: how many more are refused; None for ever. share: of those that come, by lot."""

    operation: str | None
    refusal: Refusal
    times: int | None
    share: float
    lot: random.Random


class Faults:
    """A proxy before `target`. url: where it listens. seen, refused: how often each operation came, and was refused.
    refused_by: how often each refusal was met."""

    def __init__(self, target: str) -> None:
        self._host = target.rpartition("/")[2]
        self._rules: list[_Rule] = []
        self._lock = threading.Lock()
        self.seen: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        self.refused_by: Counter[Refusal] = Counter()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def refuse(
        self,
        operation: str | None = None,
        refusal: Refusal = THROTTLED,
        *,
        times: int | None = None,
        share: float = 1.0,
        seed: int = 0,
    ) -> None:
        """Has an operation refused from now on: the next `times`, or for ever, and of these a share, the same one for
        the same seed."""
        with self._lock:
            self._rules.append(_Rule(operation, refusal, times, share, random.Random(seed)))

    def allow(self) -> None:
        """Refuses nothing any more."""
        with self._lock:
            self._rules.clear()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _verdict(self, operation: str) -> Refusal | None:
        with self._lock:
            self.seen[operation] += 1
            for rule in self._rules:
                if rule.operation not in (None, operation) or rule.times == 0 or rule.lot.random() >= rule.share:
                    continue
                if rule.times is not None:
                    rule.times -= 1
                self.refused[operation] += 1
                self.refused_by[rule.refusal] += 1
                return rule.refusal
        return None

    def _pass_on(self, request: BaseHTTPRequestHandler, body: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
        connection = HTTPConnection(self._host)
        connection.putrequest(request.command, request.path, skip_host=True, skip_accept_encoding=True)
        for name, value in request.headers.items():  # as they came: they are signed
            connection.putheader(name, str(len(body)) if name.lower() == "content-length" else value)
        connection.endheaders(body)
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        return answer.status, answer.getheaders(), content

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        faults = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                target = self.headers.get("X-Amz-Target", "").rpartition(".")[2]
                refusal = faults._verdict(target or f"{self.command} {self.path.partition('?')[0]}")
                if refusal and refusal.hangs_seconds:
                    time.sleep(refusal.hangs_seconds)
                if refusal and refusal.partly:
                    body, refused = _halved(body)
                    status, headers, content = faults._pass_on(self, body)
                    content = _with_refused(content, refused, refusal.code)
                elif refusal:
                    if refusal.performed:
                        faults._pass_on(self, body)
                    status, headers = refusal.status, [("Content-Type", "application/x-amz-json-1.0")]
                    headers.append(("x-amzn-ErrorType", refusal.code))
                    content = json.dumps({"__type": refusal.code, "message": "refused on purpose"}).encode()
                else:
                    status, headers, content = faults._pass_on(self, body)
                self.send_response(status)
                for name, value in headers:
                    if name.lower() not in ("content-length", "transfer-encoding", "connection", "date", "server"):
                        self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = _answer

            def log_message(self, format: str, *args: object) -> None:
                """Says nothing: what came is counted."""

        return Handler


def _halved(body: bytes) -> tuple[bytes, int]:
    """A call of PutRecords without every other record, from the second on; and how many those are."""
    call = json.loads(body)
    records = call["Records"]
    return json.dumps({**call, "Records": records[::2]}).encode(), len(records[1::2])


def _with_refused(content: bytes, refused: int, code: str) -> bytes:
    """The answer to such a call as the caller of all records expects it."""
    answer = json.loads(content)
    taken = answer.get("Records", [])
    if len(taken) < refused:
        return content  # the call was refused as a whole
    both = [*taken, *[{"ErrorCode": code, "ErrorMessage": "refused on purpose"}] * refused]
    both[::2], both[1::2] = taken, both[len(taken) :]
    return json.dumps({**answer, "FailedRecordCount": refused, "Records": both}).encode()


@contextmanager
def faults(target: str) -> Iterator[Faults]:
    """A proxy before the API at `target`, which refuses nothing until it is told to."""
    proxy = Faults(target)
    try:
        yield proxy
    finally:
        proxy.close()


def kill_workers(function: str) -> int:
    """Kills the processes that run a function (its ARN or name) of the emulator under test, whatever they are doing;
    returns how many there were. The invocation fails, and its batch comes again."""
    wanted = (
        f"AWS_LAMBDA_FUNCTION_NAME={function.rpartition(':')[2]} ",
        f"AWS_ENDPOINT_URL={os.environ['AWS_ENDPOINT_URL']} ",
    )
    listed = subprocess.run(["ps", "axeww", "-o", "pid=,command="], capture_output=True, text=True, check=True).stdout
    found = [line.split(maxsplit=1)[0] for line in listed.splitlines() if all(each in f"{line} " for each in wanted)]
    for pid in found:
        with suppress(ProcessLookupError):  # it has ended by itself since
            os.kill(int(pid), signal.SIGKILL)
    return len(found)
