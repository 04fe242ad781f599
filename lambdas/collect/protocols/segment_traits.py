"""A user's id where libraries repeat it: as `id` in the traits of a message, and in those of its context.

A group's own traits are the group's.
"""

import json
from collections.abc import Mapping
from typing import Any

from collect.sender import Sender


def without_trait_ids(message: Mapping[str, Any], kind: object, sender: Sender) -> Mapping[str, Any]:
    """The message with pseudonyms for them; the same object where there are none. kind: its type."""
    changed: dict[str, Any] = {}
    traits = message.get("traits")
    if kind != "group" and isinstance(traits, dict) and "id" in traits:
        changed["traits"] = {**traits, "id": _pseudonym(traits["id"], sender)}
    context = message.get("context")
    if isinstance(context, dict) and isinstance(traits := context.get("traits"), dict) and "id" in traits:
        changed["context"] = {**context, "traits": {**traits, "id": _pseudonym(traits["id"], sender)}}
    return {**message, **changed} if changed else message


def refused_without_trait_ids(payload: bytes, kind: str | None, sender: Sender) -> bytes:
    """What a bad row keeps of a message or of a request. kind: the path's type, where it has one.

    As it came where there are none, and where it is no JSON, NaN and halves of surrogate pairs aside.
    """
    try:
        value = json.loads(payload)
        if not isinstance(value, dict):
            return payload
        hidden = without_trait_ids(value, kind or value.get("type"), sender)
        if isinstance(messages := value.get("batch"), list):
            found = [
                without_trait_ids(one, one.get("type"), sender) if isinstance(one, dict) else one for one in messages
            ]
            if any(one is not before for one, before in zip(found, messages, strict=True)):
                hidden = {**hidden, "batch": found}
        return payload if hidden is value else json.dumps(hidden, separators=(",", ":")).encode()
    except (ValueError, RecursionError):
        return payload


def _pseudonym(value: object, sender: Sender) -> str | None:
    """None for what is no id, and so may hold anything."""
    text = str(value).strip() if isinstance(value, str) or type(value) is int else ""
    return sender.pseudonym(text) if text else None
