import base64
import json
from collections.abc import Callable
from typing import Any

import pytest

from collect.configuration import Configuration
from collect.intake import Intake
from collect.protocols.segment import (
    MAX_BATCH_ELEMENTS,
    MAX_BATCH_MESSAGES,
    MAX_BODY_BYTES,
    MAX_LEVELS,
    MAX_MESSAGE_BYTES,
    MAX_SHARED_BYTES,
)
from collect.reasons import Reason
from shared.events.decode import decode
from shared.events.event import Event

KEY = "local-write-key"
CALLS = ["track", "page", "screen", "identify", "group", "alias"]
WHOLE = {"userId": "user-1", "event": "Signed Up", "groupId": "g-1", "previousId": "a-1"}  # enough for every type
RECEIVED = "2025-11-22T02:16:17.000Z"

Send = Callable[..., Intake]


@pytest.fixture(scope="session")
def send(post: Any) -> Send:
    """Sends JSON, or text as it is, with the right write key: `send({...}, "/v1/page", user_id_key=b"…")`."""

    def sending(body: object, path: str = "/v1/batch", *, key: str | None = KEY, **settings: Any) -> Intake:
        headers = {"content-type": "application/json", "user-agent": "Lynx"}
        if key is not None:
            headers["authorization"] = f"Basic {base64.b64encode(f'{key}:'.encode()).decode()}"
        configuration = Configuration(**{"write_keys": frozenset({KEY, "another"}), **settings})
        text = body if isinstance(body, str) else json.dumps(body)
        return post(text, path=path, headers=headers, configuration=configuration)

    return sending


def stored(intake: Intake) -> list[dict[str, Any]]:
    return [json.loads(item.data) for item in intake.events]


def bodies(intake: Intake) -> list[dict[str, Any]]:
    return [envelope["request"]["body"] for envelope in stored(intake)]


def answer(intake: Intake) -> dict[str, Any]:
    return json.loads(str(intake.response()["body"]))


@pytest.mark.parametrize("path", [*CALLS, *(call[0] for call in CALLS)])
def test_every_call_and_its_short_name_is_a_message_of_its_type(send: Send, path: str) -> None:
    (body,) = bodies(send({**WHOLE, "type": "something else"}, f"/v1/{path}"))
    assert body["type"][0] == path[0]


@pytest.mark.parametrize("path", ["batch", "b", "import"])
def test_a_batch_is_taken_under_all_its_names(send: Send, path: str) -> None:
    intake = send({"batch": [{**WHOLE, "type": call} for call in CALLS]}, f"/v1/{path}")
    assert [body["type"] for body in bodies(intake)] == CALLS
    assert answer(intake) == {"success": True}


@pytest.mark.parametrize("body", ['{"series":[{"type":"Counter","metric":"analytics_js.invoke","value":1}]}', "{", ""])
def test_what_a_library_counts_about_itself_is_thanked_for_and_not_kept(send: Send, body: str) -> None:
    intake = send(body, "/v1/m", key=None)
    assert (intake.events, intake.bad_rows, intake.status) == ([], [], 200)
    assert answer(intake) == {"success": True}


@pytest.mark.parametrize("body", [{**WHOLE, "writeKey": "another"}, {"batch": [], "writeKey": "another"}])
def test_a_key_in_the_body_is_as_good(send: Send, body: dict[str, Any]) -> None:
    assert send(body, "/v1/batch" if "batch" in body else "/v1/page", key=None).status != 401


@pytest.mark.parametrize("key", ["", "Local-write-key", f"{KEY} ", "é", "\0"])
def test_any_other_key_is_told_so_and_the_payload_is_kept(send: Send, key: str) -> None:
    intake = send(WHOLE, "/v1/page", key=key)
    assert (intake.status, len(intake.bad_rows), len(intake.events)) == (401, 1, 0)
    told = answer(intake)
    assert (told["success"], told["code"]) == (False, str(next(iter(intake.reasons))))


@pytest.mark.parametrize("authorization", ["Basic", "Basic ?", f"Basic {KEY}", "Bearer abc", KEY])
def test_what_is_no_basic_authentication_lets_nobody_in(post: Any, authorization: str) -> None:
    configuration = Configuration(write_keys=frozenset({KEY}))
    intake = post("{}", path="/v1/page", headers={"authorization": authorization}, configuration=configuration)
    assert intake.status == 401


