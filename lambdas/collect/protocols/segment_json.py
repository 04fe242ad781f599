"""The JSON of a Segment request: strict, but one message's fault in it does not cost its neighbours.

Python's encoder writes NaN, and JavaScript's halves of surrogate pairs. Neither is JSON, and nobody could store them.
Where the fast reader stops at one, a patient one takes the request apart, and each message is read again by itself.
"""

import json
import re
from typing import Any, NamedTuple

import orjson

from collect.formats import decoded
from collect.reasons import Reason, Refused

# Objects and lists within each other, as far as orjson writes them again (254), with room for what is put around them.
MAX_LEVELS = 240

# NUL as an encoder writes it; not the text `\u0000`, whose backslash is written twice.
_NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")

_WHOLE = range(-(2**63), 2**64)  # what orjson reads and writes as a whole number
_MAX_DIGITS = 20


def _number(digits: str) -> int | float:
    """As orjson reads it: what does not fit 64 bits is a float, or infinite."""
    return number if len(digits) <= _MAX_DIGITS and (number := int(digits)) in _WHOLE else float(digits)


_PATIENT = json.JSONDecoder(parse_int=_number)


class Body(NamedTuple):
    """A request's object. An element of its `batch` may be a Refused, instead of a message that is no strict JSON.

    levels: how many objects and lists stand within each other.
    """

    value: dict[str, Any]
    levels: int


def body_of(payload: bytes, *, batched: bool) -> Body:
    """The request's object. Whole numbers beyond 64 bits come as floats, which is how JavaScript reads them.

    batched: whether it is a batch, of which each message is read by itself; one that can not be is a Refused there.

    Raises Refused where the payload as a whole is no JSON object.
    """
    strict = b"\\u0000" not in payload
    try:
        body = orjson.loads(payload)
    except orjson.JSONDecodeError:
        body, strict = decoded(payload, _PATIENT), False
    if not isinstance(body, dict):
        raise Refused(Reason.NOT_AN_OBJECT, "JSON, but not an object")
    levels = _levels(body)
    if levels > MAX_LEVELS:
        raise Refused(Reason.NESTED_TOO_DEEPLY, f"{levels} objects and lists within each other")
    if strict:
        return Body(body, levels)
    return Body(_strict_parts(body) if batched else _strict(body), levels)


def encoded(value: object) -> bytes:
    """What a bad row holds of a message."""
    return orjson.dumps(value)


def deeper_than(value: object, levels: int) -> bool:
    """Whether more objects and lists than that stand within each other."""
    return _levels(value) > levels


def _levels(value: object) -> int:
    level, depth = [value], -1
    while level:
        depth += 1
        inner: list[object] = []
        for one in level:
            if isinstance(one, dict):
                inner += one.values()
            elif isinstance(one, list):
                inner += one
        level = inner
    return depth


def _strict_parts(body: dict[str, Any]) -> dict[str, Any]:
    messages = body.get("batch")
    if not isinstance(messages, list):
        return _strict(body)
    rest = _strict({name: value for name, value in body.items() if name != "batch"})
    return {**rest, "batch": [_strict_or_refused(message) for message in messages]}


def _strict_or_refused(message: object) -> object:
    try:
        return _strict(message)
    except Refused as refused:
        return refused


def _strict(value: Any) -> Any:
    """The same value, read again as strictly as any reader would. Raises Refused with the value's text."""
    text = json.dumps(value, separators=(",", ":"))
    if _NUL.search(text):
        raise Refused(Reason.INVALID_CHARACTER, "NUL", text.encode())
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        if _is_finite(value):
            raise Refused(Reason.INVALID_CHARACTER, "half of a surrogate pair", text.encode()) from None
        raise Refused(Reason.INVALID_NUMBER, "NaN, Infinity, or a number of too many digits", text.encode()) from None


def _is_finite(value: Any) -> bool:
    try:
        json.dumps(value, allow_nan=False)
    except ValueError:
        return False
    return True
