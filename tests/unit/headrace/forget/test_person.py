"""Whose a line is: by the names under which trackers say who somebody is, in whatever a line holds."""

import base64
import gzip
import hmac
import json
import string
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headrace.forget.person import Finder, Person
from shared.envelope import encode_json

SNOWPLOW = "iglu:com.snowplowanalytics.snowplow"
SESSION = f"{SNOWPLOW}/client_session/jsonschema/1-0-2"
PERSON = f"{SNOWPLOW}.ecommerce/user/jsonschema/1-0-0"
IDENTIFY = f"{SNOWPLOW}/identify/jsonschema/1-0-0"
REFUSED = b'{"userId": "ada", "type": "track"}'

ADA = Person(
    user_ids=frozenset({"1", "ada", "ключ"}),
    client_ids=frozenset({"phone-77", "9"}),
    emails=frozenset({"ada@example.org"}),
)
finder = Finder(ADA)


def envelope(client: str = "x", user: str | None = None, **body: Any) -> bytes:
    context = {"protocol": "any", "client_id": client, "user_id": user}
    return json.dumps({"context": context, "request": {"id": "r", "body": body}}).encode()


def bad_row(payload: str, **more: Any) -> bytes:
    return json.dumps({"reason": "r", "message": "m", "payload": payload, "request": {}, **more}).encode()


@pytest.mark.parametrize(
    "line",
    [
        envelope("phone-77"),
        envelope("x", "ada"),
        envelope("phone-77", "1"),
        envelope("x", None, uid="ada"),
        envelope("x", "bob", previousId="ada"),
        envelope("x", None, traits={"email": "Ada@Example.org "}),
        envelope("x", None, dl="https://shop.example/?mail=ada%40example.org"),
        envelope("x", None, properties={"answers": [{"name": "ada@example.org", "value": 5}]}),
        envelope("x", None, el="write to ada@example.org."),
        envelope("x", "bob", properties={"email": "ada@example.org"}),
        envelope("x", "Ada@Example.org"),
        envelope("x", None, co={"data": [{"schema": SESSION, "data": {"userId": "phone-77"}}]}),
        envelope("x", None, traits={"id": "ada"}),
        envelope("x", None, context={"externalIds": [{"id": "ada", "type": "user_id", "collection": "users"}]}),
        envelope("x", None, context={"traits": {"id": 1}}),
        envelope("x", None, co={"data": [{"schema": PERSON, "data": {"id": "ada"}}]}),
        envelope("x", None, ue_pr={"data": {"schema": IDENTIFY, "data": {"id": "?", "email": "ada"}}}),
        envelope("x", None, uid=1),
        bad_row("t=nothing&uid=ada&cid=3"),
        bad_row("t=nothing&cid=9"),
        bad_row("el=write+to+ada%40example.org&t=nothing"),
        bad_row('{"userId": "ada", "broken'),
        bad_row('[{\\"anonymousId\\":\\"phone-77\\"'),
        bad_row("whatever stands around phone-77, it is long enough"),
        bad_row("e=ue&cx=" + base64.urlsafe_b64encode(b'{"userId":"ada"}').decode().rstrip("=")),
        bad_row(quote('{"userId":"ada"}')),
        bad_row(base64.b64encode(REFUSED).decode()),
        bad_row(base64.b64encode(gzip.compress(REFUSED)).decode()),
        bad_row(base64.b64encode(gzip.compress(REFUSED))[:40].decode()),  # cut
        bad_row("nothing", data={"payload": {"raw": {"parameters": [{"name": "uid", "value": "ada"}]}}}),
        bad_row("nothing", data={"payload": {"querystring": [{"name": "duid", "value": "phone-77"}]}}),
        bad_row("nothing", data={"payload": {"enriched": {"domain_userid": "phone-77"}}}),
        json.dumps({"target": "events", "key": "phone-77", "data": envelope("phone-77").decode()}).encode(),
        json.dumps({"target": "events", "key": "x", "data": envelope("x", "ключ").decode()}).encode(),
        json.dumps({"target": "bad", "key": None, "data": bad_row("uid=ada").decode()}).encode(),
        json.dumps({"attemptsMade": 4, "rawData": base64.b64encode(envelope("phone-77")).decode()}).encode(),
        json.dumps({"row": "1", "hit": {"v": "1", "cid": "phone-77"}, "headers": {}}).encode(),
        json.dumps({"row": "1", "hit": {"userId": "ada", "anonymousId": "x"}, "headers": {}}).encode(),
        b'{"context": {"client_id": "phone-77", ',
    ],
)
def test_a_line_of_hers_is_found_in_whatever_it_stands(line: bytes) -> None:
    assert finder.owns(line)
    assert finder.owns(line + b"\n")


