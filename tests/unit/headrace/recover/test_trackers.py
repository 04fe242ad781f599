"""What is sent again of a bad row: the same hit, at its own time, under one id however often."""

import base64
import gzip
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collect.configuration import Configuration
from collect.taking import take_in
from headrace.console import Problem
from headrace.recover.mending import Left, Mended, load, mended
from headrace.recover.rows import BadRow, bad_row
from headrace.recover.sending import batches
from headrace.recover.trackers import TRACKERS
from headrace.recover.trial import Good, request_headers, tried
from shared.events.decode import decode
from shared.events.event import Event

CONFIGURATION = Configuration(write_keys=frozenset({"key"}))
RECEIVED = 1_700_000_000_000
LATER = RECEIVED + 86_400_000
PAYLOAD_DATA = "iglu:com.snowplowanalytics.snowplow/payload_data/jsonschema/1-0-4"
BROKEN = {
    "google-analytics-v1": ("/collect", b"v=1&t=event&ea=x&qt=60000"),
    "segment": (
        "/v1/t",
        json.dumps(
            {"event": "Seen", "timestamp": "2023-11-14T22:11:20.000Z", "sentAt": "2023-11-14T22:12:20.000Z"}
        ).encode(),
    ),
    "snowplow": (
        "/com.snowplowanalytics.snowplow/tp2",
        json.dumps(
            {"schema": PAYLOAD_DATA, "data": [{"e": "pv", "tv": "x", "dtm": "1000000", "stm": "1060000"}]}
        ).encode(),
    ),
}


def collected(
    path: str,
    body: bytes,
    content_type: str = "application/json",
    at: int = RECEIVED,
    configuration: Configuration = CONFIGURATION,
) -> Any:
    """What the collector makes of a request."""
    tracker = TRACKERS["segment"]
    headers = {"user-agent": "Shop/1.0", **request_headers(tracker, "key"), "content-type": content_type}
    context = {"http": {"method": "POST", "path": path, "sourceIp": "203.0.113.9"}, "timeEpoch": at}
    event = {"rawPath": path, "headers": headers, "requestContext": context, "body": base64.b64encode(body).decode()}
    return take_in({**event, "isBase64Encoded": True}, configuration)


def row_of(path: str, body: bytes) -> BadRow:
    (item,) = collected(path, body).bad_rows
    row = bad_row(item.data)
    assert row is not None
    return row


def fix(hit: Any, row: BadRow) -> Any:
    return {
        **hit,
        **{"google-analytics-v1": {"cid": "c"}, "segment": {"userId": "c"}, "snowplow": {"p": "web"}}[row.protocol],
    }


def one(row: BadRow, mend: Any = fix) -> Mended:
    ((_, hit),) = mended(row, TRACKERS[row.protocol], mend, "mend.py")
    assert isinstance(hit, Mended), hit
    return hit


def resent(hit: Mended, now: int) -> Event:
    tracker = TRACKERS[hit.protocol]
    body = tracker.body([tracker.encode(hit.hit, hit.received_at, now)], now)
    (item,) = collected(tracker.path, body, tracker.content_type, now).events
    event = decode(item.data)
    assert isinstance(event, Event)
    return event


@pytest.mark.parametrize("protocol", BROKEN)
def test_a_mended_hit_happened_when_it_happened_and_has_one_id_whenever_it_is_sent(protocol):
    row = row_of(*BROKEN[protocol])
    assert row.protocol == protocol
    first, again = resent(one(row), LATER), resent(one(row), LATER + 3_600_000)
    assert first.occurred_at == again.occurred_at == RECEIVED - 60_000
    assert first.event_id == again.event_id
    assert first.received_at == LATER


def test_a_hit_with_an_empty_queue_time_happened_when_it_was_received():
    row = row_of("/collect", b"v=1&t=event&ea=x&qt=")
    assert resent(one(row), LATER).occurred_at == RECEIVED


@pytest.mark.parametrize("protocol", BROKEN)
def test_the_trial_tells_what_the_collector_would(protocol):
    row = row_of(*BROKEN[protocol])
    tracker = TRACKERS[protocol]
    good = tried(one(row), tracker, CONFIGURATION, "key", LATER)
    assert good == Good(resent(one(row), LATER).event_id)
    assert tried(one(row, lambda hit, _: hit), tracker, CONFIGURATION, "key", LATER) == Left(
        reason=row.reason, message=row.message
    )


@pytest.mark.parametrize("protocol", BROKEN)
def test_whose_browser_and_network_it_was_is_kept(protocol):
    hit = one(row_of(*BROKEN[protocol]))
    tracker = TRACKERS[protocol]
    body = tracker.body([tracker.encode(hit.hit, hit.received_at, LATER)], LATER)
    assert hit.headers == {"user-agent": "Shop/1.0"}
    (item,) = collected(tracker.path, body, tracker.content_type, LATER).events
    assert json.loads(item.data)["context"]["user_ip"] == "203.0.113.0"


