"""What an event of a person tells of them besides."""

import json
from typing import Any

import pytest

from headrace.forget.lake import learn
from headrace.forget.person import Person

ADA = Person(user_ids=frozenset({"ada"}), emails=frozenset({"ada@example.org"}))
SESSION = "iglu:com.snowplowanalytics.snowplow/client_session/jsonschema/1-0-2"


def learnt(client: str, user: str | None, **body: Any) -> tuple[set[str], set[str]]:
    clients, emails = set[str](), set[str]()
    envelope = {"context": {"client_id": client, "user_id": user}, "request": {"body": body}}
    learn(json.dumps(envelope).encode(), ADA, clients, emails)
    return clients, emails


@pytest.mark.parametrize(
    ("body", "clients"),
    [
        ({"cid": "a"}, {"a"}),
        ({"anonymousId": "a", "previousId": "b"}, {"a", "b"}),
        ({"duid": "a", "nuid": "b", "tnuid": "c"}, {"a", "b", "c"}),
        ({"co": {"data": [{"schema": SESSION, "data": {"userId": "a"}}]}}, {"a"}),
        ({"properties": {"client_id": "ios-app", "cid": "summer-sale", "nuid": "n"}}, set()),
        ({"context": {"client_id": "ios-app", "traits": {"anonymousId": "x"}}}, set()),
        ({"ue_pr": {"data": {"schema": "iglu:com.acme/ad/jsonschema/1-0-0", "data": {"cid": "summer"}}}}, set()),
    ],
)
def test_a_client_is_what_its_protocol_has_in_its_place(body: dict[str, Any], clients: set[str]) -> None:
    assert learnt("phone", "ada", **body)[0] == {"phone", *clients}


def test_who_is_called_by_her_address_is_her() -> None:
    assert learnt("phone", "Ada@Example.org") == ({"phone"}, set())


def test_an_address_is_learnt_where_it_is_said_to_be_one() -> None:
    assert learnt("phone", "ada", traits={"email": "a@b.c"}, dl="/?q=x@y.z")[1] == {"a@b.c"}


@pytest.mark.parametrize("user", [None, "bob"])
def test_of_others_nothing_is_learnt(user: str | None) -> None:
    assert learnt("phone", user, traits={"email": "a@b.c"}) == (set(), set())
