"""Snowplow's tracker protocol: what is stored of an event, and what its sender is told."""

import base64
import json
from typing import Any
from urllib.parse import urlencode

import pytest
from snowplow_tracker.emitters import Emitter

from collect.answers import unavailable
from collect.configuration import Configuration
from collect.protocols import snowplow
from collect.taking import take_in
from shared.events.decode import decode
from shared.events.event import Event
from tests.unit.lambdas.collect.snowplow_payloads import (
    EVENT_ID,
    LINK_CLICK,
    SNOWPLOW,
    TP2,
    VISITOR,
    WEB_PAGE,
    asked,
    clicked,
    contexts,
    encoded,
    only,
    payload,
    sent,
    tracked,
    unstruct,
)

COOKIE = f"sp={EVENT_ID}"
AGENT = {"content-type": "application/json", "user-agent": "Lynx"}
ANONYMOUS = {**AGENT, "SP-Anonymous": "*"}


def test_an_event_is_stored_as_it_was_sent_with_its_json_decoded(lines: Any) -> None:
    line = only(sent(clicked(uid="u1"), headers={**AGENT, "referer": "https://shop.example/"}), lines)
    parameters = clicked(uid="u1")
    del parameters["ue_px"], parameters["cx"]
    nuid = line["request"]["body"].pop("nuid")
    assert line["request"]["body"] == {**parameters, "ue_pr": unstruct(LINK_CLICK), "co": contexts(WEB_PAGE)}
    assert line["request"]["id"] == EVENT_ID
    assert line["context"] == {
        "protocol": "snowplow",
        "client_id": VISITOR,
        "user_id": "u1",
        "user_ip": "203.0.113.0",
        "user_agent": "Lynx",
        "document_location": "https://shop.example/shoes?a=1",
        "document_referrer": "https://search.example/",
    }
    assert len(nuid) == 36


@pytest.mark.parametrize("pad", ["", "="])
@pytest.mark.parametrize("encode", [base64.urlsafe_b64encode, base64.b64encode])
def test_base64_and_plain_json_come_to_the_same(lines: Any, encode: Any, pad: str) -> None:
    described = unstruct({**LINK_CLICK, "data": {"targetUrl": "https://x.example/?>>>???"}})
    text = encode(json.dumps(described).encode()).decode().rstrip("=") + pad * 2
    parsed = only(sent(clicked(ue_px=text)), lines)
    plain = only(
        sent(clicked(ue_px=None, ue_pr=json.dumps(described), cx=None, co=json.dumps(contexts(WEB_PAGE)))), lines
    )
    assert parsed["request"]["body"] == plain["request"]["body"]
    assert parsed["request"]["body"]["ue_pr"] == described


def test_a_query_string_comes_to_the_same_as_a_post(lines: Any) -> None:
    posted, queried = only(sent(clicked()), lines), only(asked(urlencode(clicked())), lines)
    assert posted["request"]["body"] == queried["request"]["body"]
    assert posted["context"] == queried["context"]


@pytest.mark.parametrize("path", ["/ice.png", TP2])
def test_a_query_string_is_taken_where_snowplows_collectors_take_one(lines: Any, event: Any, path: str) -> None:
    request = event(None, path=path, method="GET", rawQueryString=urlencode(clicked()))
    intake = take_in(request, Configuration())
    assert only(intake, lines)["request"]["body"] == only(asked(urlencode(clicked())), lines)["request"]["body"]
    assert intake.response()["headers"]["content-type"] == "image/gif"  # type: ignore[index]


def test_what_the_url_of_a_payload_says_is_every_events(lines: Any) -> None:
    beside = f"aid=other&nuid={VISITOR}&cache-buster"
    intake = sent(tracked(), clicked(), tracked(p="?"), rawQueryString=beside)
    for line in lines(intake.events):
        assert (line["request"]["body"]["aid"], line["request"]["body"]["nuid"]) == ("other", VISITOR)
        assert line["request"]["body"]["page"] == "Chaussures d'été"
    (row,) = lines(intake.bad_rows)
    assert json.loads(row["payload"])["data"][0]["aid"] == "other"
    assert dict(sent(tracked(), rawQueryString="aid=%00").reasons) == {"invalid_character": 1}
    assert "\0" not in only(sent(tracked(), rawQueryString="\0"), lines)["request"]["body"]


