"""Where Snowplow's own schemas name a person, beside the event's `uid`; and where they seem to.

Of a good event those are hashed, and what a site's own schemas say is the site's. Of a refused one so is whatever has a
user id's name, because nobody knows what it is; but a session's `userId`, which is a device's.
"""

import binascii
import json
import re
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from collect.formats import urlencoded
from collect.hiding import Pseudonym, hidden_text, with_pseudonyms
from collect.reasons import Refused
from shared.privacy import USER_IDS

SELF_DESCRIBING = frozenset({"ue_pr", "ue_px", "co", "cx"})
ENCODED = frozenset({"ue_px", "cx"})

CLIENT_SESSION = "iglu:com.snowplowanalytics.snowplow/client_session/jsonschema/1-"
PEOPLE = {
    "iglu:com.snowplowanalytics.snowplow.ecommerce/user/jsonschema/1-0-0": frozenset({"id", "email"}),
    "iglu:com.snowplowanalytics.snowplow/identify/jsonschema/1-0-0": frozenset({"id", "email"}),
}

_DEVICE = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|[0-9a-f]{16}", re.IGNORECASE)

_URL_SAFE = bytes.maketrans(b"-_ ", b"+/+")  # in a query string, a + that nobody escaped has become a space


def hide_people(described: list[dict[str, Any]], pseudonym: Pseudonym) -> None:
    """In self-describing JSON that its schemas allow."""
    for one in described:
        for name in PEOPLE.get(one["schema"], ()):
            if one["data"].get(name):
                one["data"][name] = pseudonym(one["data"][name])


def person_in(described: list[dict[str, Any]]) -> str | None:
    """The id of the first person that such JSON names, which may be a hash."""
    for one in described:
        if one["schema"] in PEOPLE and (user_id := (one["data"].get("id") or "").strip()):
            return user_id
    return None


def hidden(payload: bytes, pseudonym: Pseudonym) -> bytes | None:
    """The events of a payload, or the one of a query string, that were refused; None where there are none to see."""
    try:
        if not payload.startswith(b"{"):
            parameters = urlencoded(payload)
            if not all(map(str.isidentifier, parameters)):  # as they are in the protocol, and not in base64
                return None
            event = _event(parameters, pseudonym)
            return payload if event == parameters else urlencode(event).encode()
        envelope = json.loads(payload)
        found = {**envelope, "data": [_event(event, pseudonym) for event in envelope["data"]]}
    except (Refused, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return None
    return payload if found == envelope else json.dumps(found, separators=(",", ":")).encode()


def hidden_json(value: Any, pseudonym: Pseudonym) -> Any:
    """JSON that is self-describing, or should be."""
    return with_pseudonyms(value, pseudonym, _ids, lambda text: hidden_text(text, pseudonym))


def decoded(text: str) -> bytes:
    """Base64, URL-safe or not, with or without padding. Raises ValueError."""
    plain = text.encode("ascii").translate(_URL_SAFE).rstrip(b"=")
    return binascii.a2b_base64(plain + b"=" * (-len(plain) % 4), strict_mode=True)


def _ids(holder: Mapping[str, Any], name: str, around: Mapping[str, Any]) -> frozenset[str]:
    schema = around.get("schema") if name == "data" else None
    if not isinstance(schema, str):
        return USER_IDS
    if schema.startswith(CLIENT_SESSION) and _DEVICE.fullmatch(str(holder.get("userId"))):
        return frozenset()
    return USER_IDS | PEOPLE.get(schema, frozenset())


def _event(parameters: Mapping[str, Any], pseudonym: Pseudonym) -> dict[str, Any]:
    return {name: _parameter(name, value, pseudonym) for name, value in parameters.items()}


def _parameter(name: str, value: Any, pseudonym: Pseudonym) -> Any:
    if name not in SELF_DESCRIBING or not isinstance(value, str):
        return hidden_json({name: value}, pseudonym)[name]
    try:
        described = json.loads(decoded(value) if name in ENCODED else value)
    except ValueError:
        return value if name in ENCODED else hidden_text(value, pseudonym)
    found = hidden_json(described, pseudonym)
    if found == described:
        return value
    text = json.dumps(found, separators=(",", ":"))
    return urlsafe_b64encode(text.encode()).decode() if name in ENCODED else text
