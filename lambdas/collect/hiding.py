"""What a bad row leaves out of a person, in whatever shape it holds what they sent."""

from collections.abc import Callable
from dataclasses import dataclass

from shared.privacy import (
    ADDRESSES,
    NETWORK_USERS,
    USER_IDS,
    truncated_address,
    without_addresses,
    without_network_users,
    without_user_ids,
)


@dataclass(frozen=True, slots=True)
class Hiding:
    """pseudonym: of a user id; None where ids are stored as they are. anonymous: whether the sender asks to be, so that
    network user ids and addresses go too. Addresses in what these return are truncated, but in a payload's bytes."""

    pseudonym: Callable[[str], str] | None = None
    anonymous: bool = False

    def payload(self, payload: bytes) -> bytes:
        if self.pseudonym:
            payload = without_user_ids(payload, self.pseudonym)
        return without_network_users(payload) if self.anonymous else payload

    def text(self, text: str) -> str:
        if self.pseudonym or self.anonymous:
            text = self.payload(text.encode("utf-8", "replace")).decode()
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
