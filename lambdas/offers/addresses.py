"""Which texts an e-mail can be sent to."""

import re

MAX_CHARACTERS = 254  # of an address (RFC 3696, erratum 1690)

# Narrower than what the standards allow: nothing in it could end a header, or mean a second address.
_ADDRESS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")


def address_of(text: str) -> str | None:
    """The address in a text, without the spaces around it; None where it is none."""
    found = text.strip()
    return found if len(found) <= MAX_CHARACTERS and _ADDRESS.fullmatch(found) else None
