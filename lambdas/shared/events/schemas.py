"""Snowplow's self-describing JSON: contexts and unstruct events by the key names of Snowplow's analytics SDKs.

`iglu:com.codecombat/level_context/jsonschema/1-0-0` in a contexts field is `contexts_com_codecombat_level_context_1`, a
list of what all contexts of that schema hold.
"""

import re
from functools import lru_cache

import orjson

from shared.events.values import MAX_DEPTH, too_deep

_SCHEMA = re.compile(r"iglu:([a-zA-Z0-9-_.]+)/([a-zA-Z0-9-_]+)/[a-zA-Z0-9-_]+/([1-9][0-9]*)(?:-(?:0|[1-9][0-9]*)){2}")
_CAMEL_CASE = re.compile("([^A-Z_])([A-Z])")

MAX_SCHEMA_CHARACTERS = 500


def contexts(field: str) -> dict[str, list[object]]:
    """A contexts field's data by key. What is no JSON, nested too deeply, or has no schema, is left out."""
    data = _data(field)
    found: dict[str, list[object]] = {}
    if isinstance(data, list):
        for entity in data:
            described = _described("contexts", entity)
            if described is not None:
                found.setdefault(described[0], []).append(described[1])
    return found


def unstruct_event(field: str) -> tuple[str, object] | None:
    """An unstruct event's key and data; None where there is neither."""
    return _described("unstruct_event", _data(field))


def _data(field: str) -> object:
    try:
        value = orjson.loads(field)
    except orjson.JSONDecodeError:
        return None
    if not isinstance(value, dict) or (field.count("{") + field.count("[") > MAX_DEPTH and too_deep(value)):
        return None
    return value.get("data")


def _described(prefix: str, entity: object) -> tuple[str, object] | None:
    if not isinstance(entity, dict) or "data" not in entity:
        return None
    schema = entity.get("schema")
    if not isinstance(schema, str) or len(schema) > MAX_SCHEMA_CHARACTERS:
        return None
    key = _key(prefix, schema)
    return None if key is None else (key, entity["data"])


@lru_cache(maxsize=1_000)
def _key(prefix: str, schema: str) -> str | None:
    match = _SCHEMA.fullmatch(schema)
    if match is None:
        return None
    vendor, name, model = match.groups()
    snake_case = _CAMEL_CASE.sub(r"\g<1>_\g<2>", name).lower()
    return f"{prefix}_{vendor.replace('.', '_').lower()}_{snake_case}_{model}"