@pytest.mark.parametrize("key", [KEY, "", None])
def test_without_configured_keys_nobody_gets_in(send: Send, key: str | None) -> None:
    assert send(WHOLE, "/v1/page", key=key, write_keys=frozenset()).status == 401


@pytest.mark.parametrize("body", ['{"batch":[{"writeKey":"another"}],"writeKey":"another"}', '{"writeKey" : "anoth'])
def test_no_key_is_stored_in_a_bad_row(send: Send, body: str) -> None:
    (row,) = send(body).bad_rows
    assert b"anoth" not in row.data


def test_what_a_batch_says_for_all_is_each_messages_unless_it_knows_better(send: Send) -> None:
    shared = {
        "context": {"app": {"name": "shop"}, "locale": "fr-BE"},
        "integrations": {"All": False},
        "sentAt": "2025-11-22T02:16:15Z",
        "timestamp": "2025-11-22T02:16:14Z",
    }
    own = {"context": {"locale": "de"}, "sentAt": None, "timestamp": "2025-11-22T02:16:13Z"}
    first, second = bodies(send({"batch": [{**WHOLE, "type": "page"}, {**WHOLE, "type": "page", **own}], **shared}))
    assert first["context"] == {"app": {"name": "shop"}, "locale": "fr-BE"}
    assert second["context"] == {"app": {"name": "shop"}, "locale": "de"}
    assert first["integrations"] == second["integrations"] == {"All": False}
    assert (first["timestamp"], second["timestamp"]) == ("2025-11-22T02:16:16.000Z", "2025-11-22T02:16:15.000Z")


@pytest.mark.parametrize(
    ("times", "happened"),
    [
        ({}, RECEIVED),
        ({"timestamp": "2025-11-21T00:00:00Z"}, "2025-11-21T00:00:00.000Z"),  # nobody knows by how much it is wrong
        ({"timestamp": "2025-11-22T03:16:10+01:00", "sentAt": "2025-11-22T02:16:12"}, "2025-11-22T02:16:15.000Z"),
        ({"timestamp": "2099-01-01T00:00:00Z", "sentAt": "2099-01-01T00:00:05Z"}, "2025-11-22T02:16:12.000Z"),
        ({"timestamp": "2012-01-01T00:00:00Z", "sentAt": "2025-11-22T02:16:17Z"}, "2012-01-01T00:00:00.000Z"),
        ({"timestamp": "2025-11-22T02:16:10Z", "sentAt": "2025-11-22T02:16:09Z"}, RECEIVED),  # sent before it happened
        ({"timestamp": "1970-01-01T00:00:00Z", "sentAt": "9999-12-31T23:59:59Z"}, RECEIVED),
        ({"originalTimestamp": "2025-11-22T02:16:10Z", "sentAt": "2025-11-22T02:16:12Z"}, "2025-11-22T02:16:15.000Z"),
        (
            {"timestamp": "?", "originalTimestamp": "2025-11-22T02:16:10Z", "sentAt": "2025-11-22T02:16:12Z"},
            "2025-11-22T02:16:15.000Z",
        ),
    ],
)
def test_a_time_is_corrected_by_the_clock_of_the_device(send: Send, times: dict[str, str], happened: str) -> None:
    (body,) = bodies(send({**WHOLE, **times}, "/v1/page"))
    assert (body["timestamp"], body["receivedAt"]) == (happened, RECEIVED)


def test_the_decoder_reads_what_the_collector_wrote(send: Send) -> None:
    order = {
        "anonymousId": "a-1",
        "userId": "user-1",
        "event": "Order Completed",
        "properties": {"order_id": "T-1", "total": 64.97, "currency": "eur", "products": [{"sku": "s", "price": 9.5}]},
        "context": {"page": {"url": "https://shop.example/", "referrer": "https://www.google.com/"}},
        "timestamp": "2025-11-22T02:16:10Z",
        "sentAt": "2025-11-22T02:16:12Z",
        "messageId": "x" * 60,
    }
    intake = send(order, "/v1/track")
    event = decode(intake.events[0].data)
    assert isinstance(event, Event)
    assert event.event_id == stored(intake)[0]["request"]["id"]
    assert (event.name, event.source, event.occurred_at) == ("purchase", "segment", 1_763_777_775_000)
    assert (event.client_id, event.user_id, event.order_id) == ("a-1", "user-1", "T-1")
    assert (str(event.value), event.currency, event.skus) == ("64.97", "EUR", {"s"})
    assert (event.page, event.referrer) == ("https://shop.example/", "https://www.google.com/")