def test_a_wrong_event_costs_its_neighbours_nothing(lines: Any) -> None:
    wrong = clicked(cx=encoded(contexts({**WEB_PAGE, "data": {"id": "7"}})))
    intake = sent(tracked(), wrong, clicked())
    assert [line["request"]["body"]["e"] for line in lines(intake.events)] == ["pv", "ue"]
    assert dict(intake.reasons) == {"schema_violation": 1}
    assert intake.response()["statusCode"] == 200


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"e": None}, "missing_parameter"),
        ({"tv": ""}, "missing_parameter"),
        ({"p": None}, "missing_parameter"),
        ({"e": "ue"}, "missing_parameter"),
        ({"e": "ad"}, "unknown_hit_type"),
        ({"p": "fridge"}, "unknown_platform"),
        ({"eid": "7"}, "invalid_event_id"),
        ({"dtm": "yesterday"}, "invalid_time"),
        ({"stm": "-1"}, "invalid_time"),
        ({"ttm": "9" * 15}, "invalid_time"),
        ({"vid": 3}, "wrong_type"),
        ({"uid": "u" * 255}, "client_id_too_long"),
        ({"page": "a\0b"}, "invalid_character"),
        ({"cx": "§"}, "not_self_describing"),
        ({"cx": "e30"}, "not_self_describing"),
        ({"cx": encoded([])}, "not_self_describing"),
        ({"co": "{"}, "not_self_describing"),
        ({"cx": encoded(unstruct(WEB_PAGE))}, "not_self_describing"),
        (
            {"cx": encoded(contexts({"schema": "iglu:../secrets/jsonschema/1-0-0", "data": 1}))},
            "not_self_describing",
        ),
        ({"cx": encoded(contexts({"schema": "iglu:com.acme/shoe/jsonschema/1-0-0", "data": 1}))}, "unknown_schema"),
        ({"cx": encoded(contexts({"schema": 1, "data": 1}))}, "schema_violation"),
        ({"cx": encoded(contexts({**WEB_PAGE, "data": {"id": "a\0b"}}))}, "invalid_character"),
        ({"co": '{"data":' + "[" * 30 + "]" * 30 + "}"}, "not_self_describing"),
    ],
)
def test_what_is_wrong_is_named(changes: dict[str, Any], reason: str) -> None:
    intake = sent(tracked(**changes))
    assert dict(intake.reasons) == {reason: 1}
    assert not intake.events
    assert intake.response()["statusCode"] in {200, 400}


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("{", "invalid_json"),
        ("[]", "not_an_object"),
        ("{}", "not_an_object"),
        (json.dumps({"schema": f"{SNOWPLOW}/payload_data/jsonschema/2-0-0", "data": [{}]}), "unknown_schema"),
        (payload(), "empty_request"),
        (payload(*[{}] * (snowplow.MAX_ELEMENTS + 1)), "too_many_hits"),
        ("[" * 2_000, "invalid_json"),
        (payload("pageview", 7, None), "not_an_object"),
    ],
)
def test_a_payload_that_falls_apart_is_refused(event: Any, post: Any, body: str, reason: str) -> None:
    intake = post(body, path=TP2)
    assert set(intake.reasons) == {reason}
    assert not intake.events


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (tracked(page="un ballon \ud83d"), "invalid_character"),
        (tracked(vid=float("nan")), "invalid_number"),
    ],
)
def test_an_event_that_is_no_strict_json_costs_its_neighbours_nothing(
    lines: Any, fault: dict[str, Any], reason: str
) -> None:
    intake = sent(tracked(), fault, clicked())
    assert [line["request"]["body"]["e"] for line in lines(intake.events)] == ["pv", "ue"]
    assert dict(intake.reasons) == {reason: 1}
    (row,) = lines(intake.bad_rows)
    assert row["payload"].startswith('{"schema":"iglu:')
    assert EVENT_ID in row["payload"]


def test_a_title_with_a_replacement_character_is_a_title(lines: Any, post: Any) -> None:
    body = json.dumps(json.loads(payload(tracked(page="\ufffd"), tracked())), ensure_ascii=False)
    intake = post(body, path=TP2)
    assert [line["request"]["body"]["page"] for line in lines(intake.events)] == ["\ufffd", "Chaussures d'été"]


@pytest.mark.parametrize("levels", [300, 900, 1_010])
def test_an_event_nested_too_deeply_keeps_no_neighbour_in_its_bad_row(lines: Any, post: Any, levels: int) -> None:
    body = payload(tracked(page="secret"), tracked(x="§")).replace('"\\u00a7"', "[" * levels + "]" * levels)
    intake = post(body, path=TP2)
    assert len(intake.events) == 1
    (row,) = lines(intake.bad_rows)
    assert "secret" not in row["payload"]


