import json
from typing import Any

import pytest

from collect.configuration import Configuration
from collect.protocols.google_analytics.hits import HIT_TYPES
from collect.protocols.google_analytics.reading import MAX_BATCH_LINES, MAX_HIT_BYTES
from shared.events.decode import decode
from shared.events.event import Event

HIT = {"t": "pageview", "cid": "c-1", "z": "17", "dl": "https://shop.example/"}


def request_id(intake: Any) -> str:
    return json.loads(intake.events[0].data)["request"]["id"]


@pytest.mark.parametrize("hit_type", sorted(HIT_TYPES))
def test_every_hit_type_of_the_protocol_is_taken(post: Any, hit_type: str) -> None:
    assert len(post(f"t={hit_type}&cid=1").events) == 1


def test_two_hits_with_one_z_are_two_events(post: Any) -> None:
    assert request_id(post(json.dumps(HIT))) != request_id(post(json.dumps({**HIT, "dl": "https://shop.example/b"})))


def test_a_page_named_by_host_and_path_is_the_hits_page(post: Any, lines: Any) -> None:
    intake = post("t=pageview&cid=1&dh=shop.example&dp=%2Fthanks", headers={"referer": "https://shop.example/"})
    assert lines(intake.events)[0]["context"]["document_location"] == "https://shop.example/thanks"


def test_one_z_used_by_two_clients_is_two_events(post: Any) -> None:
    assert request_id(post(json.dumps(HIT))) != request_id(post(json.dumps({**HIT, "cid": "c-2"})))


def test_a_hit_without_z_has_an_id_of_its_own_each_time(post: Any) -> None:
    assert request_id(post("t=pageview&cid=1")) != request_id(post("t=pageview&cid=1"))


def test_figures_give_the_same_id_as_numbers_and_as_text(post: Any) -> None:
    as_text = post("t=event&cid=1&z=1&tr=1.5&ev=3&ni=true")
    assert request_id(post('{"t":"event","cid":"1","z":"1","tr":1.5,"ev":3,"ni":true}')) == request_id(as_text)


def test_values_can_not_slip_into_their_neighbours_to_share_an_id(post: Any) -> None:
    assert request_id(post("t=event&cid=1&z=1&a=bc&d=")) != request_id(post("t=event&cid=1&z=1&a=b&d=c"))


def test_a_user_keeps_one_client_id_derived_from_the_user(post: Any, lines: Any) -> None:
    first, second = lines(post("t=event&uid=u-1\nt=pageview&uid=u-1", path="/batch").events)
    assert first["context"]["client_id"] == second["context"]["client_id"] != "u-1"


@pytest.mark.parametrize("parameter", ["cid", "uid", "t", "dl", "dr", "ua", "uip", "z"])
@pytest.mark.parametrize("value", ["1", "1.5", "true"])
def test_a_json_number_where_text_is_expected_is_a_bad_row(post: Any, parameter: str, value: str) -> None:
    intake = post(json.dumps({**HIT, parameter: json.loads(value)}))
    assert dict(intake.reasons) == {"wrong_type": 1}
    assert intake.status == 200


@pytest.mark.parametrize("queue_time", ["0", "1500", "1763777777000"])
def test_a_queue_time_back_to_1970_is_taken(post: Any, queue_time: str) -> None:
    assert post(f"t=event&cid=1&qt={queue_time}").events
    assert post(f'{{"t":"event","cid":"1","qt":{queue_time}}}').events


def test_an_empty_queue_time_is_none(post: Any) -> None:
    for intake in (post("t=event&cid=1&qt="), post('{"t":"event","cid":"1","qt":""}')):
        event = decode(intake.events[0].data)
        assert isinstance(event, Event)
        assert event.occurred_at == event.received_at


@pytest.mark.parametrize("queue_time", ['"-1"', "-1", '"1.5"', "1.5", '"soon"', "true", '"٣"', "1763777777001"])
def test_any_other_queue_time_is_a_bad_row(post: Any, queue_time: str) -> None:
    assert dict(post(f'{{"t":"event","cid":"1","qt":{queue_time}}}').reasons) == {"invalid_queue_time": 1}


@pytest.mark.parametrize("value", ["NaN", "-Infinity", "1e999", "9" * 19, "9" * 5000])
def test_a_number_that_no_reader_could_hold_is_a_bad_row_beside_its_good_neighbour(post: Any, value: str) -> None:
    intake = post(f'[{{"t":"event","cid":"1","tr":{value}}},{{"t":"event","cid":"2"}}]', path="/batch")
    assert (len(intake.events), dict(intake.reasons)) == (1, {"invalid_number": 1})


def test_a_hit_of_8192_bytes_is_taken_and_of_one_more_is_not(post: Any) -> None:
    hit = "t=event&cid=1&el="
    assert post(hit + "x" * (MAX_HIT_BYTES - len(hit))).status == 200
    assert post(hit + "x" * (MAX_HIT_BYTES - len(hit) + 1)).status == 413


def test_a_hit_that_is_too_large_takes_no_room_from_its_neighbours(post: Any) -> None:
    small = "t=event&cid=1&el=" + "x" * 7000
    intake = post("\n".join([small, "y" * 9000, small]), path="/batch")
    assert (len(intake.events), dict(intake.reasons)) == (2, {"hit_too_large": 1})


