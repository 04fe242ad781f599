"""Which of an API's routes takes a request, as API Gateway's documentation has it."""

import pytest

from embedded.runtime.routes import routes

KEYS = ["$default", "GET /collect", "ANY /collect", "POST /v1/{call}", "ANY /{any+}", "GET /a/{b}/c", "GET /a/{rest+}"]
FUNCTION = "arn:aws:lambda:us-east-1:000000000000:function:collect"
PROXY = {
    "IntegrationId": "one",
    "IntegrationType": "AWS_PROXY",
    "PayloadFormatVersion": "2.0",
    "IntegrationUri": f"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{FUNCTION}/invocations",
}


@pytest.mark.parametrize(
    ("method", "path", "key", "parameters"),
    [
        ("GET", "/collect", "GET /collect", None),
        ("PUT", "/collect", "ANY /collect", None),
        ("GET", "//collect", "GET /collect", None),
        ("POST", "/v1/batch", "POST /v1/{call}", {"call": "batch"}),
        ("POST", "/v1/batch/more", "ANY /{any+}", {"any": "v1/batch/more"}),
        ("GET", "/v1/batch", "ANY /{any+}", {"any": "v1/batch"}),
        ("GET", "/a/x/c", "GET /a/{b}/c", {"b": "x"}),
        ("GET", "/a/x/d", "GET /a/{rest+}", {"rest": "x/d"}),
        ("GET", "/two\nlines", "ANY /{any+}", {"any": "two\nlines"}),
        ("GET", "/collect\n", "ANY /{any+}", {"any": "collect\n"}),
        ("POST", "/v1/two\nlines", "POST /v1/{call}", {"call": "two\nlines"}),
        ("GET", "/", "$default", None),
    ],
)
def test_the_nearest_route_takes_a_request(method: str, path: str, key: str, parameters: dict[str, str] | None):
    taken = routes([{"RouteKey": key} for key in KEYS], []).take(method, path)
    assert taken is not None
    assert (taken.key, taken.parameters) == (key, parameters)


def test_a_path_that_no_route_has_is_taken_by_none():
    assert routes([{"RouteKey": "GET /collect.gif"}], []).take("GET", "/collectXgif") is None


@pytest.mark.parametrize(
    ("route", "integration", "function"),
    [
        ({}, PROXY, FUNCTION),
        ({}, {**PROXY, "IntegrationUri": FUNCTION}, FUNCTION),
        ({"AuthorizationType": "JWT"}, PROXY, None),
        ({}, {**PROXY, "PayloadFormatVersion": "1.0"}, None),
        ({}, {**PROXY, "IntegrationType": "HTTP_PROXY"}, None),
        ({}, {**PROXY, "RequestParameters": {"overwrite:path": "/"}}, None),
    ],
)
def test_only_a_route_that_does_no_more_than_call_a_function_calls_it(route, integration, function):
    found = {"RouteKey": "GET /collect", "Target": "integrations/one", **route}
    taken = routes([found], [integration]).take("GET", "/collect")
    assert taken is not None
    assert taken.function == function