def test_a_message_sent_again_keeps_its_id_however_long_it_is(send: Send) -> None:
    def request_id(message_id: object) -> str:
        return stored(send({**WHOLE, "messageId": message_id}, "/v1/page"))[0]["request"]["id"]

    long = f"ajs-next-{'0' * 60}"
    assert request_id("m-1") == "m-1"
    assert request_id(long) == request_id(long) != request_id(f"{long}1")
    assert len(request_id(long)) <= 36
    assert request_id(None) != request_id(None)


def test_messages_whose_ids_differ_are_two_events_in_the_warehouse_too(send: Send) -> None:
    """It writes ids in lower case, without spaces around them."""
    ids = ["msg", "Msg", "mSG", "m\u0130", "mi\u0307", "x" * 40, "X" * 40]
    uuid = "0E1B6A4E-3C5F-4A1B-9A55-5D1B8E0C9F42"
    intake = send({"batch": [{**WHOLE, "type": "page", "messageId": one} for one in [*ids, uuid, uuid.lower()]]})
    found = [line["request"]["id"] for line in stored(intake)]
    assert [one.strip().lower()[:36] for one in found] == found
    assert found[0] == "msg"
    assert len(set(found[:-2])) == len(ids)
    assert found[-2:] == [uuid.lower()] * 2
    assert intake.repeated == 1


def test_a_message_of_32_kib_is_taken_and_a_larger_one_costs_no_neighbour(send: Send) -> None:
    message = {**WHOLE, "type": "page", "name": ""}
    message["name"] = "x" * (MAX_MESSAGE_BYTES - len(json.dumps(message, separators=(",", ":"))))
    intake = send({"batch": [message, {**message, "name": f"{message['name']}x"}, message]})
    assert (len(intake.events), dict(intake.reasons), intake.status) == (2, {"hit_too_large": 1}, 200)


def test_a_request_of_more_than_500_kib_is_one_bad_row(send: Send) -> None:
    intake = send({"batch": [], "x": "x" * MAX_BODY_BYTES})
    assert (intake.status, dict(intake.reasons)) == (413, {"body_too_large": 1})


def test_messages_beyond_a_batchs_2500_are_bad_rows(send: Send) -> None:
    intake = send({"batch": [{"type": "page", "userId": "u"}] * (MAX_BATCH_MESSAGES + 2)})
    assert (len(intake.events), dict(intake.reasons)) == (MAX_BATCH_MESSAGES, {"too_many_hits": 2})


@pytest.mark.parametrize(
    ("name", "reason"),
    [("NaN", "invalid_number"), ('"\\u0000"', "invalid_character"), ('"\\ud800"', "invalid_character")],
)
def test_nor_does_one_beyond_them_that_is_no_json_cost_its_neighbours(send: Send, name: str, reason: str) -> None:
    good = '{"type":"page","userId":"u"}'
    wrong = f'{{"type":"page","userId":"u","name":{name}}}'
    intake = send(f'{{"batch":[{",".join([good] * MAX_BATCH_MESSAGES)},{wrong},{good}]}}')
    assert (len(intake.events), dict(intake.reasons)) == (MAX_BATCH_MESSAGES, {reason: 1, "too_many_hits": 1})


@pytest.mark.parametrize("digits", ["1234567890123456789", str(2**64 - 1), str(-(2**63)), str(2**64), "9" * 30])
def test_numbers_are_the_same_beside_a_message_that_is_no_json(send: Send, digits: str) -> None:
    def message(name: str) -> str:
        return f'{{"type":"page","userId":"u","name":{name}}}'

    (alone,) = bodies(send(f'{{"batch":[{message(digits)}]}}'))
    beside = send(f'{{"batch":[{message(digits)},{message("NaN")}]}}')
    assert [body["name"] for body in bodies(beside)] == [alone["name"]]
    assert type(bodies(beside)[0]["name"]) is type(alone["name"])
    assert dict(beside.reasons) == {"invalid_number": 1}


