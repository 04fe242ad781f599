from ipaddress import ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.privacy import (
    MAX_HEADERS_CHARACTERS,
    allowed_headers,
    truncated_address,
    without_addresses,
    without_write_keys,
)


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("203.0.113.77", "203.0.113.0"),
        (" 203.0.113.77 ", "203.0.113.0"),
        ("2001:db8:aaaa:bbbb::1", "2001:db8:aaaa::"),
        ("::ffff:203.0.113.77", "203.0.113.0"),
        ("fe80::1%eth0", "fe80::"),
        ("0.0.0.0", "0.0.0.0"),
        ("::", "::"),
        ("203.0.113.0077", None),
        ("me@example.com", None),
        ("", None),
    ],
)
def test_an_address_keeps_its_network_only(address: str, kept: str | None) -> None:
    assert truncated_address(address) == kept


@given(st.ip_addresses())
def test_any_address_is_in_the_network_it_is_cut_to(address: object) -> None:
    kept = truncated_address(str(address))
    assert kept is not None
    whole = getattr(address, "ipv4_mapped", None) or address
    assert whole in ip_network(f"{kept}/{24 if ip_address(kept).version == 4 else 48}")


def test_cookies_credentials_and_forwarding_chains_are_not_kept() -> None:
    secrets = {"cookie": "a", "authorization": "b", "x-forwarded-for": "c", "forwarded": "d", "x-api-key": "e"}
    wanted = {"accept-language": "fr", "sec-ch-ua-platform": "Linux", "dnt": "1"}
    assert allowed_headers({**secrets, **wanted}) == wanted


def test_of_endless_headers_not_all_is_kept() -> None:
    kept = allowed_headers({"dnt": "1", **{f"sec-ch-ua-{number}": "x" * 1_000 for number in range(100)}})
    assert kept["dnt"] == "1"
    assert sum(len(name) + len(value) for name, value in kept.items()) <= MAX_HEADERS_CHARACTERS


@pytest.mark.parametrize(
    ("payload", "kept"),
    [
        ("t=x&uip=203.0.113.77&z=1", "t=x&uip=203.0.113.0&z=1"),
        ('{"uip" : "203.0.113.77", "t": ', '{"uip" : "203.0.113.0", "t": '),
        ("uip=2001%3Adb8%3A1%3A2%3A%3A3&t", "uip=2001:db8:1::&t"),
        ("uip=someone&t=x", "uip=&t=x"),
        ("equip=203.0.113.77", "equip=203.0.113.77"),
    ],
)
def test_the_address_in_a_payload_nobody_could_read_is_truncated_too(payload: str, kept: str) -> None:
    assert without_addresses(payload) == kept


@pytest.mark.parametrize(
    "payload",
    ['{"writeKey":"secret","userId":"u"}', '{"writeKey" : "sec\\"ret"}', '{"writeKey":"secr', '{"writeKey":"secret\\'],
)
def test_a_write_key_is_taken_out_of_a_payload_whole_or_cut_off(payload: str) -> None:
    kept = without_write_keys(payload)
    assert "sec" not in kept
    assert kept.replace(" ", "").startswith('{"writeKey":""')