def test_a_schema_is_changed_in_an_event_that_was_sent_in_base64():
    link = {
        "schema": "iglu:com.snowplowanalytics.snowplow/link_click/jsonschema/7-0-0",
        "data": {"targetUrl": "http://a"},
    }
    wrapped = {"schema": "iglu:com.snowplowanalytics.snowplow/unstruct_event/jsonschema/1-0-0", "data": link}
    encoded = base64.urlsafe_b64encode(json.dumps(wrapped).encode()).decode().rstrip("=")
    event = {"e": "ue", "tv": "x", "p": "web", "duid": "d", "ue_px": encoded}
    row = row_of("/com.snowplowanalytics.snowplow/tp2", json.dumps({"schema": PAYLOAD_DATA, "data": [event]}).encode())

    def mend(hit: Any, _: BadRow) -> Any:
        hit["ue_pr"]["data"]["schema"] = hit["ue_pr"]["data"]["schema"].replace("7-0-0", "1-0-1")
        return hit

    assert resent(one(row, mend), LATER).client_id == "d"


def test_what_can_not_be_read_as_a_hit_is_mended_as_text_or_stays():
    row = row_of("/collect", b"v=1&cid=1&t=pageview&t=event")
    assert mended(row, TRACKERS[row.protocol], lambda hit, _: hit, "mend.py")[0][1] == Left(
        reason="unreadable", message="it is no object, and mend made none of it"
    )
    assert resent(one(row, lambda hit, _: hit.replace("&t=event", "")), LATER).name == "page_view"


@pytest.mark.parametrize("number", ["NaN", "12345678901234567890123"])
def test_a_number_that_no_reader_takes_is_not_left_out_in_silence(number):
    row = row_of("/collect", f'{{"v":"1","cid":"1","t":"pageview","ev":{number}}}'.encode())
    ((_, left),) = mended(row, TRACKERS[row.protocol], lambda hit, _: hit, "mend.py")
    assert isinstance(left, Left)


@pytest.mark.parametrize("result", [7, {"cid": object()}, {1: "2"}, {"cid": "\ud800"}, [1]])
def test_a_file_that_returns_no_hit_is_told(result):
    with pytest.raises(Problem, match=r"mend\.py returns what is no hit"):
        one(row_of(*BROKEN["google-analytics-v1"]), lambda *_: result)


def test_bytes_that_were_no_utf_8_are_not_taken_for_their_escapes():
    row = row_of("/collect", b"v=1&cid=1&t=pageview&dt=caf\xe9")
    ((before, left),) = mended(row, TRACKERS[row.protocol], lambda hit, _: hit, "mend.py")
    assert before == "v=1&cid=1&t=pageview&dt=caf\\xe9"
    assert isinstance(left, Left)


def test_a_payload_that_was_cut_is_not_made_up():
    row = row_of("/collect", b"v=1&t=pageview&dt=" + b"x" * 20_000)
    assert row.cut
    ((_, left),) = mended(row, TRACKERS[row.protocol], fix, "mend.py")
    assert isinstance(left, Left)
    assert left.reason == "cut"


def test_a_request_that_was_refused_unread_is_unpacked():
    row = row_of("/v1/track", b'{"userId":"u","event":"Seen"')
    whole = b'{"userId":"u","event":"Seen"}'
    for body in (whole, gzip.compress(whole), gzip.compress(whole[:9]) + gzip.compress(whole[9:])):
        packed = replace(row, payload=base64.b64encode(body).decode())
        assert resent(one(packed, lambda hit, _: hit), LATER).user_id == "u"


def test_rows_of_streams_are_not_the_collectors():
    request = {"method": "", "path": "", "user_ip": None, "headers": {}}
    row = {"reason": "not_json", "message": "", "protocol": "segment", "timestamp": 1, "payload": ""}
    assert bad_row(json.dumps({**row, "payload_bytes": 0, "request": request}).encode()) is None
    assert bad_row(b"nothing") is None


texts = st.text(max_size=20)


@settings(max_examples=40, deadline=None)
@given(st.dictionaries(texts, texts, max_size=6), st.integers(0, 10**10))
def test_whatever_the_hit_holds_it_is_sent_whole_and_the_same(hit, waited):
    for protocol, (path, body) in BROKEN.items():
        row, tracker = row_of(path, body), TRACKERS[protocol]
        mine = one(row, lambda old, row: {**fix(old, row), **{f"x{name}": value for name, value in hit.items()}})
        now = RECEIVED + waited
        first = tried(mine, tracker, CONFIGURATION, "key", now)
        assert first == tried(mine, tracker, CONFIGURATION, "key", now + 1)


