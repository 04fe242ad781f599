"""What configuration says of people holds on every route of every protocol."""

import json
from typing import Any
from urllib.parse import urlencode

import orjson
import pytest
from jsonschema import Draft4Validator

from collect.configuration import Configuration, from_environment
from collect.protocols import ROUTES
from collect.reasons import Reason, Refused
from collect.taking import take_in
from shared.privacy import without_user_ids
from tests.unit.lambdas.collect.fuzzing import CORPUS
from tests.unit.lambdas.collect.snowplow_payloads import TP2, asked, contexts, payload, sent, tracked
from tests.unit.lambdas.collect.snowplow_shapes import SHAPES
from tests.unit.lambdas.conftest import http_event

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
        assert intake.response()["statusCode"] < 500  # type: ignore[operator]
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
        ('{"userId":"ad\\u0061","a":1}', '{"userId":"ADA","a":1}'),
        ('{"userId":"ada, of &Co","a":1}', '{"userId":"ada, of &Co!","a":1}'),
        ('{"userId":"\\ud83d"}', '{"userId":"?!"}'),
        ('"{\\"userId\\":\\"ada, b\\"}"', '"{\\"userId\\":\\"ada, b!\\"}"'),
        ("ue_pr=%7B%22userId%22%3A%22ada%22%2C%22a%22", "ue_pr=%7B%22userId%22%3A%22ADA%22%2C%22a%22"),
        ("co=%7B%22userId%22%3A+7%7D&uid=b", "co=%7B%22userId%22%3A+%227!%22%7D&uid=b!"),
        ("co=%7B%22userId%22%3Anull%7D", "co=%7B%22userId%22%3Anull%7D"),
        ('{"userId":{"a":1}}', '{"userId":{"a":1}}'),
    ],
)
def test_user_ids_are_hidden_where_a_text_names_them(payload: str, hidden: str) -> None:
    found = without_user_ids(payload.encode(), lambda user_id: "ADA" if user_id == "ada" else f"{user_id}!")
    assert found.decode() == hidden


DEEP = {"schema": "iglu:com.acme/none/jsonschema/1-0-0", "data": {"userId": "ada", "ip": "198.51.100.23"}}
WRONG = [
    {"co": json.dumps(contexts(DEEP))},
    {"co": json.dumps({"userId": "ada", "ip": "198.51.100.23", "none": [{"uid": "ada"}]})},
    {"co": '{"userId": "ada", "ip": "198.51.100.23"'},
    {"co": json.dumps(DEEP | {"schema": "iglu:x"})},
    {"dtm": '"userId":"ada", "ip":"198.51.100.23"'},
    {"e": "uid=ada"},
    {"eid": "x" * 600, "unknown": "y" * 40_000},
]


@pytest.mark.parametrize("changes", WRONG)
@pytest.mark.parametrize("get", [False, True])
@pytest.mark.parametrize("anonymous", [False, True])
def test_no_field_of_a_snowplow_bad_row_names_a_user_or_holds_a_whole_address(
    lines: Any, changes: dict[str, str], get: bool, anonymous: bool
) -> None:
    configuration = Configuration(user_id_key=b"k" * 32)
    sent_event = tracked(**{"uid": "ada", "ip": "198.51.100.23", "nuid": "n-u-1", "tnuid": "n-u-2", **changes})
    headers = {"user-agent": "Lynx"} | ({"sp-anonymous": "*"} if anonymous else {})
    if get:
        intake = asked(urlencode(sent_event), configuration, headers=headers)
    else:
        intake = sent(sent_event, configuration=configuration, headers=headers)
    (item,) = intake.bad_rows
    assert b"ada" not in item.data
    assert b"198.51.100.23" not in item.data
    assert (b"n-u-" in item.data) is not anonymous
    assert (b"198.51.100.0" in item.data) is not anonymous
    (row,) = lines(intake.bad_rows)
    received = urlencode(sent_event).encode() if get else orjson.dumps(orjson.loads(payload(sent_event)))
    assert row["payload_bytes"] == len(received)
    Draft4Validator(SHAPES[row["schema"].split("badrows/")[1]]).validate(row["data"])


def test_a_broken_request_of_who_is_anonymous_names_no_network_user(post: Any) -> None:
    (row,) = post('{"nuid":"n-u-1","ip":"198.51.100.23",', path=TP2, headers={"SP-Anonymous": "*"}).bad_rows
    assert b"n-u-1" not in row.data
    assert b"198.51" not in row.data


def test_of_a_large_payload_no_more_is_hashed_than_a_row_keeps(post: Any, lines: Any) -> None:
    hashed = []
    body = "[" + '{"uid":"ada"},' * 15_000
    intake = take_in(http_event(body, path=TP2), Configuration(user_id_key=b"k" * 32))
    intake.bad_rows.clear()
    intake.pseudonym = lambda user_id: hashed.append(user_id) or "x"  # type: ignore[func-returns-value]
    intake.refuse(Refused(Reason.BODY_TOO_LARGE, "large"), body.encode())
    (row,) = lines(intake.bad_rows)
    assert (row["payload_bytes"], row["data"]["failure"]["actualSizeBytes"]) == (len(body), len(body))
    assert len(hashed) < 10_000


def test_headers_can_be_allowed_by_name_but_none_that_names_or_authorises_somebody(event: Any) -> None:
    configuration = from_environment({"HEADERS": "x-shop,cookie,authorization,x-forwarded-for"})
    headers = {"X-Shop": "one", "X-Other": "two", "Cookie": "a", "Authorization": "b", "X-Forwarded-For": "c"}
    (item,) = take_in(event("t=pageview&cid=1", headers=headers), configuration).events
    assert json.loads(item.data)["request"]["headers"] == {"x-shop": "one"}


def test_a_configuration_does_not_print_its_key() -> None:
    assert "secret" not in repr(Configuration(user_id_key=b"secret"))
