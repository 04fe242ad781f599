"""The front door: what a client of the API sees, on the address it really uses."""

import base64
import gzip
import io
import json
import time
import uuid
import zipfile
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
import urllib3

from embedded.cloud.cloud import Cloud, answers
from embedded.cloud.ports import HOST
from embedded.runtime.front_door import LARGEST_PAYLOAD
from tests.integration.waiting import until

FUNCTION = """
import json
def handler(event, context):
    print("called")
    return {
        "statusCode": 202,
        "headers": {"content-type": "application/json", "x-kept": "yes", "access-control-allow-origin": "*"},
        "body": json.dumps({
            "method": event["requestContext"]["http"]["method"],
            "path": event["rawPath"],
            "query": event["rawQueryString"],
            "headers": event["headers"],
            "body": event.get("body"),
            "encoded": event["isBase64Encoded"],
        }),
    }
"""


def ask(method: str, url: str, **more: Any) -> urllib3.BaseHTTPResponse:
    """One request, never repeated by the client itself."""
    return urllib3.request(method, url, retries=False, timeout=30.0, **more)


TRUST = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}


def behind_the_door(cloud: Cloud) -> str | None:
    """The name of the API that the front door passes requests on to."""
    running = cloud.running
    assert running is not None
    health = answers(f"http://{HOST}:{running.ports.firehose}/_headrace/health")
    assert health is not None
    return health["front_door"]["api"]


@pytest.fixture(scope="module")
def base(cloud: Cloud) -> str:
    running = cloud.running
    assert running is not None
    return f"http://{HOST}:{running.ports.front_door}"


@pytest.fixture(scope="module")
def api(cloud: Cloud, base: str) -> Iterator[str]:
    """An HTTP API with a function that echoes; its id."""
    name = f"echo-{uuid.uuid4().hex[:6]}"
    role = boto3.client("iam").create_role(
        RoleName=name, AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [TRUST]})
    )["Role"]["Arn"]
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w") as archive:
        archive.writestr("echo.py", FUNCTION)
    function = boto3.client("lambda").create_function(
        FunctionName=name,
        Runtime="python3.13",
        Role=role,
        Handler="echo.handler",
        Code={"ZipFile": package.getvalue()},
        Timeout=20,
    )["FunctionArn"]
    gateway, logs = boto3.client("apigatewayv2"), boto3.client("logs")
    logs.create_log_group(logGroupName=f"/test/{name}")
    group = logs.describe_log_groups(logGroupNamePrefix=f"/test/{name}")["logGroups"][0]["arn"]
    cors = {"AllowOrigins": ["https://*"], "AllowMethods": ["GET", "POST"], "AllowCredentials": True, "MaxAge": 60}
    made = gateway.create_api(Name=name, ProtocolType="HTTP", CorsConfiguration=cors)["ApiId"]
    integration = gateway.create_integration(
        ApiId=made, IntegrationType="AWS_PROXY", IntegrationUri=function, PayloadFormatVersion="2.0"
    )["IntegrationId"]
    for route in ("POST /collect", "GET /collect", "GET /deep/{rest+}"):
        gateway.create_route(ApiId=made, RouteKey=route, Target=f"integrations/{integration}")
    gateway.create_stage(
        ApiId=made,
        StageName="$default",
        AutoDeploy=True,
        AccessLogSettings={"DestinationArn": group.removesuffix(":*"), "Format": "$context.httpMethod $context.status"},
    )
    until(lambda: behind_the_door(cloud) == name)  # it may still know the API of other tests
    yield made
    gateway.delete_api(ApiId=made)
    until(lambda: behind_the_door(cloud) != name)
    boto3.client("lambda").delete_function(FunctionName=name)


def test_a_request_arrives_as_it_was_sent(base: str, api: str):
    answer = ask("POST", f"{base}/collect?a=%20b&a=c", body=b'{"x": 1}', headers={"content-type": "application/json"})
    assert (answer.status, answer.headers["x-kept"]) == (202, "yes")
    seen = answer.json()
    assert (seen["method"], seen["path"], seen["body"]) == ("POST", "/collect", '{"x": 1}')
    assert seen["query"] == "a=%20b&a=c"
    assert seen["headers"]["host"] == base.removeprefix("http://")


def test_forwarded_headers_are_added_as_api_gateway_does(base: str, api: str):
    seen = ask("GET", f"{base}/collect", headers={"X-Forwarded-For": "203.0.113.9"}).json()["headers"]
    assert seen["x-forwarded-for"] == "203.0.113.9, 127.0.0.1"
    assert seen["x-forwarded-proto"] == "http"


def test_binary_and_chunked_bodies_pass(base: str, api: str):
    def chunks() -> Iterator[bytes]:
        yield b"\x00\x01"
        yield b"\xff"

    seen = ask("POST", f"{base}/collect", body=chunks(), headers={"content-type": "image/png"}).json()
    assert (seen["encoded"], seen["body"]) == (True, "AAH/")


