"""Payload format 2.0: what a function is handed, and what becomes of its answer."""

import base64
import gzip
import json
from typing import Any

import pytest

from embedded.runtime.proxy import Asked, Unintelligible, answer, decoded, event

ZIPPED = gzip.compress(b"{}", mtime=0)


def handed(*headers: tuple[str, str], body: bytes = b"", query: str = "") -> dict[str, Any]:
    asked = Asked("id", "POST", "/collect", query, headers, body, "192.0.2.1")
    return json.loads(event(asked, "POST /collect", None, "api", "$default"))


@pytest.mark.parametrize(
    ("headers", "body", "wanted", "encoded"),
    [
        ([("Content-Type", "application/json; charset=utf-8")], b"{}", "{}", False),
        ([("Content-Type", "text/plain")], "ü".encode(), "ü", False),
        ([("Content-Type", "text/plain")], b"\xff", "\ufffd", False),
        ([("Content-Type", "application/json"), ("Content-Encoding", "gzip")], ZIPPED, None, True),
        ([("Content-Type", "application/x-www-form-urlencoded")], b"a=b", None, True),
        ([], b"{}", None, True),
    ],
)
def test_what_is_no_text_comes_in_base64(headers, body: bytes, wanted: str | None, encoded: bool):
    found = handed(*headers, body=body)
    assert (found["body"], found["isBase64Encoded"]) == (wanted or base64.b64encode(body).decode(), encoded)


def test_a_request_without_a_body_has_none():
    assert not {"body", "cookies", "queryStringParameters", "pathParameters"} & set(handed())


def test_headers_of_one_name_are_one_and_cookies_are_a_list():
    found = handed(("X-One", "a"), ("x-one", "b"), ("Cookie", "c=1; d=2"), ("cookie", "e=3"))
    assert found["headers"] == {"x-one": "a,b"}
    assert found["cookies"] == ["c=1", "d=2", "e=3"]


def test_a_header_that_is_no_unicode_is_handed_on():
    assert handed(("User-Agent", "\udcff"))["headers"] == {"user-agent": "\udcff"}


def test_parameters_of_one_name_are_one_and_empty_ones_stay():
    found = handed(query="a=1&a=2&b=&c=%C3%BC+d")
    assert found["queryStringParameters"] == {"a": "1,2", "b": "", "c": "ü d"}
    assert found["rawQueryString"] == "a=1&a=2&b=&c=%C3%BC+d"


@pytest.mark.parametrize(("sent", "seen"), [("/a%2Fb", "/a/b"), ("/a%252Fb", "/a%252Fb"), ("/%ff", "/\ufffd")])
def test_a_path_keeps_the_escape_of_the_percent_sign_alone(sent: str, seen: str):
    assert decoded(sent) == seen


@pytest.mark.parametrize(
    ("answered", "status", "headers", "body"),
    [
        ({"statusCode": 204}, 204, [("Content-Type", "text/plain; charset=utf-8")], b""),
        ({"statusCode": "200", "headers": {"content-type": "image/gif"}}, 200, [("content-type", "image/gif")], b""),
        (
            {"statusCode": 200, "isBase64Encoded": True, "body": "AP8=", "headers": {"Content-Type": "a/b", "X": 1}},
            200,
            [("Content-Type", "a/b"), ("X", "1")],
            b"\x00\xff",
        ),
        (
            {"statusCode": 200, "cookies": ["a=1", "b=2"], "body": "x"},
            200,
            [("Content-Type", "text/plain; charset=utf-8"), ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")],
            b"x",
        ),
        ({"hello": 1}, 200, [("Content-Type", "application/json")], b'{"hello": 1}'),
        ("hello", 200, [("Content-Type", "application/json")], b"hello"),
    ],
)
def test_an_answer_is_what_the_function_said(answered: Any, status: int, headers: list[tuple[str, str]], body: bytes):
    found = answer(json.dumps(answered).encode())
    assert (found.status, list(found.headers.items()), found.body) == (status, headers, body)


@pytest.mark.parametrize(
    "payload",
    [
        b"<html>",
        b'{"statusCode": "many"}',
        b'{"statusCode": 200, "body": {}}',
        b'{"statusCode": 200, "body": [1]}',
        b'{"statusCode": 200, "headers": ["a"]}',
        b'{"statusCode": 200, "isBase64Encoded": true, "body": "a"}',
    ],
)
def test_an_answer_that_is_none_is_said_to_be_so(payload: bytes):
    with pytest.raises(Unintelligible):
        answer(payload)
