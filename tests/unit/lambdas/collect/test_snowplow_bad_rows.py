"""A bad row of Snowplow's protocol is a self-describing JSON in a shape that Snowplow publishes."""

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft4Validator

from collect.configuration import Configuration
from collect.intake import MAX_LINE_BYTES
from collect.protocols import snowplow, snowplow_event
from collect.protocols.snowplow_bad_rows import BAD_ROWS, PROCESSOR
from collect.registry import SCHEMAS
from tests.unit.lambdas.collect.snowplow_payloads import (
    EVENT_ID,
    LINK_CLICK,
    TP2,
    WEB_PAGE,
    asked,
    clicked,
    contexts,
    encoded,
    payload,
    sent,
    tracked,
    unstruct,
)
from tests.unit.lambdas.collect.snowplow_shapes import SHAPES

PROJECT = Path(__file__).parents[4]
UNKNOWN = {"schema": "iglu:com.acme/shoe/jsonschema/1-0-0", "data": {"size": 42}}


def checked(bad_row: dict[str, Any]) -> str:
    """The kind of a row that has the shape it says it has."""
    name = bad_row["schema"].removeprefix(f"{BAD_ROWS}/")
    Draft4Validator(SHAPES[name]).validate(bad_row["data"])
    return name.split("/")[0]


@pytest.mark.parametrize(
    ("changes", "kind", "said"),
    [
        ({"cx": "§"}, "schema_violations", {"field": "cx", "value": "§", "error": "not base64"}),
        (
            {"cx": encoded(contexts(UNKNOWN))},
            "schema_violations",
            {
                "schemaKey": UNKNOWN["schema"],
                "error": {
                    "error": "ResolutionError",
                    "lookupHistory": [
                        {
                            "repository": "Headrace",
                            "errors": [{"error": "NotFound"}],
                            "attempts": 1,
                            "lastAttempt": "2025-11-22T02:16:17.000Z",
                        }
                    ],
                },
            },
        ),
        (
            {"cx": encoded(contexts({**WEB_PAGE, "data": {"id": EVENT_ID, "colour": "red"}}))},
            "schema_violations",
            {
                "schemaKey": WEB_PAGE["schema"],
                "error": {
                    "error": "ValidationError",
                    "dataReports": [
                        {
                            "message": "$ must not contain {'colour'} properties",
                            "path": "$",
                            "keyword": "additionalProperties",
                            "targets": None,
                        }
                    ],
                },
            },
        ),
        (
            {"cx": encoded(unstruct(LINK_CLICK))},
            "schema_violations",
            {
                "schemaKey": unstruct(LINK_CLICK)["schema"],
                "schemaCriterion": "iglu:com.snowplowanalytics.snowplow/contexts/jsonschema/1-0-*",
            },
        ),
        ({"cx": "e30="}, "schema_violations", {"json": {}, "error": "INVALID_DATA_PAYLOAD"}),
        (
            {"p": "fridge"},
            "tracker_protocol_violations",
            {
                "field": "p",
                "value": "fridge",
                "expectation": "'p' is one of app, cnsl, headset, iot, mob, pc, srv, tv, web",
            },
        ),
        (
            {"e": None},
            "tracker_protocol_violations",
            {"field": "e", "value": None, "expectation": "'e' is needed"},
        ),
    ],
)
def test_a_row_says_what_snowplows_own_would(lines: Any, changes: Any, kind: str, said: dict[str, Any]) -> None:
    (bad_row,) = lines(sent(tracked(**changes)).bad_rows)
    assert checked(bad_row) == kind
    assert bad_row["data"]["failure"]["messages"] == [said]


def test_every_refusal_has_a_published_shape(lines: Any, post: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    long = {"x" * 600: "y" * 600, **{f"p{number}": "z" for number in range(300)}}
    intakes = [
        sent(
            *[
                long,
                {},
                7,
                None,
                [[]],
                {"e": {"deep": 1}},
                tracked(cx=encoded({"schema": "x" * 600, "data": {}})),
            ]
        ),
        sent(tracked(x="x" * snowplow.MAX_BODY_BYTES)),
        sent(headers={"user-agent": "a" * 9_000, "referer": "r" * 10_000, "content-type": "c" * 300}),
        asked("e=pv&e=pp&ip=198.51.100.23"),
        asked("e=%ff"),
        asked("p"),
        asked(""),
        post("{", path=TP2),
        post("[" * 500 + "]" * 500, path=TP2),
        post("e\0", path=TP2),
        post("x", path=TP2, isBase64Encoded=True),
        post("x", path=TP2, headers={"content-encoding": "gzip"}),
        post("x", path=TP2, headers={"content-encoding": "br"}),
    ]
    monkeypatch.setattr(snowplow_event, "EVENTS", None)
    intakes.append(sent(tracked()))
    rows = [row for intake in intakes for row in lines(intake.bad_rows)]
    assert {checked(row) for row in rows} == {name.split("/")[0] for name in SHAPES}
    assert all(row["reason"] and row["message"] for row in rows)


def test_a_row_holds_an_event_alone_and_can_be_sent_again_as_it_stands(lines: Any, post: Any) -> None:
    (bad_row,) = lines(sent(tracked(), clicked(p="fridge"), tracked()).bad_rows)
    assert json.loads(bad_row["payload"]) == json.loads(payload(clicked(p="fridge")))
    mended = post(bad_row["payload"].replace("fridge", "web"), path=TP2)
    assert len(mended.events) == 1


@pytest.mark.parametrize("full", [False, True])
def test_no_whole_address_stands_in_what_snowplows_tools_read(lines: Any, full: bool) -> None:
    changes = {"ip": "198.51.100.23", "cx": encoded(contexts(UNKNOWN))}
    configuration = Configuration(full_addresses=full)
    rows = lines(sent(tracked(**changes), tracked(**changes, p="?"), configuration=configuration).bad_rows)
    rows += lines(asked("e=?&ip=198.51.100.23", configuration).bad_rows)
    assert len(rows) == 3
    for row in rows:
        told = json.dumps(row["data"])
        assert "203.0.113.77" not in told
        assert "198.51.100.23" not in told
        assert "198.51.100.0" in told


def test_the_processor_is_this_version() -> None:
    assert PROCESSOR["version"] == tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]["version"]
    assert SCHEMAS.is_dir()


def test_a_row_that_quotes_too_much_for_a_stream_is_written_without_what_it_quotes(lines: Any) -> None:
    control = "\x01"
    more = {f"{number:03d}" + control * 509: control * 512 for number in range(155)}
    event = tracked(e="ue", ue_pr=json.dumps(unstruct(UNKNOWN)), cx=None, url=control * 512, page=control * 512)
    intake = sent({**more, **event}, headers={"user-agent": '"' * 4_500, "referer": '"' * 4_500})
    ((item,), (row,)) = intake.bad_rows, lines(intake.bad_rows)
    assert len(item.data) <= MAX_LINE_BYTES
    assert (row["reason"], "data" in row, len(row["payload"])) == ("unknown_schema", False, 10_000)
