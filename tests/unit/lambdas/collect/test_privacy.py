"""What configuration says of people holds on every route of every protocol."""

import base64
import json
from typing import Any
from urllib.parse import parse_qsl, urlencode

import orjson
import pytest
from jsonschema import Draft4Validator

from collect.configuration import Configuration, from_environment
from collect.protocols import ROUTES
from collect.reasons import Reason, Refused
from collect.taking import take_in
from shared.privacy import without_user_ids
from tests.unit.lambdas.collect.fuzzing import CORPUS
from tests.unit.lambdas.collect.snowplow_payloads import (
    EVENT_ID,
    SNOWPLOW,
    TP2,
    VISITOR,
    asked,
    contexts,
    encoded,
    payload,
    sent,
    tracked,
    unstruct,
)
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


SESSION = {
    "schema": f"{SNOWPLOW}/client_session/jsonschema/1-0-2",
    "data": {"userId": VISITOR, "sessionId": EVENT_ID, "sessionIndex": 1, "storageMechanism": "SQLITE"},
}
ADA = {
    "schema": f"{SNOWPLOW}.ecommerce/user/jsonschema/1-0-0",
    "data": {"id": "ada", "email": "ada@x.org", "is_guest": False},
}
OWN = {"schema": "iglu:com.acme/none/jsonschema/1-0-0", "data": {"userId": "ada", "id": 7, "text": "uid=ada&a=b"}}
IDENTIFY = {"schema": f"{SNOWPLOW}/identify/jsonschema/1-0-0", "data": {"id": "ada", "email": "ada@x.org"}}


@pytest.mark.parametrize("in_base64", [True, False])
@pytest.mark.parametrize("get", [True, False])
def test_a_refused_event_hides_people_in_self_describing_json_and_leaves_devices_alone(
    lines: Any, post: Any, in_base64: bool, get: bool
) -> None:
    configuration = Configuration(user_id_key=b"k" * 32)
    described = {"co": contexts(SESSION, ADA, OWN), "ue_pr": unstruct(IDENTIFY)}
    changes = {
        {"co": "cx", "ue_pr": "ue_px"}[name] if in_base64 else name: encoded(value) if in_base64 else json.dumps(value)
        for name, value in described.items()
    }
    refused = tracked(**{"cx": None, "e": "?", "uid": "ada", **changes})
    intake = asked(urlencode(refused), configuration) if get else sent(refused, configuration=configuration)
    (row,) = lines(intake.bad_rows)
    event = dict(parse_qsl(row["payload"])) if get else json.loads(row["payload"])["data"][0]
    ada = configuration.pseudonym("ada")
    assert event["uid"] == ada
    co, ue = (
        json.loads(base64.urlsafe_b64decode(event[name]) if in_base64 else event[name])
        for name in (("cx", "ue_px") if in_base64 else ("co", "ue_pr"))
    )
    session, user, own = co["data"]
    assert session == SESSION
    assert user["data"] == {"id": ada, "email": configuration.pseudonym("ada@x.org"), "is_guest": False}
    assert own["data"] == {"userId": ada, "id": 7, "text": f"uid={ada}&a=b"}
    assert ue["data"]["data"] == {"id": ada, "email": configuration.pseudonym("ada@x.org")}
    assert "ada@x.org" not in json.dumps(row)


def test_a_mended_event_with_a_session_is_taken_where_ids_are_hashed(lines: Any, post: Any) -> None:
    configuration = Configuration(user_id_key=b"k" * 32)
    refused = tracked(cx=None, co=json.dumps(contexts(SESSION, ADA)), p="?", duid=None)
    (row,) = lines(sent(refused, configuration=configuration).bad_rows)
    (line,) = lines(post(row["payload"].replace('"p":"?"', '"p":"web"'), path=TP2).events)
    assert line["context"]["client_id"] == VISITOR


def test_who_is_named_where_a_session_names_its_device_is_hidden_all_the_same(lines: Any) -> None:
    session = {**SESSION, "data": {**SESSION["data"], "userId": "ada"}}
    (row,) = sent(tracked(cx=encoded(contexts(session))), configuration=Configuration(user_id_key=b"k" * 32)).bad_rows
    kept = json.loads(json.loads(row.data)["payload"])["data"][0]["cx"]
    assert b"ada" not in base64.urlsafe_b64decode(kept)
    parameters = json.loads(row.data)["data"]["payload"]["raw"]["parameters"]
    assert [kept.startswith(each["value"]) for each in parameters if each["name"] == "cx"] == [True]


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
