import base64
import json
from types import SimpleNamespace
from typing import Any

import pytest

from collect import handler as collect
from collect import taking

BATCH = "t=event&cid=secret-client&dl=secret-page\nt=nothing&cid=2\n{"


@pytest.fixture
def send(cloud: Any, event: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Sends a body to the function's entry."""
    monkeypatch.setattr(collect, "outlet", lambda: cloud.outlet)
    context = SimpleNamespace(get_remaining_time_in_millis=lambda: 30_000)
    return lambda body, **changes: collect.handler(event(body, **changes), context)


def test_a_hit_gets_a_pixel_that_no_cache_keeps(send: Any) -> None:
    response = send("t=event&cid=1")
    assert response["statusCode"] == 200
    assert response["headers"]["content-type"] == "image/gif"
    assert "no-store" in response["headers"]["cache-control"]
    pixel = base64.b64decode(response["body"])
    assert (pixel[:6], pixel[6:10], pixel[-1:]) == (b"GIF89a", b"\1\0\1\0", b";")


def test_a_batch_is_one_put_whatever_is_wrong_with_some_of_it(send: Any, cloud: Any) -> None:
    response = send(BATCH, path="/batch")
    assert (len(cloud.kinesis.calls), len(cloud.firehose.calls)) == (1, 1)
    assert (response["statusCode"], response["headers"]["x-headrace-bad-rows"]) == (200, "2")


def test_a_4xx_says_what_is_wrong_and_that_nothing_was_taken(send: Any, cloud: Any) -> None:
    response = send('{"t":')
    assert response["statusCode"] == 400
    body = json.loads(response["body"])
    assert (body["accepted"], body["bad"]) == (0, {"invalid_json": 1})
    assert "character" in body["message"]
    assert not cloud.kinesis.taken


def test_a_stream_that_is_down_is_not_the_clients_concern(send: Any, cloud: Any, failure: Any) -> None:
    cloud.kinesis.plan = [failure("ResourceNotFoundException")]
    assert send("t=event&cid=1")["statusCode"] == 200
    assert len(cloud.bucket.objects) == 1


def test_a_client_is_told_to_come_back_when_nothing_could_be_stored(send: Any, cloud: Any, failure: Any) -> None:
    cloud.kinesis.plan = [failure("ResourceNotFoundException")]
    cloud.bucket.broken = True
    response = send("t=event&cid=1")
    assert (response["statusCode"], response["headers"]["retry-after"]) == (503, "1")


def test_a_missing_setting_is_a_503_not_an_exception(send: Any, cloud: Any) -> None:
    cloud.outlet = type(cloud.outlet)({}, lambda _service: None)
    assert send("t=event&cid=1")["statusCode"] == 503


def test_a_fault_of_our_own_keeps_the_request_as_a_bad_row(send: Any, cloud: Any, monkeypatch: Any) -> None:
    def fail(*_arguments: object, **_named: object) -> None:
        raise RuntimeError("secret-client")

    monkeypatch.setattr(taking, "Envelopes", fail)
    assert send("t=event&cid=1")["statusCode"] == 500
    row = json.loads(cloud.firehose.taken[0])
    assert (row["reason"], row["message"], row["payload"]) == ("internal_error", "RuntimeError", "t=event&cid=1")


def test_a_request_leaves_one_log_line_that_names_no_person(send: Any, printed: Any) -> None:
    send(BATCH, path="/batch", headers={"cookie": "secret-cookie", "user-agent": "secret-agent"})
    (log,) = [line for line in printed() if "_aws" not in line]
    assert (log["route"], log["status"], log["accepted"]) == ("POST /batch", 200, 1)
    assert log["bad"] == {"unknown_hit_type": 1, "invalid_json": 1}
    assert "secret" not in json.dumps(log)
    assert "203.0.113" not in json.dumps(log)


def test_what_the_stream_took_is_counted(send: Any, printed: Any) -> None:
    send(BATCH, path="/batch")
    (totals,) = [line for line in printed() if "Accepted" in line]
    assert (totals["Put"], totals["Received"]) == (1, 3)


def test_accepted_bad_retried_and_spilled_are_counted(send: Any, cloud: Any, printed: Any) -> None:
    cloud.kinesis.plan = [{0}] * 99
    send(BATCH, path="/batch")
    totals, *by_reason = [line for line in printed() if "_aws" in line]
    assert {name: totals[name] for name in ("Accepted", "Bad", "Retried", "Spilled")} == {
        "Accepted": 1,
        "Bad": 2,
        "Retried": 5,
        "Spilled": 1,
    }
    assert {metric["reason"]: metric["Bad"] for metric in by_reason} == {
        "unknown_hit_type": 1,
        "invalid_json": 1,
    }
    assert "Put" not in totals
    assert totals["_aws"]["CloudWatchMetrics"][0]["Namespace"] == "Headrace"