@pytest.mark.parametrize(
    ("body", "changes"),
    [
        ("{", {}),
        (payload(*[{}] * (snowplow.MAX_ELEMENTS + 1)), {}),
        (" " * snowplow.MAX_BODY_BYTES + "{}", {}),
        (payload(tracked()), {"headers": {"content-encoding": "br"}}),
        (payload(tracked()), {"path": "/com.snowplowanalytics.snowplow/tp3"}),
        (payload(tracked()), {"path": "/i"}),
        (payload(tracked(x="x" * 999_000)), {}),
    ],
)
def test_what_can_never_be_taken_is_not_sent_again_by_trackers(post: Any, body: str, changes: dict[str, Any]) -> None:
    intake = post(body, **{"path": TP2, **changes})
    assert (len(intake.events), len(intake.bad_rows)) == (0, 1)
    status = intake.response()["statusCode"]
    assert not Emitter("http://collect.example")._should_retry(status)
    assert not Emitter.is_good_status_code(status)


def test_what_could_not_be_stored_is_sent_again_by_trackers() -> None:
    assert Emitter("http://collect.example")._should_retry(unavailable()["statusCode"])  # type: ignore[arg-type]


def test_a_large_batch_of_a_tracker_is_taken_and_of_one_larger_still_the_first_events() -> None:
    small = {"e": "pv", "p": "srv", "tv": "py-1.1.0"}
    intake = sent(*[small] * (snowplow.MAX_EVENTS + 2))
    assert (len(intake.events), dict(intake.reasons)) == (snowplow.MAX_EVENTS, {"too_many_hits": 2})
    assert intake.response()["statusCode"] == 200


def test_an_event_without_an_id_gets_one(lines: Any) -> None:
    ids = {only(sent(tracked(eid=None)), lines)["request"]["id"] for _ in range(2)}
    assert len(ids) == 2
    assert only(sent(tracked(eid=EVENT_ID.upper())), lines)["request"]["id"] == EVENT_ID


def test_answers_are_the_collectors() -> None:
    posted, queried = sent(tracked()).response(), asked(urlencode(tracked())).response()
    assert (posted["body"], posted["headers"]["content-type"]) == ("ok", "text/plain")  # type: ignore[index]
    assert queried["headers"]["content-type"] == "image/gif"  # type: ignore[index]
    for answer in (posted, queried):
        (cookie,) = answer["cookies"]  # type: ignore[misc]
        assert cookie.startswith("sp=")
        assert cookie.split("; ")[1:] == ["Max-Age=31536000", "Path=/", "Secure", "HttpOnly", "SameSite=None"]


@pytest.mark.parametrize(
    ("parameters", "cookies", "nuid"),
    [
        ({"tnuid": "t", "nuid": "n"}, [COOKIE], "t"),
        ({"nuid": "n"}, [COOKIE], "n"),
        ({"nuid": VISITOR}, [], VISITOR),
        ({"nuid": VISITOR}, [COOKIE], VISITOR),
        ({"tnuid": VISITOR}, [], VISITOR),
        ({}, ["other=1", COOKIE], EVENT_ID),
        ({}, ["sp=<script>"], None),
        ({}, [], None),
    ],
)
def test_the_network_user_id_is_the_trackers_else_the_cookies_else_new(
    lines: Any, parameters: dict[str, str], cookies: list[str], nuid: str | None
) -> None:
    intake = sent(tracked(**parameters), cookies=cookies)
    (cookie,) = intake.response()["cookies"]  # type: ignore[misc]
    stored = only(intake, lines)["request"]["body"]["nuid"]
    assert stored == (nuid or stored)
    if nuid in ("t", "n"):
        assert cookie.startswith(COOKIE)
    elif "tnuid" in parameters:
        assert not cookie.startswith(f"sp={stored};"), "it is no browser's own id"
    else:
        assert cookie.startswith(f"sp={stored};")


def test_who_asks_to_be_anonymous_is(lines: Any) -> None:
    intake = sent(
        tracked(ip="198.51.100.23", nuid="n", tnuid="t", duid=None), {"e": "?"}, headers=ANONYMOUS, cookies=[COOKIE]
    )
    (line,) = lines(intake.events)
    (bad_row,) = lines(intake.bad_rows)
    assert {"nuid", "tnuid", "ip"}.isdisjoint(line["request"]["body"])
    assert line["context"]["user_ip"] is None
    assert line["context"]["client_id"] == line["request"]["id"]
    assert bad_row["request"]["user_ip"] is None
    assert bad_row["data"]["payload"]["ipAddress"] is None
    assert "cookies" not in intake.response()
    assert not {"sp-anonymous", "cookie"}.intersection(line["request"]["headers"])


def test_a_browser_that_does_not_want_to_be_tracked_gets_no_cookie() -> None:
    intake = sent(tracked(), headers={**AGENT, "dnt": "1"}, configuration=Configuration(do_not_track=True))
    assert (intake.declined, len(intake.events)) == (1, 0)
    answer = intake.response()
    assert (answer["statusCode"], answer["body"], "cookies" in answer) == (200, "ok", False)