def test_one_request_holds_neighbours_of_one_browser_and_no_more_than_the_protocol_takes():
    row = row_of(*BROKEN["google-analytics-v1"])
    hit = one(row)
    other = replace(hit, headers={"user-agent": "B"})
    sizes = [len(batch) for batch in batches([hit] * 45 + [other] * 2)]
    assert sizes == [20, 20, 5, 2]


@pytest.mark.parametrize("protocol", TRACKERS)
def test_what_the_collector_says_is_what_it_says(protocol: str) -> None:
    """The answer that is waited for is the one that the collector's own code gives."""
    hits = {
        "google-analytics-v1": {"t": "pageview", "cid": "1"},
        "segment": {"type": "page", "userId": "u", "timestamp": "2025-01-01T00:00:00Z"},
        "snowplow": {"e": "pv", "p": "web", "tv": "x", "dtm": "1", "_happened_at": 1},
    }
    tracker = TRACKERS[protocol]
    body = tracker.body([tracker.encode(hits[protocol], 1, 2)], 2)
    intake = collected(tracker.path, body)
    answer = intake.response()
    content = str(answer["body"]).encode()
    assert intake.events
    assert (base64.b64decode(content) if answer["isBase64Encoded"] else content) == tracker.taken


KEYED = replace(CONFIGURATION, user_id_key=b"k" * 32)
NAMED = {
    "google-analytics-v1": (b"v=1&t=event&ea=x&uid=ada", "uid", {"cid": "c"}),
    "segment": (b'{"userId":"ada","properties":{}}', "userId", {"event": "Seen"}),
    "snowplow": (
        json.dumps({"schema": PAYLOAD_DATA, "data": [{"e": "pv", "tv": "x", "uid": "ada"}]}).encode(),
        "uid",
        {"p": "web"},
    ),
}


@pytest.mark.parametrize("protocol", NAMED)
def test_an_id_that_was_hashed_is_not_hashed_again(protocol: str) -> None:
    body, name, lacking = NAMED[protocol]
    path, tracker = BROKEN[protocol][0], TRACKERS[protocol]
    (item,) = collected(path, body.replace(b"t=event", b"t=evnt"), configuration=KEYED).bad_rows
    row = bad_row(item.data)
    assert row is not None
    lacking = {**lacking, "t": "event"} if protocol == "google-analytics-v1" else lacking

    def outcome(configuration: Configuration, **more: Any) -> Good | Left:
        hit = one(row, lambda hit, _: {**hit, **lacking, **more})
        return tried(hit, tracker, configuration, "key", LATER)

    assert KEYED.pseudonym("ada") in row.payload
    left = outcome(KEYED)
    assert isinstance(left, Left)
    assert left.reason == "hashed"
    assert isinstance(outcome(KEYED, **{name: "ada"}), Good)
    if protocol == "segment":
        assert isinstance(outcome(KEYED, userId=None, anonymousId="c"), Good)
    else:
        assert isinstance(outcome(KEYED, **{name: None}), Good)
    assert isinstance(outcome(CONFIGURATION), Good)


def test_nor_is_one_in_an_entity() -> None:
    user = {"schema": "iglu:com.snowplowanalytics.snowplow.ecommerce/user/jsonschema/1-0-0", "data": {"id": "ada"}}
    contexts = {"schema": "iglu:com.snowplowanalytics.snowplow/contexts/jsonschema/1-0-0", "data": [user]}
    event = {"e": "pv", "tv": "x", "cx": base64.urlsafe_b64encode(json.dumps(contexts).encode()).decode()}
    body = json.dumps({"schema": PAYLOAD_DATA, "data": [event]}).encode()
    (item,) = collected(BROKEN["snowplow"][0], body, configuration=KEYED).bad_rows
    row = bad_row(item.data)
    assert row is not None
    left = tried(one(row), TRACKERS["snowplow"], KEYED, "key", LATER)
    assert isinstance(left, Left)
    assert left.reason == "hashed"


@pytest.mark.parametrize("program", ["exit(3)", "def mend(hit, row):\n    exit(3)"])
def test_a_file_that_exits_fails_in_one_line_and_is_no_success(program: str, tmp_path: Path) -> None:
    file = tmp_path / "mend.py"
    file.write_text(program)
    row = replace(row_of(*BROKEN["google-analytics-v1"]), payload="v=1\nv=1")
    with pytest.raises(Problem, match="SystemExit: 3") as problem:
        mended(row, TRACKERS[row.protocol], load(file), "mend.py")
    assert "\n" not in str(problem.value)


def test_a_folder_is_no_program(tmp_path: Path) -> None:
    with pytest.raises(Problem, match="is a folder"):
        load(tmp_path)
