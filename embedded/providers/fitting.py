"""Pulumi's inputs (camelCase) as the parameters of a boto3 operation, matched by name.

What botocore's model of the operation does not know is an error, so that no setting is dropped unseen.
"""

from collections.abc import Collection, Mapping
from typing import Any

from botocore.client import BaseClient
from botocore.model import ListShape, StructureShape

PAIR_MEMBERS = ({"key", "value"}, {"name", "value"})  # how AWS spells a map as a list: tags, dimensions


def fit(
    client: BaseClient,
    operation: str,
    inputs: Mapping[str, Any],
    rename: Mapping[str, str] | None = None,
    skip: Collection[str] = (),
) -> dict[str, Any]:
    """The parameters of `operation` ("create_topic"). `rename` maps an input's name, at any depth, to a parameter's;
    `skip` names inputs of the top level that the caller sees to itself. Raises ValueError for one that fits nothing."""
    method = client.meta.method_to_api_mapping[operation]
    shape: Any = client.meta.service_model.operation_model(method).input_shape
    given = {name: value for name, value in inputs.items() if name not in skip}
    return _structure(shape, given, rename or {}, operation)


def _structure(
    shape: StructureShape, inputs: Mapping[str, Any], rename: Mapping[str, str], path: str
) -> dict[str, Any]:
    shapes: dict[str, Any] = getattr(shape, "members", {})
    members = {_bare(member): member for member in shapes}
    found = {}
    for name, value in inputs.items():
        if value is None:
            continue
        wanted = _bare(rename.get(name, name))
        spellings = (wanted, wanted + "s", wanted.removesuffix("s"))
        member = next((members[spelling] for spelling in spellings if spelling in members), None)
        if member is None:
            raise ValueError(f"input '{name}' fits no parameter of {path}")
        found[member] = _value(shapes[member], value, rename, f"{path}.{member}")
    return found


def _value(shape: Any, value: Any, rename: Mapping[str, str], path: str) -> Any:
    if isinstance(shape, StructureShape) and isinstance(value, dict):
        return _structure(shape, value, rename, path)
    if isinstance(shape, ListShape):
        pair = _pair_members(shape.member)
        if isinstance(value, dict) and pair:
            return [{pair[0]: key, pair[1]: str(item)} for key, item in value.items()]
        many = value if isinstance(value, list) else [value]
        return [_value(shape.member, item, rename, path) for item in many]
    match shape.type_name:
        case "integer" | "long" if isinstance(value, str | float):
            return int(value)
        case "double" | "float" if isinstance(value, str):
            return float(value)
        case "boolean" if isinstance(value, str):
            return value == "true"
        case "string" if not isinstance(value, str):
            return str(value)
    return value


def _pair_members(shape: Any) -> tuple[str, str] | None:
    """The names under which an item of the list holds a map's key and value."""
    names: list[str] = list(getattr(shape, "members", ()))
    if {name.lower() for name in names} not in PAIR_MEMBERS:
        return None
    value = next(name for name in names if name.lower() == "value")
    return next(name for name in names if name != value), value


def _bare(name: str) -> str:
    return name.lower().replace("_", "")
