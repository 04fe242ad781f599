"""What configuration says of people holds on every route of every protocol."""

import json
from typing import Any

import pytest

from collect.configuration import Configuration, from_environment
from collect.protocols import ROUTES
from collect.taking import take_in
from shared.privacy import without_user_ids
from tests.unit.lambdas.collect.fuzzing import CORPUS

WRITE_KEYS = frozenset({"local-write-key", "a-write-key", "not-to-be-stored"})
KEPT = sorted(place for place, route in ROUTES.items() if route.keeps)
BROKEN = '{"uid": "ada", "userId": "ada", "cid": '


def with_headers(event: dict[str, Any], **headers: str) -> dict[str, Any]:
    return {**event, "headers": {**event.get("headers", {}), **headers}}


@pytest.mark.parametrize("header", ["dnt", "sec-gpc"])
@pytest.mark.parametrize("honoured", [True, False])
def test_of_who_asks_not_to_be_tracked_nothing_is_kept_whatever_was_sent(header: str, honoured: bool) -> None:
    configuration = Configuration(do_not_track=honoured, consent=False, write_keys=WRITE_KEYS)
    kept = declined = 0
    for event in CORPUS:
        intake = take_in(with_headers(event, **{header: "1"}), configuration)
        assert intake.response()["statusCode"] < 500
        kept += len(intake.events) + len(intake.bad_rows)
        declined += intake.declined
    assert (kept == 0) is honoured
    assert (declined > 0) is honoured


@pytest.mark.parametrize("place", KEPT, ids=str)
def test_a_refused_request_leaves_no_bad_row_of_who_asks_not_to_be_tracked(event: Any, place: tuple[str, str]) -> None:
    method, path = place
    sent = event(BROKEN, method=method, path=path, rawQueryString="uid=ada", headers={"dnt": "1"})
    intake = take_in(sent, Configuration(do_not_track=True, write_keys=WRITE_KEYS))
    assert intake.events == intake.bad_rows == []


@pytest.mark.parametrize("place", [place for place in KEPT if place[0] == "POST"], ids=str)
def test_bad_rows_hold_hashed_user_ids_where_events_do(event: Any, place: tuple[str, str]) -> None:
    configuration = Configuration(user_id_key=b"k" * 32, write_keys=WRITE_KEYS)
    (row,) = take_in(event(BROKEN, method=place[0], path=place[1]), configuration).bad_rows
    assert b"ada" not in row.data
    assert configuration.pseudonym("ada").encode() in row.data


@pytest.mark.parametrize(
    ("payload", "hidden"),
    [
        ("t=x&uid=ada&cid=1", "t=x&uid=ADA&cid=1"),
        ("uid=a%64a", "uid=ADA"),
        ('{"userId":"ada","a":', '{"userId":"ADA","a":'),
        ('{"user_id" : "ada"', '{"user_id" : "ADA"'),
        ('{"userId":7,"a"', '{"userId":"7!","a"'),
        ('{"userId":null,"a"', '{"userId":null,"a"'),
        ('"{\\"userId\\":\\"ada\\"}"', '"{\\"userId\\":\\"ADA\\"}"'),
        ("tuid=1&druid=ada", "tuid=1&druid=ada"),
        ("cid=ada&dt=uid", "cid=ada&dt=uid"),
    ],
)
def test_user_ids_are_hidden_where_a_text_names_them(payload: str, hidden: str) -> None:
    found = without_user_ids(payload.encode(), lambda user_id: "ADA" if user_id == "ada" else f"{user_id}!")
    assert found.decode() == hidden


def test_headers_can_be_allowed_by_name_but_none_that_names_or_authorises_somebody(event: Any) -> None:
    configuration = from_environment({"HEADERS": "x-shop,cookie,authorization,x-forwarded-for"})
    headers = {"X-Shop": "one", "X-Other": "two", "Cookie": "a", "Authorization": "b", "X-Forwarded-For": "c"}
    (item,) = take_in(event("t=pageview&cid=1", headers=headers), configuration).events
    assert json.loads(item.data)["request"]["headers"] == {"x-shop": "one"}


def test_a_configuration_does_not_print_its_key() -> None:
    assert "secret" not in repr(Configuration(user_id_key=b"secret"))
