"""Write keys, by which Segment's libraries say whose data they send.

A key is the name in Basic authentication (`key:`), which servers' libraries use, or `writeKey` in the body, which
browsers' do. A key is no secret: it stands in every page. It keeps other people's data out, not attackers.
"""

import base64
import binascii
import hmac
from collections.abc import Iterable

from collect.reasons import Reason, Refused

FIELD = "writeKey"


def basic_user(authorization: str) -> str | None:
    """The name in Basic authentication; None where there is none. What can not be read is a name that nobody has."""
    scheme, _, credentials = authorization.strip().partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        return base64.b64decode(credentials.strip(), validate=True).decode().partition(":")[0]
    except (binascii.Error, ValueError):
        return "\0"


def check_write_key(key: object, known: Iterable[str]) -> None:
    """Raises Refused unless the key is one of the known ones."""
    if not isinstance(key, str) or not key:
        raise Refused(Reason.MISSING_WRITE_KEY, f"no write key, neither by Basic authentication nor as '{FIELD}'")
    given = key.encode("utf-8", "replace")
    # All are compared, each in constant time: how long it takes tells nothing about a key.
    if not sum(hmac.compare_digest(given, one.encode()) for one in known):
        raise Refused(Reason.UNKNOWN_WRITE_KEY, "the write key is none of this collector's")
