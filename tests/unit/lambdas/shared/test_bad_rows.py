import base64
from typing import Any


def test_a_payload_is_kept_to_ten_thousand_characters_with_its_true_size(post: Any, lines: Any) -> None:
    payload = "é" * 30_000
    row = lines(post(payload).bad_rows)[0]
    assert row["payload"] == "é" * 10_000
    assert row["payload_bytes"] == 60_000


def test_bytes_that_are_no_text_can_be_told_from_the_row(post: Any, lines: Any) -> None:
    body = base64.b64encode(b"cid=1&t=event&dt=\xff\x00").decode()
    row = lines(post(body, isBase64Encoded=True).bad_rows)[0]
    assert (row["reason"], row["payload"]) == ("invalid_utf8", "cid=1&t=event&dt=\\xff\\x00")


def test_a_bad_row_tells_where_it_came_from_without_telling_who(post: Any, lines: Any) -> None:
    row = lines(post("t=event&uip=198.51.100.23").bad_rows)[0]
    assert row["protocol"] == "google-analytics-v1"
    assert row["timestamp"] == 1_763_777_777_000
    assert row["payload"] == "t=event&uip=198.51.100.0"
    assert row["request"] == {
        "id": "UKQ5xhRgjoEEMeA=",
        "path": "/collect",
        "method": "POST",
        "hostname": "collect.example",
        "user_ip": "203.0.113.0",
        "headers": {"content-type": "text/plain", "user-agent": "Lynx"},
    }


def test_addresses_stay_whole_where_configuration_says_so(post: Any, lines: Any) -> None:
    row = lines(post("t=event&uip=198.51.100.23", full_addresses=True).bad_rows)[0]
    assert (row["payload"], row["request"]["user_ip"]) == ("t=event&uip=198.51.100.23", "203.0.113.77")
