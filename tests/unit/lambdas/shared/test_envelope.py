import json
from typing import Any
from uuid import UUID, uuid5

from hypothesis import given
from hypothesis import strategies as st

from shared.envelope import Envelopes, Hit, derived_id, encode_json, partition_key


def test_an_envelope_has_the_fields_the_warehouse_reads(post: Any, lines: Any) -> None:
    line = lines(post("t=event&cid=1&uid=u&dl=l&dr=r&ua=a&z=1").events)[0]
    assert {name: set(part) for name, part in line.items()} == {
        "service": {"id"},
        "context": {
            "protocol", "client_id", "user_id", "user_ip", "user_agent", "document_location", "document_referrer",
        },
        "request": {"id", "timestamp", "hostname", "path", "method", "headers", "body"},
        "response": {"id", "timestamp", "statusCode", "headers"},
    }  # fmt: skip
    assert type(line["request"]["timestamp"]) is type(line["response"]["timestamp"]) is int
    assert len(line["request"]["id"]) <= 36
    assert len(line["response"]["id"]) <= 36


def test_a_line_never_holds_what_a_reader_could_take_for_its_end(post: Any) -> None:
    request = post("t=event&cid=1").request
    hit = Hit(
        request_id='"}\n',
        client_id="\u2028",
        user_id="\x85\u2029",
        user_ip=None,
        user_agent="\r\n",
        document_location=None,
        document_referrer=None,
        body={"a": "}}\n"},
    )
    line = Envelopes(request, "google-analytics-v1", 1).line(hit)
    assert len(line.decode().splitlines()) == 1
    assert json.loads(line)["request"]["id"] == '"}\n'


@given(st.dictionaries(st.text(), st.text() | st.integers(-(10**18), 10**18) | st.floats(allow_nan=False) | st.none()))
def test_what_is_written_is_one_line_and_reads_the_same(value: dict[str, object]) -> None:
    value = {name: item for name, item in value.items() if item not in (float("inf"), -float("inf"))}
    line = encode_json(value)
    assert len(line.decode().splitlines()) == 1
    assert json.loads(line) == value


def test_other_scripts_take_no_more_bytes_than_their_own() -> None:
    assert encode_json("été, 水") == '"été, 水"'.encode()


def test_equal_clients_have_equal_keys_and_others_have_others() -> None:
    assert partition_key("c-1") == "c-1"
    assert partition_key("клиент") == partition_key("клиент") != partition_key("client")
    assert partition_key("a\tb").isprintable()


@given(namespace=st.uuids(), content=st.text(st.characters(exclude_categories=["Cs"])))
def test_a_derived_id_is_the_version_5_uuid_anyone_else_would_derive(namespace: UUID, content: str) -> None:
    assert derived_id(namespace, content.encode()) == str(uuid5(namespace, content))
