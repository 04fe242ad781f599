"""What is left out of a person: user ids in JSON, and whatever a bad row holds of what they sent."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from shared.bad_rows import MAX_PAYLOAD_BYTES
from shared.privacy import (
    ADDRESSES,
    NETWORK_USERS,
    USER_IDS,
    truncated_address,
    without_addresses,
    without_network_users,
    without_user_ids,
)

Pseudonym = Callable[[str], str]

# Which members of an object are user ids, by the object, the name it stands under, and the object around it.
Ids = Callable[[Mapping[str, Any], str, Mapping[str, Any]], frozenset[str]]

# What a protocol makes of the bytes of what it refused: the same with pseudonyms; None where it can not read them.
Hide = Callable[[bytes, Pseudonym], bytes | None]

MAX_READ_BYTES = 1_000_000  # of what was refused: as much as any protocol takes


def with_pseudonyms(
    value: Any,
    pseudonym: Pseudonym,
    ids: Ids,
    text: Callable[[str], str] = str,
    name: str = "",
    around: Mapping[str, Any] = MappingProxyType({}),
) -> Any:
    """JSON with a pseudonym for each user id in it. text: what becomes of all other texts."""
    if isinstance(value, dict):
        own = ids(value, name, around)
        return {
            key: _hidden(item, pseudonym) if key in own else with_pseudonyms(item, pseudonym, ids, text, key, value)
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [with_pseudonyms(item, pseudonym, ids, text, name, around) for item in value]
    return text(value) if isinstance(value, str) else value


def _hidden(value: Any, pseudonym: Pseudonym) -> Any:
    """Whatever stands under a user id's name, with pseudonyms for all texts and figures in it."""
    if isinstance(value, dict):
        return {key: _hidden(item, pseudonym) for key, item in value.items()}
    if isinstance(value, list):
        return [_hidden(item, pseudonym) for item in value]
    if value is None or isinstance(value, bool):
        return value
    user_id = str(value).strip()
    return pseudonym(user_id) if user_id else value


@dataclass(frozen=True, slots=True)
class Hiding:
    """What a bad row leaves out.

    pseudonym: of a user id; None where ids are stored as they are. anonymous: whether the sender asks to be, so that
    network user ids and addresses go too. hide: see there. Addresses in what these return are truncated, but in a
    payload's bytes.
    """

    pseudonym: Pseudonym | None = None
    anonymous: bool = False
    hide: Hide | None = None

    def payload(self, payload: bytes) -> bytes:
        """A payload without what `pseudonym` and `anonymous` are about. Of what can not be read no more is looked at
        than a row keeps."""
        if len(payload) > MAX_READ_BYTES:
            payload = payload[:MAX_PAYLOAD_BYTES]
        if self.pseudonym:
            hidden = self.hide(payload, self.pseudonym) if self.hide else None
            return self._seen(payload[:MAX_PAYLOAD_BYTES]) if hidden is None else self._anonymous(hidden)
        return self._anonymous(payload)

    def text(self, text: str) -> str:
        if self.pseudonym or self.anonymous:
            text = self._seen(text.encode("utf-8", "replace")).decode()
        return without_addresses(text)

    def named(self, name: str, value: str) -> str:
        """The value of a parameter."""
        if self.anonymous and name in NETWORK_USERS:
            return ""
        if self.pseudonym and name in USER_IDS and value:
            return self.pseudonym(value)
        if name in ADDRESSES:
            return truncated_address(value) or ""
        return self.text(value)

    def value(self, value: object, name: str, most: int) -> object:
        """The value of JSON that stands under a name. most: characters that a text in it keeps."""
        if isinstance(value, dict):
            return {key: self.value(item, key, most) for key, item in value.items()}
        if isinstance(value, list):
            return [self.value(item, name, most) for item in value]
        if isinstance(value, int | float) and self.pseudonym and name in USER_IDS:
            return self.pseudonym(str(value))
        return self.named(name, value)[:most] if isinstance(value, str) else value

    def _seen(self, payload: bytes) -> bytes:
        """Without what can be seen in a text."""
        return self._anonymous(without_user_ids(payload, self.pseudonym) if self.pseudonym else payload)

    def _anonymous(self, payload: bytes) -> bytes:
        return without_network_users(payload) if self.anonymous else payload


def hidden_text(text: str, pseudonym: Pseudonym) -> str:
    """A text with a pseudonym for each user id that can be seen in it: JSON or a query string within another."""
    return without_user_ids(text.encode("utf-8", "surrogatepass"), pseudonym).decode("utf-8", "surrogatepass")
