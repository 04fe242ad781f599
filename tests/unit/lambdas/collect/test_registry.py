"""The schema registry: what it has, what it says of data, and how a team adds to it."""

import json
import shutil
from pathlib import Path
from typing import Any

import fastjsonschema
import pytest

from collect import registry
from collect.protocols.snowplow import MAX_EXPLAINED_BYTES
from collect.reasons import Reason
from collect.registry import SCHEMAS, Validator, Violation, validate
from infrastructure.packaging import own_files
from tests.unit.lambdas.collect.snowplow_payloads import LINK_CLICK, clicked, encoded, only, payload, sent, unstruct

FILES = sorted(path for path in SCHEMAS.rglob("*") if path.is_file() and path.suffix != ".md")
SHOE = {
    "self": {"vendor": "com.acme", "name": "shoe_fitted", "format": "jsonschema", "version": "1-0-0"},
    "type": "object",
    "properties": {"size": {"type": "integer", "minimum": 15}},
    "required": ["size"],
    "additionalProperties": False,
}


@pytest.fixture
def own_registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A registry of a team's own, with the shipped schemas in it."""
    shutil.copytree(SCHEMAS, tmp_path, dirs_exist_ok=True)
    monkeypatch.setattr(registry, "SCHEMAS", tmp_path)
    monkeypatch.setattr(registry, "_validators", {})
    return tmp_path


def add(folder: Path, content: str, name: str = "shoe_fitted") -> str:
    file = folder / "com.acme" / name / "jsonschema" / "1-0-0"
    file.parent.mkdir(parents=True)
    file.write_text(content)
    return f"iglu:com.acme/{name}/jsonschema/1-0-0"


@pytest.mark.parametrize("file", FILES, ids=lambda file: "/".join(file.parts[-4::2]))
def test_a_schema_is_where_it_says_and_compiles(file: Path) -> None:
    definition = json.loads(file.read_text())
    described = definition["self"]
    place = (described["vendor"], described["name"], described["format"], described["version"])
    assert file.relative_to(SCHEMAS).parts == place
    assert Validator(definition).issue(7)


def test_every_schema_is_in_the_functions_package() -> None:
    packaged = {name for name, _ in own_files("collect") if "/jsonschema/" in name}
    assert packaged == {f"collect/schemas/{file.relative_to(SCHEMAS).as_posix()}" for file in FILES}


def test_a_team_adds_a_schema_and_its_events_pass(own_registry: Path, lines: Any) -> None:
    event = clicked(ue_px=encoded(unstruct({"schema": add(own_registry, json.dumps(SHOE)), "data": {"size": 42}})))
    assert only(sent(event), lines)["request"]["body"]["ue_pr"]["data"]["data"] == {"size": 42}
    small = clicked(
        ue_px=encoded(unstruct({"schema": "iglu:com.acme/shoe_fitted/jsonschema/1-0-0", "data": {"size": 4}}))
    )
    assert dict(sent(small).reasons) == {"schema_violation": 1}


@pytest.mark.parametrize("content", ["", "{", "7", '{"type": "shoe"}', '{"$ref": "http://127.0.0.1/other"}'])
def test_a_schema_that_is_none_refuses_its_events_alone(own_registry: Path, content: str) -> None:
    described = {"schema": add(own_registry, content), "data": {}}
    with pytest.raises(Violation) as refusal:
        validate(described)
    assert refusal.value.reason is Reason.UNKNOWN_SCHEMA
    assert len(sent(clicked(), clicked(ue_px=encoded(unstruct(described)))).events) == 1


@pytest.mark.parametrize(
    "uri",
    [
        "iglu:com.acme/shoe/jsonschema/1-0-0",
        "iglu:com.acme/shoe/avro/1-0-0",
        "iglu:com.acme/shoe/jsonschema/1-0",
        "iglu:../collect/jsonschema/1-0-0",
        "iglu:./x/jsonschema/1-0-0",
        "iglu:com..acme/x/jsonschema/1-0-0",
        "iglu:com.acme/../jsonschema/1-0-0",
        "iglu:com.acme/%2e%2e/jsonschema/1-0-0",
        "iglu:com.acme/shoe/jsonschema/1-0-0\n",
        "iglu:com.acme/" + "x" * 400 + "/jsonschema/1-0-0",
        "x" * 10_000,
        "",
        7,
        None,
        ["iglu"],
    ],
)
def test_no_other_uri_leads_to_a_schema(uri: object) -> None:
    with pytest.raises(Violation):
        validate({"schema": uri, "data": {}})