def test_connections_are_kept_for_the_next_request(base: str, api: str):
    pool = urllib3.connection_from_url(base)
    for _ in range(3):
        assert pool.request("GET", "/collect").status == 202
    assert (pool.num_connections, pool.num_requests) == (1, 3)


@pytest.mark.parametrize("path", ["/collect", "/nothing/here"])
def test_preflights_are_answered_by_the_api_for_any_path(base: str, api: str, path: str):
    headers = {"Origin": "https://shop.example", "Access-Control-Request-Method": "POST"}
    answer = ask("OPTIONS", base + path, headers=headers)
    assert answer.status == 204
    assert {name.lower(): value for name, value in answer.headers.items() if name.lower().startswith("access-")} == {
        "access-control-allow-origin": "https://shop.example",
        "access-control-allow-credentials": "true",
        "access-control-allow-methods": "GET,POST",
        "access-control-max-age": "60",
    }


def test_a_preflight_of_another_origin_is_answered_without_leave(base: str, api: str):
    headers = {"Origin": "http://shop.example", "Access-Control-Request-Method": "POST"}
    answer = ask("OPTIONS", f"{base}/collect", headers=headers)
    assert (answer.status, answer.headers.get("access-control-allow-origin")) == (204, None)


@pytest.mark.parametrize(
    ("origin", "allowed"),
    [("https://shop.example", "https://shop.example"), ("http://shop.example", None), (None, None)],
)
def test_an_answer_has_the_apis_cors_headers_and_not_the_functions(
    base: str, api: str, origin: str | None, allowed: str | None
):
    answer = ask("GET", f"{base}/collect", headers={"Origin": origin} if origin else {})
    assert answer.status == 202
    assert answer.headers.getlist("access-control-allow-origin") == ([allowed] if allowed else [])
    assert answer.headers.get("access-control-allow-credentials") == ("true" if allowed else None)


def test_a_route_that_is_not_there_is_not_found(base: str, api: str):
    answer = ask("GET", f"{base}/nothing/here")
    assert (answer.status, answer.json()) == (404, {"message": "Not Found"})


@pytest.mark.parametrize("chunked", [False, True])
def test_more_than_ten_megabytes_are_refused(base: str, api: str, chunked: bool):
    def chunks() -> Iterator[bytes]:
        for _ in range(LARGEST_PAYLOAD // 65_536 + 1):
            yield b"x" * 65_536

    answer = ask("POST", f"{base}/collect", body=chunks() if chunked else b"x" * (LARGEST_PAYLOAD + 1))
    assert (answer.status, answer.json()) == (413, {"message": "Request Entity Too Large"})


def test_a_head_of_more_than_ten_kibibytes_is_refused(base: str, api: str):
    assert ask("GET", f"{base}/collect?q={'x' * 8_000}").status == 202
    assert ask("GET", f"{base}/collect?q={'x' * 10_240}").status == 431


def test_each_request_is_in_the_access_log_in_the_stages_own_format(base: str, api: str):
    group = f"/test/{boto3.client('apigatewayv2').get_api(ApiId=api)['Name']}"
    ask("GET", f"{base}/nothing/here")
    deadline = time.monotonic() + 10
    while not any(
        event["message"] == "GET 404" for event in boto3.client("logs").filter_log_events(logGroupName=group)["events"]
    ):
        assert time.monotonic() < deadline
        time.sleep(0.2)


def test_beyond_the_stages_rate_requests_are_told_so(base: str, api: str):
    gateway = boto3.client("apigatewayv2")
    gateway.update_stage(
        ApiId=api,
        StageName="$default",
        DefaultRouteSettings={"ThrottlingRateLimit": 0.01, "ThrottlingBurstLimit": 2},
    )
    deadline = time.monotonic() + 10
    while (answer := ask("GET", f"{base}/collect")).status != 429:
        assert time.monotonic() < deadline
    assert answer.json() == {"message": "Too Many Requests"}
    gateway.update_stage(
        ApiId=api,
        StageName="$default",
        DefaultRouteSettings={"ThrottlingRateLimit": 10_000, "ThrottlingBurstLimit": 5_000},
    )
    while ask("GET", f"{base}/collect").status == 429:
        assert time.monotonic() < deadline + 10
        time.sleep(0.1)


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br"])
@pytest.mark.parametrize("content_type", ["application/octet-stream", "application/json", "text/plain"])
@pytest.mark.parametrize("body", [gzip.compress(b"v=1", mtime=0), b"not what its header says"])
def test_a_body_is_handed_on_as_it_came_whatever_its_encoding(
    api: str, base: str, encoding: str, content_type: str, body: bytes
):
    headers = {"content-encoding": encoding, "content-type": content_type}
    answer = ask("POST", f"{base}/collect", body=body, headers=headers)
    assert answer.status == 202
    seen = answer.json()
    assert seen["headers"]["content-encoding"] == encoding
    assert base64.b64decode(seen["body"]) == body
