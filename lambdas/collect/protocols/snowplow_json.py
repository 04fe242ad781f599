"""The JSON of a Snowplow payload: strict, but one event's fault in it does not cost its neighbours.

Python's encoder writes NaN, and JavaScript's halves of surrogate pairs, where a title is cut in the middle of an emoji.
Where the fast reader stops at one, a patient one takes the payload apart, and each event is read again by itself.
"""

import json
from typing import Any, NamedTuple

import orjson

from collect.formats import json_value
from collect.reasons import Reason, Refused


class Unreadable(NamedTuple):
    """An event that is no strict JSON. text: as near to what was sent as there is."""

    refused: Refused
    text: bytes


def value_of(body: bytes) -> Any:
    """The payload's value. An event that is no strict JSON is an Unreadable in its `data`.

    Raises Refused where the payload as a whole is no JSON.
    """
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        value = json_value(body)
    if isinstance(value, dict) and isinstance(events := value.get("data"), list):
        value["data"] = [_strict(event) for event in events]
    return value


def written(event: object) -> bytes:
    """An event as JSON. `null` where it is nested so deeply that not even the patient writer follows: 1,000 levels."""
    if isinstance(event, Unreadable):
        return event.text
    try:
        return orjson.dumps(event)
    except TypeError:  # more than 254 levels
        return _patiently(event) or b"null"


def _strict(event: object) -> Any:
    text = _patiently(event)
    if not text:
        return Unreadable(Refused(Reason.INVALID_JSON, "nested too deeply"), b"null")
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return Unreadable(_fault(event), text)


def _fault(event: object) -> Refused:
    try:
        json.dumps(event, allow_nan=False)
    except ValueError:
        return Refused(Reason.INVALID_NUMBER, "NaN, Infinity, or a number of too many digits")
    return Refused(Reason.INVALID_CHARACTER, "half of a surrogate pair")


def _patiently(event: object) -> bytes:
    """Nothing, where it can not be written."""
    try:
        return json.dumps(event, separators=(",", ":")).encode()
    except RecursionError:
        return b""
