"""Requests as real clients send them, and as broken ones do: each file under events/ is one given, when and then."""

import json
from pathlib import Path
from typing import Any

import pytest

from collect.configuration import Configuration
from collect.taking import take_in

EVENTS = sorted((Path(__file__).parent.parent / "events").glob("*.json"))
WRITE_KEY = "not-to-be-stored"
CONFIGURATION = Configuration(write_keys=frozenset({WRITE_KEY}))
UNSTORABLE = (WRITE_KEY, "203.0.113.77", "198.51.100.23")


@pytest.mark.parametrize("path", EVENTS, ids=lambda path: path.stem)
def test_a_request_comes_to_what_its_file_says(path: Path, lines: Any) -> None:
    case = json.loads(path.read_text())

    intake = take_in(case["event"], CONFIGURATION)
    response = intake.response()

    then = case["then"]
    bad_rows = lines(intake.bad_rows)
    assert response["statusCode"] == then["status"]
    assert len(intake.events) == then["accepted"]
    assert {str(reason): number for reason, number in intake.reasons.items()} == then["bad"]
    assert sorted(row["reason"] for row in bad_rows) == sorted(intake.reasons.elements())
    for line, expected in zip(lines(intake.events), then.get("stored", []), strict=False):
        assert {path: value_at(line, path) for path in expected} == expected


@pytest.mark.parametrize("path", EVENTS, ids=lambda path: path.stem)
def test_nothing_stored_names_a_person_or_holds_a_secret(path: Path) -> None:
    intake = take_in(json.loads(path.read_text())["event"], CONFIGURATION)
    for item in (*intake.events, *intake.bad_rows):
        for secret in UNSTORABLE:
            assert secret.encode() not in item.data


def value_at(line: dict[str, Any], path: str) -> Any:
    for name in path.split("."):
        line = line[name]
    return line
