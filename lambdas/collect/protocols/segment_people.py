"""A user's id where libraries and sites repeat it: under its own names (`userId`, `user_id`, …) wherever it stands in a
message, as `id` in traits, and as `id` of an external id of type `user_id`.

A group's own traits are the group's.
https://segment.com/docs/unify/identity-resolution/externalids/
"""

import json
from collections.abc import Mapping
from typing import Any

from collect.hiding import Pseudonym, hidden_text, with_pseudonyms
from shared.privacy import USER_IDS

_USER_IDS_AND_ID = USER_IDS | {"id"}


def hide_people(message: dict[str, Any], kind: str, pseudonym: Pseudonym) -> dict[str, Any]:
    """A good message, of which `userId` and `previousId` are hidden already."""
    done = {name: message[name] for name in ("userId", "previousId") if name in message}
    return {**_hidden(message, kind, pseudonym, str), **done}


def hidden(payload: bytes, pseudonym: Pseudonym, kind: str | None = None) -> bytes | None:
    """What was refused of a message or of a request; None where it is no JSON, NaN and halves of surrogate pairs aside.
    kind: the path's type, where it has one."""

    def text(value: str) -> str:
        return hidden_text(value, pseudonym)

    try:
        value = json.loads(payload)
        if not isinstance(value, dict):
            return None
        found = _hidden(value, kind or value.get("type"), pseudonym, text)
        if isinstance(messages := value.get("batch"), list):
            found["batch"] = [
                _hidden(one, one.get("type"), pseudonym, text) if isinstance(one, dict) else one for one in messages
            ]
        return payload if found == value else json.dumps(found, separators=(",", ":")).encode()
    except (ValueError, RecursionError):
        return None


def _hidden(message: Mapping[str, Any], kind: object, pseudonym: Pseudonym, text: Any) -> dict[str, Any]:
    def ids(holder: Mapping[str, Any], name: str, around: Mapping[str, Any]) -> frozenset[str]:
        is_traits = name == "traits" and not (kind == "group" and around is message)
        return _USER_IDS_AND_ID if is_traits or holder.get("type") == "user_id" else USER_IDS

    return with_pseudonyms(message, pseudonym, ids, text)
