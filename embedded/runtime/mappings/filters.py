"""Filter criteria: which records a mapping passes on.

https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html
"""

import json
from base64 import b64decode
from collections.abc import Callable, Mapping, Sequence
from typing import Any

# How one value is compared: by the name that a pattern's {"name": argument} has.
COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "prefix": lambda value, wanted: isinstance(value, str) and value.startswith(wanted),
    "suffix": lambda value, wanted: isinstance(value, str) and value.endswith(wanted),
    "equals-ignore-case": lambda value, wanted: isinstance(value, str) and value.lower() == wanted.lower(),
    "anything-but": lambda value, unwanted: value not in (unwanted if isinstance(unwanted, list) else [unwanted]),
    "numeric": lambda value, tests: _is_number(value) and _in_range(value, tests),
}
RELATIONS: dict[str, Callable[[float, float], bool]] = {
    "=": lambda value, bound: value == bound,
    "<": lambda value, bound: value < bound,
    "<=": lambda value, bound: value <= bound,
    ">": lambda value, bound: value > bound,
    ">=": lambda value, bound: value >= bound,
}
ABSENT = object()


def passes(event: Mapping[str, Any], patterns: Sequence[Mapping[str, Any]]) -> bool:
    """Whether a record fits any of the patterns; without patterns every one does.

    Of a Kinesis record the data are looked at as JSON, beside its other fields. Data that are no JSON do not fit a
    pattern that asks for them.
    """
    if not patterns:
        return True
    looked_at = dict(event)
    if kinesis := looked_at.pop("kinesis", None):
        looked_at |= kinesis
        try:
            looked_at["data"] = json.loads(b64decode(kinesis["data"]))
        except ValueError:
            looked_at["data"] = ABSENT
    return any(_fits(looked_at, pattern) for pattern in patterns)


def _fits(value: Any, pattern: Any) -> bool:
    """A pattern's objects go by the value's own, all of whose named members must fit; its lists name alternatives."""
    if isinstance(pattern, list):
        return any(_is(each, alternative) for each in _values(value) for alternative in pattern)
    if "$or" in pattern:
        rest = {key: each for key, each in pattern.items() if key != "$or"}
        return any(_fits(value, alternative) for alternative in pattern["$or"]) and _fits(value, rest)
    return all(
        _fits(value.get(key, ABSENT) if isinstance(value, Mapping) else ABSENT, each) for key, each in pattern.items()
    )


def _values(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _is(value: Any, wanted: Any) -> bool:
    if not isinstance(wanted, Mapping):
        return value is not ABSENT and value == wanted and isinstance(value, bool) == isinstance(wanted, bool)
    (name, argument), *_ = wanted.items()
    if name == "exists":
        return (value is not ABSENT) == argument
    try:
        return value is not ABSENT and COMPARISONS[name](value, argument)
    except (KeyError, TypeError, ValueError, AttributeError):  # AWS takes no such pattern: nothing fits it
        return False


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _in_range(value: float, tests: Sequence[Any]) -> bool:
    return all(RELATIONS[relation](value, bound) for relation, bound in zip(tests[::2], tests[1::2], strict=True))
