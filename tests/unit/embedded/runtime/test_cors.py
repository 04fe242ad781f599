"""CORS as an HTTP API does it."""

import pytest

from embedded.runtime.cors import Cors

ANY_SITE = Cors.of(
    {
        "AllowOrigins": ["https://*", "http://*"],
        "AllowMethods": ["GET", "POST"],
        "AllowHeaders": ["content-type"],
        "ExposeHeaders": ["x-seen"],
        "AllowCredentials": True,
        "MaxAge": 86_400,
    }
)


def test_an_allowed_site_is_named_and_may_send_cookies():
    assert ANY_SITE is not None
    assert ANY_SITE.answer("https://shop.example") == {
        "access-control-allow-origin": "https://shop.example",
        "access-control-allow-credentials": "true",
        "access-control-expose-headers": "x-seen",
        "vary": "Origin",
    }


def test_a_preflight_lists_what_is_allowed_and_for_how_long():
    assert ANY_SITE is not None
    assert ANY_SITE.preflight("http://127.0.0.1:9", "POST") == {
        "access-control-allow-origin": "http://127.0.0.1:9",
        "access-control-allow-credentials": "true",
        "access-control-allow-methods": "GET,POST",
        "access-control-allow-headers": "content-type",
        "access-control-max-age": "86400",
        "vary": "Origin",
    }


@pytest.mark.parametrize("origin", [None, "", "null", "https", "chrome-extension://a", "httpsx://shop.example"])
def test_another_origin_gets_no_headers(origin: str | None):
    assert ANY_SITE is not None
    assert ANY_SITE.answer(origin) == ANY_SITE.preflight(origin, "POST") == {}


def test_options_that_ask_for_no_method_are_no_preflight():
    assert ANY_SITE is not None
    assert ANY_SITE.preflight("https://shop.example", None) == {}


@pytest.mark.parametrize("origin", ["https://shop.example.evil", "https://shop.example:8443", "http://shop.example"])
def test_a_site_that_is_named_is_that_one_only(origin: str):
    cors = Cors(origins=("https://shop.example",))
    assert cors.allows("https://shop.example")
    assert not cors.allows(origin)


def test_all_origins_are_a_star_without_credentials():
    cors = Cors(origins=("*",))
    assert cors.answer("null") == {"access-control-allow-origin": "*", "vary": "Origin"}


def test_an_api_without_a_configuration_has_no_cors():
    assert Cors.of(None) is Cors.of({}) is None
