import base64
import gzip
import tracemalloc
from typing import Any

import pytest

from collect.incoming import request_of
from collect.protocols.route import MAX_BODY_BYTES

HIT = "t=pageview&cid=1"


def zipped(body: bytes) -> dict[str, Any]:
    return {
        "body": base64.b64encode(gzip.compress(body)).decode(),
        "isBase64Encoded": True,
        "headers": {"Content-Encoding": "gzip"},
    }


def test_a_gzip_bomb_is_refused_without_being_unfolded(post: Any) -> None:
    bomb = zipped(bytes(50_000_000))
    tracemalloc.start()
    intake = post(**bomb)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (intake.status, dict(intake.reasons)) == (413, {"body_too_large": 1})
    assert peak < 5_000_000


@pytest.mark.parametrize("encoded", [True, False])
def test_ten_megabytes_are_one_small_bad_row_that_tells_their_size(post: Any, lines: Any, encoded: bool) -> None:
    body = "t=pageview&cid=1&" + "x" * 10_000_000
    body = base64.b64encode(body.encode()).decode() if encoded else body
    intake = post(body, isBase64Encoded=encoded)
    assert intake.status == 413
    assert len(intake.bad_rows[0].data) < 15_000
    assert lines(intake.bad_rows)[0]["payload_bytes"] == len(body)


def test_a_body_at_the_limit_is_read(post: Any) -> None:
    intake = post("\n" * (MAX_BODY_BYTES - len(HIT)) + HIT)
    assert len(intake.events) == 1


def test_a_byte_order_mark_is_no_part_of_the_hit(post: Any) -> None:
    assert post("\ufeff" + '{"t":"pageview","cid":"1"}').events


def test_header_names_are_matched_in_any_case_and_the_rest_is_dropped(event: Any) -> None:
    headers = {
        "User-Agent": "Lynx",
        "COOKIE": "a",
        "Authorization": "b",
        "X-Forwarded-For": "c",
        "Sec-CH-UA-Mobile": "?0",
    }
    assert request_of(event(HIT, headers=headers)).headers == {"user-agent": "Lynx", "sec-ch-ua-mobile": "?0"}


def test_a_request_without_an_id_or_a_time_gets_both(event: Any) -> None:
    request = request_of(event(HIT, requestContext={}))
    assert request.id
    assert request.timestamp > 1_700_000_000_000


@pytest.mark.parametrize("time", [0, -1, 10**30, 1.5, True, "soon"])
def test_a_time_that_is_none_is_replaced_by_now(post: Any, lines: Any, time: object) -> None:
    intake = post(HIT, requestContext={"timeEpoch": time, "http": {"method": "POST"}}, rawPath="/collect")
    assert 1_700_000_000_000 < lines(intake.events)[0]["request"]["timestamp"] < 10**14


def test_a_post_with_a_body_is_not_read_from_its_query_string(post: Any, lines: Any) -> None:
    intake = post(HIT, rawQueryString="t=event&cid=2")
    assert lines(intake.events)[0]["context"]["client_id"] == "1"
