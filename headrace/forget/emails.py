"""E-mail addresses in a text: whole ones, never as a part of another's."""

import re
from collections.abc import Iterable
from urllib.parse import quote, unquote, unquote_plus

# What another's address may go on with on either side. In addresses of pages `=`, `/` and their like stand before one;
# a full stop behind one ends a sentence, unless a domain goes on there.
_BEFORE, _AFTER = r"(?<![\w.+%-])", r"(?![\w-]|\.\w)"


def forms(address: str) -> set[str]:
    """How an address may be written, in lower case: also percent-encoded, as in addresses of pages, or only its @."""
    name, _, domain = address.partition("@")
    return {address, f"{name}%40{domain}", f"{quote(name).lower()}%40{domain}"}


class Emails:
    """Finds the addresses of one person. addresses: in lower case."""

    def __init__(self, addresses: Iterable[str]) -> None:
        choices = "|".join(map(re.escape, sorted(addresses)))
        self._pattern = re.compile(f"{_BEFORE}(?:{choices}){_AFTER}") if choices else None

    def stand_in(self, text: str) -> bool:
        """Whether one of them does, as it is or percent-encoded."""
        if self._pattern is None:
            return False
        # Of a plus nobody knows whether it stands for a space.
        readings = {text, unquote(text), unquote_plus(text)} if "%" in text else {text}
        return any(self._pattern.search(reading.lower()) for reading in readings)
