"""The schema registry: self-describing JSON against the files under `schemas/`, laid out as Iglu's static ones are.

    schemas/com.acme/checkout/jsonschema/1-0-0      iglu:com.acme/checkout/jsonschema/1-0-0

A schema is compiled to Python when an event first names it: 2 ms, and 30 ms once for the compiler. Only files that are
there are ever kept, so that a flood of made-up names can not push out those in use. JSON Schema is draft 4, as Iglu's;
formats that it does not know pass, but for `uuid`, and nothing is fetched for a `$ref`.
"""

import re
from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, NoReturn

import orjson

from collect.reasons import Reason, Refused

SCHEMAS = Path(__file__).parent / "schemas"

DRAFT = "http://json-schema.org/draft-04/schema"
FORMATS = {"uuid": r"^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$"}

# A vendor's name begins and ends with a letter or a digit, so that no name leads out of the folder.
_URI = re.compile(
    r"iglu:(?P<vendor>\w[\w-]*(?:\.\w[\w-]*)*)/(?P<name>[\w-]+)/jsonschema/(?P<version>[1-9]\d*-\d+-\d+)", re.ASCII
)

MAX_URI_CHARACTERS = 500
MAX_MESSAGE_CHARACTERS = 300
MAX_ISSUES = 10


class Violation(Refused):
    """A hit refused for what stands in one of its fields.

    failure: what was wrong, as one of the `messages` of Snowplow's bad rows.
    """

    def __init__(self, reason: Reason, message: str, failure: Mapping[str, object]) -> None:
        super().__init__(reason, message)
        self.failure = failure


class Validator:
    """One compiled schema."""

    def __init__(self, definition: dict[str, Any]) -> None:
        """Raises fastjsonschema's JsonSchemaDefinitionException."""
        self._definition = {**definition, "$schema": DRAFT}
        self._check = self._compiled(detailed=False)

    def issues(self, data: object) -> list[dict[str, object]]:
        """What is wrong with data; empty when it is valid. An issue is {message, path, keyword, targets}."""
        try:
            self._check(data)
        except ValueError:
            return self._explained(data)
        return []

    @cached_property
    def _detailed(self) -> Callable[[object], object]:
        """Compiled once more, twice as large, to say everything; and kept, as whole requests are invalid."""
        return self._compiled(detailed=True)

    def _compiled(self, *, detailed: bool) -> Callable[[object], object]:
        import fastjsonschema  # takes 30 ms, which a function that sees no such events is spared

        handlers: dict[str, Callable[[str], Any]] = dict.fromkeys(
            ("http", "https", "ftp", "file", "iglu"), _refuse_to_fetch
        )
        return fastjsonschema.compile(
            self._definition,
            handlers,
            FORMATS,
            use_default=False,
            detailed_exceptions=detailed,
            fast_fail=not detailed,
        )

    def _explained(self, data: object) -> list[dict[str, object]]:
        try:
            self._detailed(data)
        except ValueError as error:
            found: list[Any] = getattr(error, "errors", [error])
            return [_issue(one) for one in found[:MAX_ISSUES]]
        return []


_validators: dict[str, Validator] = {}


def validate(described: object) -> None:
    """Raises Violation unless `described` is a self-describing JSON whose data its schema allows."""
    if not isinstance(described, dict) or "data" not in described:
        raise _not_self_describing(described, "INVALID_DATA_PAYLOAD", "no object with 'schema' and 'data'")
    uri = described.get("schema")
    if not isinstance(uri, str):
        raise _not_self_describing(described, "INVALID_SCHEMA", "'schema' is no text")
    validator = _validators.get(uri) or _found(uri, described)
    issues = validator.issues(described["data"])
    if issues:
        failure = {"schemaKey": uri, "error": {"error": "ValidationError", "dataReports": issues}}
        raise Violation(Reason.SCHEMA_VIOLATION, f"{uri}: {issues[0]['message']}"[:MAX_MESSAGE_CHARACTERS], failure)


def _found(uri: str, described: object) -> Validator:
    place = _URI.fullmatch(uri) if len(uri) <= MAX_URI_CHARACTERS else None
    if place is None:
        raise _not_self_describing(described, "INVALID_IGLUURI", "'schema' is no iglu:vendor/name/jsonschema/1-0-0")
    file = SCHEMAS / place["vendor"] / place["name"] / "jsonschema" / place["version"]
    try:
        content = file.read_bytes()
    except OSError:  # it is not there, or no file system could have it under such a name
        failure = {"schemaKey": uri, "error": {"error": "ResolutionError", "lookupHistory": []}}
        raise Violation(Reason.UNKNOWN_SCHEMA, f"{uri} is not in the registry", failure) from None
    try:
        _validators[uri] = Validator(orjson.loads(content))
    except (ValueError, TypeError) as error:
        issue = {"path": "$", "message": str(error)[:MAX_MESSAGE_CHARACTERS]}
        failure = {"schemaKey": uri, "error": {"error": "ValidationError", "schemaIssues": [issue]}}
        raise Violation(Reason.UNKNOWN_SCHEMA, f"{uri} is in the registry, but is no JSON Schema", failure) from None
    return _validators[uri]


def _not_self_describing(described: object, code: str, message: str) -> Violation:
    return Violation(Reason.NOT_SELF_DESCRIBING, message, {"json": described, "error": code})


def _issue(error: Any) -> dict[str, object]:
    """fastjsonschema calls what it checks `data`; a JSON path begins with $."""
    return {
        "message": "$" + str(error.message).removeprefix("data")[: MAX_MESSAGE_CHARACTERS - 1],
        "path": "$" + str(error.name or "").removeprefix("data")[: MAX_MESSAGE_CHARACTERS - 1],
        "keyword": error.rule,
        "targets": None,
    }


def _refuse_to_fetch(uri: str) -> NoReturn:
    raise ValueError(f"a $ref leads out of the schema: {uri}")
