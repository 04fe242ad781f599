"""The schema registry: self-describing JSON against the files under `schemas/`, laid out as Iglu's static ones are.

    schemas/com.acme/checkout/jsonschema/1-0-0      iglu:com.acme/checkout/jsonschema/1-0-0

A schema is compiled to Python when an event first names it: 2 ms, and 30 ms once for the compiler. Only files that are
there are ever kept, so that a flood of made-up names can not push out those in use. JSON Schema is draft 4, as Iglu's;
formats that it does not know pass, but for `uuid`, and nothing is fetched for a `$ref`. A `uri` has any scheme that RFC
3986 allows: an app's own (`com.acme.shop://`) has dots.
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
FORMATS = {
    "uuid": r"^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$",
    "uri": r"^[A-Za-z][A-Za-z0-9+.-]*:\S+\Z",
}

# A vendor's name begins and ends with a letter or a digit, so that no name leads out of the folder.
_URI = re.compile(
    r"iglu:(?P<vendor>\w[\w-]*(?:\.\w[\w-]*)*)/(?P<name>[\w-]+)/jsonschema/(?P<version>[1-9]\d*-\d+-\d+)", re.ASCII
)

MAX_URI_CHARACTERS = 500
MAX_MESSAGE_CHARACTERS = 300
MAX_ISSUES = 10

Issue = dict[str, object]  # {message, path, keyword, targets}, as in Snowplow's bad rows


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
        self._check = self._compiled(fast_fail=True)

    def issue(self, data: object) -> Issue | None:
        """The first thing that is wrong with data; None when it is valid."""
        try:
            self._check(data)
        except ValueError as error:
            return _issue(error)
        return None

    def issues(self, data: object) -> list[Issue]:
        """All that is wrong with data, of which the first are returned. It takes 25 µs and 2 KB for each thing that
        there is, and data of two bytes can be as many."""
        try:
            self._check_all(data)
        except ValueError as error:
            found: list[Any] = getattr(error, "errors", [error])
            return [_issue(one) for one in found[:MAX_ISSUES]]
        return []

    @cached_property
    def _check_all(self) -> Callable[[object], object]:
        """Compiled once more, to say everything; and kept, as whole requests are invalid."""
        return self._compiled(fast_fail=False)

    def _compiled(self, *, fast_fail: bool) -> Callable[[object], object]:
        import fastjsonschema  # takes 30 ms, which a function that sees no such events is spared

        handlers: dict[str, Callable[[str], Any]] = dict.fromkeys(
            ("http", "https", "ftp", "file", "iglu"), _refuse_to_fetch
        )
        return fastjsonschema.compile(
            self._definition,
            handlers,
            FORMATS,
            use_default=False,
            fast_fail=fast_fail,
        )


class Invalid(Violation):
    """Data that its schema does not allow. The failure names the first thing that is wrong, or once it was asked to
    `explain` itself, all."""

    def __init__(self, uri: str, validator: Validator, data: object, issue: Issue) -> None:
        self._uri, self._validator, self._data = uri, validator, data
        super().__init__(
            Reason.SCHEMA_VIOLATION, f"{uri}: {issue['message']}"[:MAX_MESSAGE_CHARACTERS], self._failure([issue])
        )

    def explain(self) -> None:
        """Costs what `Validator.issues` does."""
        self.failure = self._failure(self._validator.issues(self._data))

    def _failure(self, issues: list[Issue]) -> Mapping[str, object]:
        return {"schemaKey": self._uri, "error": {"error": "ValidationError", "dataReports": issues}}


_validators: dict[str, Validator] = {}


def validate(described: object) -> None:
    """Raises Violation unless `described` is a self-describing JSON whose data its schema allows."""
    if not isinstance(described, dict) or "data" not in described:
        raise _not_self_describing(described, "INVALID_DATA_PAYLOAD", "no object with 'schema' and 'data'")
    uri = described.get("schema")
    if not isinstance(uri, str):
        raise _not_self_describing(described, "INVALID_SCHEMA", "'schema' is no text")
    validator = _validators.get(uri) or _found(uri, described)
    issue = validator.issue(described["data"])
    if issue:
        raise Invalid(uri, validator, described["data"], issue)


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


def _issue(error: Any) -> Issue:
    """fastjsonschema calls what it checks `data`; a JSON path begins with $."""
    return {
        "message": "$" + str(error.message).removeprefix("data")[: MAX_MESSAGE_CHARACTERS - 1],
        "path": "$" + str(error.name or "").removeprefix("data")[: MAX_MESSAGE_CHARACTERS - 1],
        "keyword": error.rule,
        "targets": None,
    }


def _refuse_to_fetch(uri: str) -> NoReturn:
    raise ValueError(f"a $ref leads out of the schema: {uri}")
