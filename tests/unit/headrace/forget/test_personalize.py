"""What Personalize was told of a person: out of the embedded cloud's record, or listed for the deletion at AWS."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from headrace.applications.feed import RECORD, from_record
from headrace.forget import personalize
from headrace.forget.person import Person

ADA = Person(user_ids=frozenset({"ada"}), client_ids=frozenset({"phone"}))


def call(session: str, user: str | None, event: str) -> dict[str, Any]:
    events = [{"eventId": event, "eventType": "Product Clicked"}]
    return {"sessionId": session, "eventList": events} | ({} if user is None else {"userId": user})


HERS = [call("phone", None, "1"), call("s-1", None, "2"), call("s-1", "ada", "3")]
HIS = [call("phone", "bob", "4"), call("s-2", None, "5"), call("s-2", "bob", "6")]


def record_of(folder: Path, *calls: dict[str, Any]) -> Path:
    path = folder / RECORD
    path.write_text("".join(json.dumps(one) + "\n" for one in calls))
    return path


def left(record: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in record.read_text().splitlines() if line.strip()]


def test_her_lines_go_with_what_was_anonymous_in_her_sessions_and_what_comes_meanwhile_stays(tmp_path: Path) -> None:
    record = record_of(tmp_path, HERS[0], HIS[0], HERS[1], HIS[1], HERS[2], HIS[2])
    found = personalize.find(record, ADA)
    with record.open("a") as endpoint:
        endpoint.write(json.dumps(HIS[0]) + "\n" + '{"sessionId": "half')
    personalize.remove(record, found)
    assert personalize.find(record, ADA) == []
    assert record.read_text().endswith("half")
    record.write_text(record.read_text().removesuffix('{"sessionId": "half'))
    assert left(record) == [*HIS, HIS[0]]
    assert from_record(tmp_path).events == len(HIS)


def test_of_a_client_that_was_named_everything_goes(tmp_path: Path) -> None:
    record = record_of(tmp_path, *HERS, *HIS)
    phone = Person(client_ids=frozenset({"phone"}), whole_clients=True)
    personalize.remove(record, personalize.find(record, phone))
    assert left(record) == [*HERS[1:], *HIS[1:]]


def test_where_nothing_was_told_there_is_nothing(tmp_path: Path) -> None:
    assert personalize.find(tmp_path / RECORD, ADA) == []


@pytest.mark.parametrize("odd", ["plain", 'a "b", c', "ключ"])
def test_all_ids_are_listed_for_aws_for_their_owners_eyes_only(tmp_path: Path, odd: str) -> None:
    many = {f"client-{number}" for number in range(50)} | {odd}
    path = personalize.list_users(tmp_path, Person(user_ids=frozenset({"ada"}), client_ids=frozenset(many)))
    with path.open(newline="") as file:
        (heading, *rows) = list(csv.reader(file))
    assert heading == ["USER_ID"]
    assert {row[0] for row in rows} == {"ada", *many}
    assert path.stat().st_mode & 0o777 == 0o600