def test_a_client_is_known_by_the_best_id_there_is(lines: Any) -> None:
    session = {
        "schema": f"{SNOWPLOW}/client_session/jsonschema/1-0-2",
        "data": {"userId": VISITOR, "sessionId": EVENT_ID, "sessionIndex": 1, "storageMechanism": "SQLITE"},
    }

    def client(cookies: tuple[str, ...] = (), **changes: Any) -> str:
        return only(sent(tracked(**changes), cookies=list(cookies)), lines)["context"]["client_id"]

    assert client(duid="d", tnuid="t") == "d"
    assert client(duid=None, cookies=(COOKIE,)) == EVENT_ID
    assert client(duid=None, cx=encoded(contexts(WEB_PAGE, session))) == VISITOR
    assert client(duid=None, uid="u1") == client(duid=None, uid="u1", eid=None) != client(duid=None, uid="u2")
    assert len(client(duid=None)) == 36


def test_a_user_is_nowhere_in_clear_where_ids_are_hashed(lines: Any) -> None:
    user = {
        "schema": f"{SNOWPLOW}.ecommerce/user/jsonschema/1-0-0",
        "data": {"id": "customer-7", "email": "a@b.example", "is_guest": False},
    }
    intake = sent(
        tracked(uid="customer-7", co=json.dumps(contexts(user))), configuration=Configuration(user_id_key=b"k" * 32)
    )
    line = only(intake, lines)
    assert "customer-7" not in json.dumps(line)
    assert "a@b.example" not in json.dumps(line)
    hashed = line["context"]["user_id"]
    assert line["request"]["body"]["uid"] == hashed == line["request"]["body"]["co"]["data"][0]["data"]["id"]
    assert line["request"]["body"]["co"]["data"][0]["data"]["is_guest"] is False


def test_a_shopper_is_the_events_user_and_in_hashes_where_ids_are_hashed(lines: Any) -> None:
    shopper = {"schema": f"{SNOWPLOW}.ecommerce/user/jsonschema/1-0-0", "data": {"id": "customer-7"}}
    parameters = tracked(uid=None, duid=None, co=json.dumps(contexts(WEB_PAGE, shopper)))
    clear, key = only(sent(parameters), lines), Configuration(user_id_key=b"k" * 32)
    hashed = only(sent(parameters, configuration=key), lines)
    assert clear["context"]["user_id"] == "customer-7"
    assert hashed["context"]["user_id"] == key.pseudonym("customer-7")
    assert "customer-7" not in json.dumps(hashed)


def test_a_client_derived_from_a_user_is_derived_from_the_hash(lines: Any) -> None:
    key = Configuration(user_id_key=b"k" * 32)
    hashed = only(sent(tracked(uid="u1", duid=None), configuration=key), lines)
    given = only(sent(tracked(uid=key.pseudonym("u1"), duid=None)), lines)
    clear = only(sent(tracked(uid="u1", duid=None)), lines)
    assert hashed["context"]["client_id"] == given["context"]["client_id"] != clear["context"]["client_id"]


@pytest.mark.parametrize("name", ["ue_pr", "co"])
def test_an_empty_parameter_for_json_is_as_none(lines: Any, name: str) -> None:
    intake = sent(tracked(**{"cx": None, name: ""}))
    assert name not in only(intake, lines)["request"]["body"]
    assert isinstance(decode(intake.events[0].data), Event)


def test_the_trackers_word_on_the_address_and_the_agent_counts(lines: Any) -> None:
    line = only(sent(tracked(ip="198.51.100.23", ua="Mozaic")), lines)
    assert (line["context"]["user_ip"], line["context"]["user_agent"]) == ("198.51.100.0", "Mozaic")
    assert line["request"]["body"]["ip"] == "198.51.100.0"
    whole = only(sent(tracked(ip="198.51.100.23"), configuration=Configuration(full_addresses=True)), lines)
    assert whole["context"]["user_ip"] == "198.51.100.23"
    for configuration in (Configuration(), Configuration(full_addresses=True)):
        assert only(sent(tracked(ip="here"), configuration=configuration), lines)["request"]["body"]["ip"] == ""


def test_a_page_without_an_address_is_the_one_that_the_browser_names(lines: Any) -> None:
    headers = {**AGENT, "referer": "https://shop.example/cart"}
    assert only(sent(tracked(url=None), headers=headers), lines)["context"]["document_location"].endswith("/cart")


def test_a_payload_as_large_as_the_collectors_passes_and_no_larger() -> None:
    room = snowplow.MAX_BODY_BYTES - len(payload(tracked(x="")))
    assert sent(tracked(x="x" * room)).reasons == {"hit_too_large": 1}  # it is no line that a stream takes
    assert sent(tracked(x="x" * (room - 2_000))).events
    assert sent(tracked(x="x" * (room + 1))).reasons == {"body_too_large": 1}
