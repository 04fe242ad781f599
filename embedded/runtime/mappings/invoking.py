"""Invokes a mapping's function, and says what came of it."""

import json
from collections.abc import Sequence
from typing import Any

from embedded.runtime.functions.functions import Functions, NotThere, Throttled
from embedded.runtime.mappings.answers import Outcome, failed_from
from embedded.runtime.mappings.definition import Mapping
from embedded.runtime.mappings.records import Record, payload

LONGEST_ERROR = 300  # characters of a function's error that are shown


def invoke(functions: Functions, mapping: Mapping, records: Sequence[Record], end: bytes) -> Outcome:
    """Runs the function once with these records, and their end; needs no permission of its role. Blocks."""
    try:
        answer = functions.invoke_from_thread(mapping.function, payload(records, end))
    except (Throttled, NotThere) as error:
        return Outcome(0, error=str(error), invoked=False)
    if answer.error:
        return Outcome(0, error=_message(answer.payload), function_error=answer.error, version=answer.version)
    if not mapping.reports_failures:
        return Outcome(None, version=answer.version)
    failed = failed_from(answer.payload, [each.sequence for each in records])
    error = "" if failed is None else "the function reported failed records"
    return Outcome(failed, error=error, version=answer.version)


def _message(said: bytes) -> str:
    try:
        found: Any = json.loads(said)
        text = f"{found['errorType']}: {found['errorMessage']}"
    except (ValueError, KeyError, TypeError):
        text = said.decode(errors="replace")
    return text[:LONGEST_ERROR]
