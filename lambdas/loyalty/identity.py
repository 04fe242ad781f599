"""Who a customer is: by e-mail where one is given, else by the shop's own user id."""

import re
from collections.abc import Mapping
from functools import lru_cache

from loyalty.texts import fit, written_bytes
from shared.events.event import Event

MAX_ID_BYTES = 254  # of an e-mail address (RFC 3696, erratum 1690), and of every other id here

_LABEL = r"[^\W_](?:[\w-]*[^\W_])?"
_EMAIL = re.compile(rf"[^\s@,;:<>()\[\]\\\"]+@(?:{_LABEL}\.)+{_LABEL}")


@lru_cache(maxsize=4096)
def email_of(text: str) -> str | None:
    """An e-mail address as customers are known by it, trimmed and in lower case; None where the text is none."""
    found = text.strip().lower()
    if len(found) > MAX_ID_BYTES or not found.isprintable() or _EMAIL.fullmatch(found) is None:
        return None
    return found if len(found.encode()) <= MAX_ID_BYTES else None


def customer_of(event: Event) -> str | None:
    """The customer behind an event; None where it names nobody. A user id that is an e-mail address counts as one."""
    for said in _emails(event.properties):
        if isinstance(said, str) and (found := email_of(said)) is not None:
            return found
    if event.user_id is None:
        return None
    return email_of(event.user_id) or _user(event.user_id)


def _emails(properties: Mapping[str, object]) -> tuple[object, ...]:
    """Where trackers put it: beside what happened, or among what they say of the person."""
    traits = properties.get("traits")
    return properties.get("email"), traits.get("email") if isinstance(traits, dict) else None


def _user(user_id: str) -> str | None:
    found = user_id.strip()
    return found if found and fit(found) and written_bytes(found) <= MAX_ID_BYTES else None