def test_a_long_user_id_in_digits_is_one_beside_a_message_that_is_no_json(send: Send) -> None:
    intake = send('{"batch":[{"type":"page","userId":1234567890123456789},{"type":"page","userId":NaN}]}')
    assert [body["userId"] for body in bodies(intake)] == ["1234567890123456789"]


def test_an_endless_batch_is_one_bad_row(send: Send) -> None:
    intake = send({"batch": [0] * (MAX_BATCH_ELEMENTS + 1)})
    assert (len(intake.bad_rows), intake.status) == (1, 413)


@pytest.mark.parametrize("message", [{"type": "page", "userId": "u"}, {}, 0], ids=["good", "bad", "no object"])
def test_what_a_batch_says_for_all_does_not_multiply_without_end(send: Send, message: object) -> None:
    shared = {"context": {"x": "x" * 1_000}}
    size = len(json.dumps(shared, separators=(",", ":")))
    most = MAX_SHARED_BYTES // size
    assert most < MAX_BATCH_ELEMENTS
    assert Reason.BATCH_TOO_LARGE not in send({"batch": [message] * 2, **shared}).reasons
    intake = send({"batch": [message] * (most + 1), **shared})
    assert (len(intake.bad_rows), intake.status, dict(intake.reasons)) == (1, 413, {"batch_too_large": 1})


def test_what_is_nested_too_deeply_for_readers_costs_no_neighbour(send: Send) -> None:
    def nested(levels: int) -> str:  # the message and its properties are two
        deep = '{"a":' * (levels - 2) + "1" + "}" * (levels - 2)
        return f'{{"type":"page","userId":"u","properties":{{"a":{deep}}}}}'

    intake = send(f'{{"batch":[{nested(MAX_LEVELS)},{nested(MAX_LEVELS + 1)},{nested(3)}]}}')
    assert (len(intake.events), dict(intake.reasons)) == (2, {"nested_too_deeply": 1})
    assert all(isinstance(decode(item.data), Event) for item in intake.events)
    assert send(nested(MAX_LEVELS), "/v1/page").status == 200
    assert send(nested(MAX_LEVELS + 1), "/v1/page").status == 400


@pytest.mark.parametrize("levels", [100, 250, 300, 900, 1_100, 100_000])
@pytest.mark.parametrize("around", ["%s", '{"batch":%s}', '{"batch":[{"type":"page","userId":"\\u0000","x":%s}]}'])
def test_no_depth_is_too_much(send: Send, around: str, levels: int) -> None:
    intake = send(around % ("[" * levels + "]" * levels))
    assert len(intake.bad_rows) == 1
    assert 400 <= intake.status < 500


@pytest.mark.parametrize(
    ("ip", "kept"), [("198.51.100.23", "198.51.100.0"), ("2001:db8:1:2::3", "2001:db8:1::"), ("me", None), (7, None)]
)
def test_a_messages_own_address_is_truncated_in_place(send: Send, ip: object, kept: str | None) -> None:
    (envelope,) = stored(send({**WHOLE, "context": {"ip": ip, "locale": "de"}}, "/v1/page"))
    assert envelope["request"]["body"]["context"] == {"ip": kept, "locale": "de"}
    assert envelope["context"]["user_ip"] == (kept or "203.0.113.0")


def test_what_is_no_address_becomes_null_also_where_addresses_stay_whole(send: Send) -> None:
    (envelope,) = stored(send({**WHOLE, "context": {"ip": "me"}}, "/v1/page", full_addresses=True))
    assert envelope["request"]["body"]["context"] == {"ip": None}
    assert envelope["context"]["user_ip"] == "203.0.113.77"


def test_addresses_stay_whole_where_configuration_says_so(send: Send) -> None:
    batch = {"batch": [{**WHOLE, "type": "page", "context": {"ip": "198.51.100.23"}}, {**WHOLE, "type": "page"}]}
    kept = stored(send(batch, full_addresses=True))
    assert [envelope["context"]["user_ip"] for envelope in kept] == ["198.51.100.23", "203.0.113.77"]
    assert kept[0]["request"]["body"]["context"]["ip"] == "198.51.100.23"


