import base64
import gzip
import tracemalloc
from typing import Any

import pytest

from collect.incoming import MAX_GZIP_MEMBERS, request_of
from collect.protocols.route import MAX_BODY_BYTES

HIT = "t=pageview&cid=1"


def zipped(*parts: bytes, after: bytes = b"") -> dict[str, Any]:
    """Each part as a gzip member of its own."""
    return {
        "body": base64.b64encode(b"".join(map(gzip.compress, parts)) + after).decode(),
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


def test_every_gzip_member_is_read(post: Any) -> None:
    assert len(post(path="/batch", **zipped(b"t=event&cid=1\n", b"", b"t=event&cid=2\nt=ev", b"ent&cid=3")).events) == 3


@pytest.mark.parametrize("after", [b"x", b"\0" * 8, gzip.compress(b"t=event&cid=2", mtime=0)[:-1]])
def test_what_follows_and_is_no_gzip_member_is_not_left_out_in_silence(post: Any, after: bytes) -> None:
    assert dict(post(path="/batch", **zipped(b"t=event&cid=1\n", after=after)).reasons) == {"invalid_gzip": 1}


def test_members_share_one_limit_and_are_not_without_number(post: Any) -> None:
    half = bytes(MAX_BODY_BYTES // 2)
    assert dict(post(**zipped(half, half, b"x")).reasons) == {"body_too_large": 1}
    assert dict(post(**zipped(*[b""] * (MAX_GZIP_MEMBERS + 1))).reasons) == {"invalid_gzip": 1}


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
