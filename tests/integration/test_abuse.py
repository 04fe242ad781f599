"""What the whole way from the front door to the collector answers to hostile requests: never a server error."""

import contextlib
import gzip
import json
import socket
import time
from typing import Any

import boto3
import pytest

HIT = b"v=1&tid=UA-1&t=pageview&cid=abuse"
QUERY = "?" + HIT.decode()
ANSWER_SECONDS = 60.0


def request(method: str, target: str, body: bytes = b"", *headers: str) -> bytes:
    head = "\r\n".join([f"{method} {target} HTTP/1.1", "Host: collect", f"Content-Length: {len(body)}", *headers])
    return head.encode("latin-1") + b"\r\n\r\n" + body


CASES: dict[str, tuple[bytes, set[int]]] = {
    "two slashes": (request("GET", f"//collect{QUERY}"), {404}),
    "a slash behind": (request("GET", f"/collect/{QUERY}"), {404}),
    "dots": (request("GET", f"/a/../collect{QUERY}"), {404}),
    "encoded dots": (request("GET", f"/%2e%2e/collect{QUERY}"), {404}),
    "an encoded slash": (request("GET", f"/%2Fcollect{QUERY}"), {404}),
    "upper case": (request("GET", f"/COLLECT{QUERY}"), {404}),
    "NUL in the path": (request("GET", f"/collect%00{QUERY}"), {404}),
    "another host's address": (request("GET", f"http://elsewhere/collect{QUERY}"), {404}),
    "no UTF-8 in the path": (request("GET", f"/%ff%fe{QUERY}"), {404}),
    "no UTF-8 in the query": (request("GET", f"/collect{QUERY}%ff%fe"), {400}),
    "no UTF-8 in the body": (request("POST", "/collect", HIT + b"\xff\xfe"), {400}),
    "a line end in a field": (request("GET", f"/collect{QUERY}&dt=%0d%0aSet-Cookie:x"), {200}),
    "SQL in a field": (request("GET", f"/collect{QUERY}&dt=';DROP%20TABLE%20LOGS;--"), {200}),
    "nested arrays": (request("POST", "/batch", b"[" * 100_000), {400, 413}),
    "nested objects": (request("POST", "/batch", b'{"a":' * 20_000 + b"1" + b"}" * 20_000), {400, 413}),
    "a gzip bomb": (request("POST", "/batch", gzip.compress(b"\0" * 50_000_000), "Content-Encoding: gzip"), {413}),
    "a bomb of hits": (
        request("POST", "/batch", gzip.compress((HIT + b"\n") * 500_000), "Content-Encoding: gzip"),
        {413},
    ),
    "four megabytes": (request("POST", "/collect", b"a" * 4_000_000), {413}),
    "eleven megabytes": (request("POST", "/collect", b"a" * 11_000_000), {413}),
    "two hundred headers": (request("GET", f"/collect{QUERY}", b"", *[f"X-{n}: n" for n in range(200)]), {400, 431}),
    "a megabyte of headers": (
        request("GET", f"/collect{QUERY}", b"", *[f"X-{n}: {'a' * 8_000}" for n in range(120)]),
        {400, 431},
    ),
    "a long address": (request("GET", f"/collect{QUERY}&dl={'a' * 12_000}"), {431}),
    "many cookies": (request("GET", f"/collect{QUERY}", b"", f"Cookie: {'a=b; ' * 1_000}"), {200}),
    "an unknown method": (request("FROBNICATE", "/collect"), {400, 404}),
    "a content type of bytes": (request("POST", "/collect", HIT, "Content-Type: \xff\xfe"), {200, 400}),
    "an encoding with a control character": (request("POST", "/collect", HIT, "Content-Encoding: x\x01"), {400, 415}),
    "an encoding nobody knows": (request("POST", "/collect", HIT, "Content-Encoding: zstd"), {415}),
    "two lengths": (
        b"POST /collect HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef",
        {400},
    ),
    "a length and chunks": (
        b"POST /collect HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        {400},
    ),
    "a wrong chunk": (b"POST /collect HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\nabc\r\n", {400}),
    "TLS": (b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n", {400}),
}


@pytest.fixture(scope="module")
def port(deployed: dict[str, Any]) -> int:
    return int(deployed["collect_url"].split(":")[2].partition("/")[0])


@pytest.mark.parametrize("case", CASES)
def test_a_hostile_request_is_told_what_is_wrong_with_it(port: int, case: str) -> None:
    sent, statuses = CASES[case]
    assert status_of(port, sent) in statuses
    assert status_of(port, request("GET", f"/collect{QUERY}")) == 200


def test_made_up_paths_are_one_route_in_logs_and_metrics(port: int, deployed: dict[str, Any]) -> None:
    began = round(time.time() * 1000)
    for number in range(20):
        status_of(port, request("GET", f"//made-up-{number}{QUERY}"))
    logs = boto3.client("logs")
    group = boto3.client("lambda").get_function_configuration(FunctionName=deployed["collect_function"])[
        "LoggingConfig"
    ]["LogGroup"]
    events = logs.filter_log_events(logGroupName=group, startTime=began)["events"]
    lines = [json.loads(line) for event in events for line in event["message"].splitlines() if line.startswith("{")]
    assert "made-up" not in json.dumps(lines)


def status_of(port: int, sent: bytes) -> int:
    """What is answered; the connection is not used again."""
    with socket.create_connection(("127.0.0.1", port), timeout=ANSWER_SECONDS) as connection:
        with contextlib.suppress(OSError):  # the answer may come before all was said
            connection.sendall(sent)
        return int(connection.makefile("rb").readline().split()[1])
