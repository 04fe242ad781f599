"""E-mail addresses in a text: whole ones, never as a part of another's."""

import re
from collections.abc import Iterable
from urllib.parse import unquote_plus

# What another's address may go on with on either side. In addresses of pages `=`, `/` and their like stand before one;
# a full stop behind one ends a sentence, unless a domain goes on there.
_BEFORE, _AFTER = r"(?<![\w.+%-])", r"(?![\w-]|\.\w)"


class Emails:
    """Finds the addresses of one person. addresses: in lower case."""

    def __init__(self, addresses: Iterable[str]) -> None:
        choices = "|".join(map(re.escape, sorted(addresses)))
        self._pattern = re.compile(f"{_BEFORE}(?:{choices}){_AFTER}") if choices else None

    def stand_in(self, text: str) -> bool:
        """Whether one of them does, as it is or percent-encoded, as in the address of a page."""
        if self._pattern is None:
            return False
        if self._pattern.search(text.lower()):
            return True
        return "%" in text and self._pattern.search(unquote_plus(text).lower()) is not None