def test_names_that_nobody_has_push_no_schema_out() -> None:
    validate(unstruct({"schema": "iglu:a/b/jsonschema/1-0-0", "data": 1}))
    before = dict(registry._validators)
    for number in range(2_000):
        with pytest.raises(Violation):
            validate({"schema": f"iglu:com.acme/n{number}/jsonschema/1-0-0", "data": {}})
    assert registry._validators == before


def test_all_that_is_wrong_is_told_and_where() -> None:
    definition = {"properties": {"a": {"items": {"enum": ["x"]}}, "b": {"maxLength": 3, "format": "uuid"}}}
    issues = Validator(definition).issues({"a": ["x", "y"], "b": "wrong"})
    assert {(issue["path"], issue["keyword"]) for issue in issues} >= {("$.a[1]", "enum"), ("$.b", "maxLength")}
    assert Validator(definition).issues({"a": ["x"], "b": None}) == []
    assert Validator(definition).issue({"a": ["x", "y"], "b": "wrong"}) in issues


def test_a_schema_is_compiled_twice_however_many_events_break_it(monkeypatch: pytest.MonkeyPatch) -> None:
    compiled = []
    compile_schema = fastjsonschema.compile

    def counted(*arguments: Any, **options: Any) -> Any:
        compiled.append(arguments)
        return compile_schema(*arguments, **options)

    monkeypatch.setattr(fastjsonschema, "compile", counted)
    monkeypatch.setattr(registry, "_validators", {})
    wrong = clicked(ue_px=encoded(unstruct({**LINK_CLICK, "data": {}})), cx=None)
    assert dict(sent(*[wrong] * 20).reasons) == {"schema_violation": 20}
    assert len(compiled) == 3  # the schema around the event, the event's own, and that again for all its issues


WRONG_DATA = {"elementClasses": [1, 2, 3]}
WRONG_CLICK = unstruct({**LINK_CLICK, "data": WRONG_DATA})


def issues_of(intake: Any) -> list[int]:
    rows = [json.loads(item.data) for item in intake.bad_rows]
    return [len(row["data"]["failure"]["messages"][0]["error"]["dataReports"]) for row in rows]


def test_of_a_requests_first_invalid_events_all_is_told_and_of_the_others_the_first_thing() -> None:
    event = clicked(ue_px=encoded(WRONG_CLICK), cx=None)
    found = issues_of(sent(*[event] * 100))
    assert found == sorted(found, reverse=True)
    assert set(found) == {4, 1}
    assert found.count(4) == MAX_EXPLAINED_BYTES // len(json.dumps(json.loads(payload(event)), separators=(",", ":")))


def test_what_is_wrong_half_a_million_times_over_is_looked_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    checks = []
    issues = Validator.issues
    monkeypatch.setattr(Validator, "issues", lambda self, data: checks.append(data) or issues(self, data))
    large = unstruct({**LINK_CLICK, "data": {"elementClasses": [1] * 450_000}})
    intake = sent(
        clicked(ue_px=None, ue_pr=json.dumps(large, separators=(",", ":"))), clicked(ue_px=encoded(WRONG_CLICK))
    )
    assert issues_of(intake) == [1, 4]
    assert checks == [WRONG_DATA]
    (told, _) = (json.loads(item.data) for item in intake.bad_rows)
    (report,) = told["data"]["failure"]["messages"][0]["error"]["dataReports"]
    assert report["keyword"] == "required"


def test_data_comes_out_as_it_went_in() -> None:
    data: dict[str, object] = {}
    assert Validator({"properties": {"a": {"default": 1}}}).issue(data) is None
    assert data == {}
