"""Whether PutEvents would take a request: by the API's published model, and by the rules its documentation adds.

https://docs.aws.amazon.com/personalize/latest/dg/API_UBS_PutEvents.html
"""

import json
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from botocore.loaders import Loader
from botocore.model import ServiceModel

LATEST_SECONDS = 86_400  # how far ahead of ours the clock of a sender may be
# What properties may not be called: events have members of these names. Compared without case.
RESERVED = frozenset({"userid", "sessionid", "eventtype", "timestamp", "recommendationid", "impression"})


def mistakes(request: Any) -> list[str]:
    """What does not fit the model, in the words of AWS's validation; at first the most general."""
    return list(_mistakes(_input_shape(), request, ""))


def broken_rules(request: dict[str, Any], now: float) -> list[str]:
    """What fits the model and is refused all the same."""
    found = []
    for number, event in enumerate(request["eventList"], 1):
        where = f"eventList.{number}.member"
        if not 0 <= event["sentAt"] <= now + LATEST_SECONDS:
            found.append(f"{where}.sentAt: {event['sentAt']} is no time in seconds since 1970 up to now")
        if (properties := event.get("properties")) is not None:
            found += [f"{where}.properties: {mistake}" for mistake in _properties(properties)]
    return found


@cache
def _input_shape() -> Any:
    model = ServiceModel(Loader().load_service_model("personalize-events", "service-2"), "personalize-events")
    return model.operation_model("PutEvents").input_shape


def _mistakes(shape: Any, value: Any, path: str) -> Iterator[str]:
    if shape.type_name == "structure":
        if not isinstance(value, dict):
            yield _said(value, path, "Member must be a structure")
            return
        for name in shape.required_members:
            if value.get(name) is None:
                yield _said(None, _below(path, name), "Member must not be null")
        for name, member in shape.members.items():
            if value.get(name) is not None:
                yield from _mistakes(member, value[name], _below(path, name))
    elif shape.type_name == "list":
        if not isinstance(value, list):
            yield _said(value, path, "Member must be a list")
            return
        yield from _wrong_length(shape, value, path)
        for number, each in enumerate(value, 1):
            yield from _mistakes(shape.member, each, f"{path}.{number}.member")
    elif shape.type_name in ("float", "timestamp"):
        if not isinstance(value, int | float) or isinstance(value, bool):
            yield _said(value, path, "Member must be a number")
    elif not isinstance(value, str):
        yield _said(value, path, "Member must be a string")
    else:
        yield from _wrong_length(shape, value, path)
        pattern = shape.metadata.get("pattern")
        if pattern and not re.search(pattern, value):
            yield _said(value, path, f"Member must satisfy regular expression pattern: {pattern}")


def _wrong_length(shape: Any, value: Any, path: str) -> Iterator[str]:
    least, most = shape.metadata.get("min", 0), shape.metadata.get("max")
    if len(value) < least:
        yield _said(value, path, f"Member must have length greater than or equal to {least}")
    if most is not None and len(value) > most:
        yield _said(value, path, f"Member must have length less than or equal to {most}")


def _properties(text: str) -> Iterator[str]:
    try:
        properties = json.loads(text)
    except ValueError:
        yield "it is no JSON"
        return
    if not isinstance(properties, dict):
        yield "it is no JSON object"
        return
    for name, value in properties.items():
        if name.lower() in RESERVED:
            yield f"{name} is a reserved keyword"
        if isinstance(value, dict | list):
            yield f"{name} is not a plain value"


def _said(value: Any, path: str, constraint: str) -> str:
    shown = "null" if value is None else f"'{value}'"[:100]
    return f"Value {shown} at '{path or 'request'}' failed to satisfy constraint: {constraint}"


def _below(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