@pytest.mark.parametrize(
    "line",
    [
        envelope("bob-1", "bob"),
        envelope("phone-77", "bob"),  # on her phone, but named as another
        json.dumps({"row": "1", "hit": {"userId": "bob", "anonymousId": "phone-77"}, "headers": {}}).encode(),
        envelope("x", None, v="1", qt="9", ti="ada", dt="phone-77"),  # her ids, but not as anybody's
        envelope("phone-777"),
        envelope("x", None, traits={"email": "other@example.org"}),
        envelope("x", "nada", traits={"email": "nada@example.org"}),
        envelope("x", None, traits={"email": "ada@example.org.uk"}),
        envelope("x", None, dl="https://shop.example/?mail=nada%40example.org"),
        envelope("x", "bob", dl="https://shop.example/?mail=ada%40example.org"),  # what bob looked at
        envelope("x", None, properties={"client_id": "phone-77", "cid": "9"}),  # a site's own names
        envelope("x", None, type="group", traits={"id": "ada"}),
        envelope("x", None, co={"data": [{"schema": "iglu:com.acme/thing/jsonschema/1-0-0", "data": {"id": "ada"}}]}),
        bad_row(base64.b64encode(REFUSED.replace(b"ada", b"bob")).decode()),
        bad_row("v=1&qt=9&uid=adam&cid=99"),
        bad_row("t=ada"),
        bad_row('{"traits": {"email": "joe+ada@example.org"}'),
        bad_row("phone-777 and phone-77-b"),
        json.dumps({"attemptsMade": 4, "rawData": "no base64!"}).encode(),
        b"",
        b"\xff\xfe\x00",
        b"[" * 3_000,
        b"1",
    ],
)
def test_lines_of_others_are_not(line: bytes) -> None:
    assert not finder.owns(line)


def test_of_a_client_that_was_named_everything_goes_whoever_was_there() -> None:
    device = Finder(Person(client_ids=frozenset({"phone-77"}), whole_clients=True))
    assert device.owns(envelope("phone-77", "bob"))
    assert not device.owns(envelope("x", "bob"))


@pytest.mark.parametrize("client", ['"quoted"', "back\\slash", "ключ", "a b", "ключ\u2028a", "<&>", "%41"])
def test_an_id_of_any_characters_is_found_as_json_and_as_parameters(client: str) -> None:
    odd = Finder(Person(client_ids=frozenset({client})))
    assert odd.owns(envelope(client))
    assert odd.owns(json.dumps(json.loads(envelope(client)), ensure_ascii=False).encode())
    assert odd.owns(encode_json(json.loads(envelope(client))))
    assert not odd.owns(envelope("x"))


@given(st.sampled_from(string.ascii_letters + string.digits + ".+-_%"), st.booleans())
def test_an_address_that_only_ends_in_hers_is_another_persons(before: str, encoded: bool) -> None:
    address = f"{before}ada@example.org"
    assert not finder.owns(envelope("x", None, traits={"email": address}))
    assert not finder.owns(
        envelope("x", None, dl=f"https://shop.example/?mail={quote(address) if encoded else address}")
    )


@pytest.mark.parametrize("written", ["ada+x@example.org", "Ada%2Bx%40Example.org", "ada+x%40example.org"])
def test_an_address_with_a_plus_is_found_as_it_is_and_encoded(written: str) -> None:
    person = Person(emails=frozenset({"ada+x@example.org"}))
    assert Finder(person).owns(envelope("x", None, dl=f"https://shop.example/?mail={written}"))
    assert not Finder(person).owns(envelope("x", None, dl=f"https://shop.example/?mail=n{written}"))


def test_an_address_that_is_known_to_be_anothers_is_not_hers_whoever_says_so() -> None:
    person = Person(user_ids=frozenset({"ada"}), others_emails=frozenset({"friend@example.org"}))
    assert person.known_by(emails=["Friend@example.org ", "ada@example.org"]).emails == {"ada@example.org"}


def test_where_ids_are_hashed_her_id_and_an_address_for_an_id_are_found_by_their_hashes() -> None:
    key, person = b"key", Person(user_ids=frozenset({"ada"}), emails=frozenset({"ada@example.org"}))
    hashes = [hmac.new(key, one.encode(), "sha256").hexdigest() for one in ("ada", "ada@example.org")]
    hers = Finder(person.hashed(person.user_ids, key).hashed(person.emails, key))
    assert hers.owns(envelope("x", hashes[0]))
    assert hers.owns(envelope("x", None, co={"data": [{"schema": PERSON, "data": {"id": "?", "email": hashes[1]}}]}))
    assert person.hashed(person.user_ids, b"") == person


def test_people_in_lists_are_found_by_a_whole_column() -> None:
    assert finder.addresses("Ada@example.org, adaface, , F")
    assert finder.addresses('Promo, ClickConversion, "ada@example.org", Instagram')
    assert not finder.addresses("nada@example.org, ada@example.org.uk, x, y")
