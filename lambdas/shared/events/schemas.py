"""Snowplow's self-describing JSON: contexts and unstruct events by the key names of Snowplow's analytics SDKs.

`iglu:com.codecombat/level_context/jsonschema/1-0-0` in a contexts field is `contexts_com_codecombat_level_context_1`, a
list of what all contexts of that schema hold.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import orjson

from shared.events.values import MAX_DEPTH, too_deep

_SCHEMA = re.compile(r"iglu:([a-zA-Z0-9-_.]+)/([a-zA-Z0-9-_]+)/[a-zA-Z0-9-_]+/([1-9][0-9]*)(?:-(?:0|[1-9][0-9]*)){2}")
_CAMEL_CASE = re.compile("([^A-Z_])([A-Z])")

MAX_SCHEMA_CHARACTERS = 500

CLIENT_SESSION = "contexts_com_snowplowanalytics_snowplow_client_session_1"


def contexts(field: str) -> dict[str, list[object]]:
    """A contexts field's data by key. What is no JSON, nested too deeply, or has no schema, is left out."""
    return contexts_in(_value(field))


def unstruct_event(field: str) -> tuple[str, object] | None:
    """An unstruct event's key and data; None where there is neither."""
    return unstruct_event_in(_value(field))


def contexts_in(value: object) -> dict[str, list[object]]:
    """As `contexts`, of JSON that has been read."""
    data = value.get("data") if isinstance(value, dict) else None
    found: dict[str, list[object]] = {}
    if isinstance(data, list):
        for entity in data:
            described = _described("contexts", entity)
            if described is not None:
                found.setdefault(described[0], []).append(described[1])
    return found


def unstruct_event_in(value: object) -> tuple[str, object] | None:
    """As `unstruct_event`, of JSON that has been read."""
    return _described("unstruct_event", value.get("data") if isinstance(value, dict) else None)


def name_in(value: object) -> str:
    """The name in the schema of an unstruct event, as the enriched event's `event_name` has it."""
    data = value.get("data") if isinstance(value, dict) else None
    schema = data.get("schema") if isinstance(data, dict) else None
    match = _SCHEMA.fullmatch(schema) if isinstance(schema, str) else None
    return match[2] if match else ""


def first(entities: object) -> Mapping[str, Any]:
    """The first of a key's contexts that can be read."""
    if isinstance(entities, list) and entities and isinstance(entities[0], dict):
        return entities[0]
    return {}


def _value(field: str) -> object:
    try:
        value = orjson.loads(field)
    except orjson.JSONDecodeError:
        return None
    return None if field.count("{") + field.count("[") > MAX_DEPTH and too_deep(value) else value


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