@pytest.mark.parametrize("separator", ["\n", ","])
def test_an_endless_batch_is_one_bad_row(post: Any, separator: str) -> None:
    body = separator.join(["{}"] * (MAX_BATCH_LINES + 1))
    intake = post(body if separator == "\n" else f"[{body}]", path="/batch")
    assert (len(intake.bad_rows), intake.status) == (1, 413)


@pytest.mark.parametrize("body", ["[" * 200_000, '{"a":' * 40_000, "[" * 90_000 + "]" * 90_000])
@pytest.mark.parametrize("path", ["/collect", "/batch"])
def test_deep_nesting_is_a_bad_row(post: Any, body: str, path: str) -> None:
    intake = post(body, path=path)
    assert len(intake.bad_rows) == 1
    assert 400 <= intake.status < 500


def test_thousands_of_parameters_are_a_bad_row(post: Any) -> None:
    assert dict(post("t=event&cid=1" + "&a=" * 2_000).reasons) == {"too_many_parameters": 1}


def test_a_duplicate_in_one_element_of_an_array_does_not_cost_the_others(post: Any) -> None:
    intake = post('[{"t":"event","cid":"1","cid":"2"},{"t":"event","cid":"3"}]', path="/batch")
    assert (len(intake.events), dict(intake.reasons)) == (1, {"duplicate_parameter": 1})


def test_addresses_stay_whole_where_configuration_says_so(post: Any, lines: Any) -> None:
    stored = lines(post("t=event&cid=1&uip=198.51.100.23\nt=event&cid=1", path="/batch", full_addresses=True).events)
    assert [line["context"]["user_ip"] for line in stored] == ["198.51.100.23", "203.0.113.77"]
    assert stored[0]["request"]["body"]["uip"] == "198.51.100.23"


@pytest.mark.parametrize("full_addresses", [True, False])
def test_an_override_that_is_no_address_is_emptied(post: Any, lines: Any, full_addresses: bool) -> None:
    (stored,) = lines(post("t=event&cid=1&uip=somewhere", full_addresses=full_addresses).events)
    assert stored["context"]["user_ip"] == ("203.0.113.77" if full_addresses else "203.0.113.0")
    assert stored["request"]["body"]["uip"] == ""


@pytest.mark.parametrize("aip", ["aip=1", "aip=0", "aip"])
def test_a_hit_that_asks_for_anonymity_gets_it_whatever_the_configuration(post: Any, lines: Any, aip: str) -> None:
    stored = lines(post(f"t=event&cid=1&uip=198.51.100.23&{aip}", full_addresses=True).events)[0]
    assert stored["context"]["user_ip"] == stored["request"]["body"]["uip"] == "198.51.100.0"


@pytest.mark.parametrize(
    "body",
    [
        "t=event&cid=1&dt=%F0%9F%92%A7",
        '{"t":"event","cid":"1","dt":"💧"}',
        r'{"t":"event","cid":"1","dt":"\ud83d\udca7"}',
    ],
)
def test_an_emoji_survives_in_every_way_of_writing_it(post: Any, lines: Any, body: str) -> None:
    assert lines(post(body).events)[0]["request"]["body"]["dt"] == "💧"


def test_a_client_id_of_any_script_is_stored_as_it_is_and_keyed_as_kinesis_takes_it(post: Any, lines: Any) -> None:
    intake = post('{"t":"event","cid":"клиент"}')
    assert lines(intake.events)[0]["context"]["client_id"] == "клиент"
    assert intake.events[0].key.isascii()


HASHED = Configuration(user_id_key=b"0123456789abcdef0123456789abcdef")


@pytest.mark.parametrize("body", ["t=event&uid=ann%40shop.example", '{"t":"event","uid":"ann@shop.example"}'])
def test_where_user_ids_are_hashed_none_is_stored(post: Any, lines: Any, body: str) -> None:
    (item,) = post(body, configuration=HASHED).events
    stored = lines([item])[0]
    assert b"ann" not in item.data
    assert stored["context"]["user_id"] == stored["request"]["body"]["uid"]
    assert len(stored["context"]["user_id"]) == 64


def test_a_client_id_made_of_a_hashed_user_id_does_not_give_it_away(post: Any, lines: Any) -> None:
    plain, hashed, again = (
        lines(post("t=event&uid=u-1&z=1", configuration=each).events)[0] for each in (Configuration(), HASHED, HASHED)
    )
    assert plain["context"]["client_id"] != hashed["context"]["client_id"] == again["context"]["client_id"]
    assert plain["request"]["id"] != hashed["request"]["id"] == again["request"]["id"]


@pytest.mark.parametrize("path", ["/r/collect", "/j/collect"])
def test_every_path_makes_the_same_event_of_a_hit(post: Any, lines: Any, path: str) -> None:
    hit = "v=1&tid=UA-1-1&cid=1&t=pageview&dp=/&z=1"
    first, second = (lines(post(hit, path=each).events)[0]["request"] for each in ("/collect", path))
    assert (first["id"], first["body"]) == (second["id"], second["body"])