@pytest.mark.parametrize("call", [call for call in CALLS if call != "group"])
def test_with_a_key_no_users_id_is_stored_anywhere(send: Send, call: str) -> None:
    message = {
        **WHOLE,
        "userId": "jane-doe",
        "previousId": "jane-smith",
        "traits": {"id": "jane-doe", "plan": "pro"},
        "context": {"traits": {"id": " jane-doe", "plan": "pro"}},
    }
    intake = send(message, f"/v1/{call}", user_id_key=b"0123456789abcdef0123456789abcdef")
    assert b"jane" not in intake.events[0].data
    (envelope,) = stored(intake)
    body = envelope["request"]["body"]
    assert body["userId"] == envelope["context"]["user_id"] == body["traits"]["id"] == body["context"]["traits"]["id"]
    assert body["traits"]["plan"] == "pro"
    assert intake.events[0].key == envelope["context"]["client_id"]


REPEATED = {
    "traits": {"userId": "jane-doe", "user_id": "jane-doe", "company": {"id": "acme"}},
    "properties": {"userId": "jane-doe", "nested": [{"user_id": "jane-doe"}], "id": "P-1", "text": "uid=jane"},
    "context": {
        "traits": {"userId": "jane-doe"},
        "externalIds": [
            {"id": "jane-doe", "type": "user_id", "collection": "users", "encoding": "none"},
            {"id": "b-7", "type": "braze_id", "collection": "users", "encoding": "none"},
        ],
    },
}


@pytest.mark.parametrize("refused", [True, False])
def test_an_id_is_hashed_wherever_it_has_a_users_name_in_events_and_in_bad_rows(send: Send, refused: bool) -> None:
    key = b"0" * 32
    message = {"type": "track", "userId": "jane-doe", **({} if refused else {"event": "x"}), **REPEATED}
    intake = send({"batch": [message]}, user_id_key=key)
    if refused:
        body = json.loads(json.loads(intake.bad_rows[0].data)["payload"])
    else:
        (body,) = bodies(intake)
    jane = Configuration(user_id_key=key).pseudonym("jane-doe")
    assert body["userId"] == jane
    assert body["traits"] == {"userId": jane, "user_id": jane, "company": {"id": "acme"}}
    assert body["properties"]["userId"] == body["properties"]["nested"][0]["user_id"] == jane
    assert body["properties"]["id"] == "P-1"
    assert body["context"]["traits"] == {"userId": jane}
    assert [each["id"] for each in body["context"]["externalIds"]] == [jane, "b-7"]


TRAITS = {"traits": {"id": "jane-doe"}, "context": {"traits": {"id": "jane-doe"}}}


@pytest.mark.parametrize(
    "batch",
    [
        [{**TRAITS, "type": "track"}],
        [{**TRAITS, "type": "page", "userId": "u", "name": float("nan")}],
        [{**TRAITS, "type": "page", "userId": "u", "name": "\0"}],
        [{**TRAITS, "type": [], "traits": {"id": ["jane-doe"]}}],
        [{**TRAITS, "type": "page", "userId": "u"}, *[0] * MAX_BATCH_ELEMENTS],
        "nothing",
    ],
)
@pytest.mark.parametrize("key", [KEY, "unknown"])
def test_with_a_key_no_users_id_is_in_a_bad_rows_traits(send: Send, batch: Any, key: str) -> None:
    intake = send({"batch": batch, **TRAITS}, key=key, user_id_key=b"0" * 32)
    assert (len(intake.events), len(intake.bad_rows)) == (0, 1)
    assert b"jane" not in intake.bad_rows[0].data


def test_a_refused_message_of_its_own_path_hides_them_too_but_not_a_groups(send: Send) -> None:
    for path, kept in (("/v1/track", False), ("/v1/group", True)):
        for key in (KEY, "unknown"):
            (row,) = send({"traits": {"id": "acme"}}, path, key=key, user_id_key=b"0" * 32).bad_rows
            assert (b"acme" in row.data) is kept
    (row,) = send(TRAITS, "/v1/track").bad_rows
    assert b"jane-doe" in row.data, "without a key ids are stored as they are"


