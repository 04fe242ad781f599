"""Values as the SDK sends them, as providers take them, and as the state keeps them."""

from typing import Any

import pulumi
from google.protobuf import json_format, struct_pb2
from pulumi.output import Unknown
from pulumi.runtime import rpc

from embedded.engine.report import UNKNOWN
from embedded.providers.archives import digest

Values = dict[str, Any]


def received(properties: struct_pb2.Struct) -> tuple[Values, frozenset[str]]:
    """A message's properties, and which of them are secret or hold a secret. What is not known yet is `Unknown`."""
    plain: Values = {}
    secret = set()
    for key, value in rpc.deserialize_properties(properties, keep_unknowns=True).items():
        plain[key], hidden = _unwrapped(value)
        if hidden:
            secret.add(key)
    return plain, frozenset(secret)


def sent(values: Values, secret: frozenset[str]) -> struct_pb2.Struct:
    """The properties of a reply; the secret ones are marked, so that the SDK keeps them so."""
    marked = {key: rpc.wrap_rpc_secret(value) if key in secret else value for key, value in values.items()}
    return json_format.ParseDict(marked, struct_pb2.Struct())


def fingerprint(value: Any) -> Any:
    """A value as JSON can hold it and as two runs can compare it: an archive is its digest."""
    if isinstance(value, pulumi.Archive | pulumi.Asset):
        return {"sha256": digest(value)}
    if isinstance(value, Unknown):
        return UNKNOWN
    if isinstance(value, dict):
        return {key: fingerprint(item) for key, item in value.items()}
    if isinstance(value, list):
        return [fingerprint(item) for item in value]
    return value


def holds_unknown(value: Any) -> bool:
    if isinstance(value, dict):
        return any(holds_unknown(item) for item in value.values())
    if isinstance(value, list):
        return any(holds_unknown(item) for item in value)
    return isinstance(value, Unknown)


def _unwrapped(value: Any) -> tuple[Any, bool]:
    """The value without its marks, and whether there was one anywhere inside."""
    if rpc.is_rpc_secret(value):
        return _unwrapped(rpc.unwrap_rpc_secret(value))[0], True
    if isinstance(value, dict):
        items = {key: _unwrapped(item) for key, item in value.items()}
        return {key: item for key, (item, _) in items.items()}, any(hidden for _, hidden in items.values())
    if isinstance(value, list):
        parts = [_unwrapped(item) for item in value]
        return [item for item, _ in parts], any(hidden for _, hidden in parts)
    if isinstance(value, float) and value.is_integer():
        return int(value), False  # every number crosses as a double
    return value, False