@pytest.mark.parametrize(
    ("path", "protocol"),
    [
        ("/v1/tracks", "segment"),
        ("/v1/", "segment"),
        ("/v1/batch/more", "segment"),
        ("/com.snowplowanalytics.snowplow/tp3", "snowplow"),
        ("/x/collect", "google-analytics-v1"),
        ("/v1", "google-analytics-v1"),
        ("/", "google-analytics-v1"),
        ("", "google-analytics-v1"),
    ],
)
def test_what_came_to_a_path_that_is_none_is_put_down_to_its_neighbours(send: Send, path: str, protocol: str) -> None:
    intake = send(WHOLE, path)
    assert (intake.status, dict(intake.reasons)) == (400 if protocol == "snowplow" else 404, {"unknown_route": 1})
    assert json.loads(intake.bad_rows[0].data)["protocol"] == protocol


def test_a_groups_own_id_is_no_persons(send: Send) -> None:
    (body,) = bodies(send({**WHOLE, "traits": {"id": "acme"}}, "/v1/group", user_id_key=b"0" * 32))
    assert body["traits"]["id"] == "acme"


def test_a_user_without_anonymous_id_keeps_one_client_id(send: Send) -> None:
    clients = {
        item.key for item in send({"batch": [{"type": "page", "userId": one} for one in (7, "7", " 7 ")]}).events
    }
    assert len(clients) == 1
    assert "7" not in clients


def test_consent_counts_where_configuration_honours_it(send: Send) -> None:
    refused = {**WHOLE, "context": {"consent": {"categoryPreferences": {"analytics": False}}}}
    declined = send(refused, "/v1/page")
    assert (declined.declined, len(declined.events), len(declined.bad_rows)) == (1, 0, 0)
    assert answer(declined) == {"success": True}
    assert len(send(refused, "/v1/page", consent=False).events) == 1


REFUSED = {"consent": {"categoryPreferences": {"Advertising": True, " Analytics": False}}}


@pytest.mark.parametrize(
    "message",
    [
        {"properties": [1]},
        {"event": None},
        {"userId": ["u"]},
        {"userId": None, "anonymousId": None},
        {"type": "track and field"},
        {"properties": {"x": "x" * MAX_MESSAGE_BYTES}},
        {"properties": json.loads("[" * 40 + "]" * 40)},
        {"name": float("nan")},
        {"name": "\ud800"},
    ],
    ids=lambda message: next(iter(message)),
)
@pytest.mark.parametrize("shared", [True, False])
def test_no_other_fault_makes_a_bad_row_of_who_refused(send: Send, message: dict[str, Any], shared: bool) -> None:
    faulty = {**WHOLE, "type": "track", **message}
    good = {"type": "page", "userId": "u", "context": {"consent": None}}
    if shared:
        batch = {"batch": [faulty, good], "context": REFUSED}
    else:
        batch = {"batch": [{**faulty, "context": REFUSED}, good]}
    intake = send(batch)
    assert (len(intake.events), intake.declined, intake.bad_rows) == (1, 1, [])
    assert len(send(batch, consent=False).bad_rows) == 1


@pytest.mark.parametrize(
    ("body", "key"),
    [
        ({**WHOLE, "context": REFUSED}, "unknown"),
        ({**WHOLE, "x": "x" * MAX_BODY_BYTES, "context": REFUSED}, KEY),
        (json.dumps({**WHOLE, "context": REFUSED})[:-1], KEY),
    ],
)
def test_nor_does_a_request_that_falls_apart(send: Send, body: object, key: str) -> None:
    intake = send(body, "/v1/page", key=key)
    assert (intake.events, intake.bad_rows) == ([], [])
    assert intake.status >= 400
    assert len(send(body, "/v1/page", key=key, consent=False).bad_rows) == 1


@pytest.mark.parametrize("consent", [None, 1, [], {}, {"categoryPreferences": [False]}, {"categoryPreferences": {}}])
def test_a_consent_that_says_nothing_refuses_nothing(send: Send, consent: object) -> None:
    assert len(send({**WHOLE, "context": {"consent": consent}}, "/v1/page").events) == 1


def test_a_mended_message_is_taken_as_it_stands_in_its_bad_row(send: Send) -> None:
    batch = {"batch": [{"type": "track", "userId": "u"}], "sentAt": "2025-11-22T02:16:15Z", "context": {"locale": "de"}}
    payload = json.loads(json.loads(send(batch).bad_rows[0].data)["payload"])
    (body,) = bodies(send({**payload, "event": "Signed Up"}))
    assert (body["event"], body["sentAt"], body["context"]) == (
        "Signed Up",
        "2025-11-22T02:16:15.000Z",
        {"locale": "de"},
    )
