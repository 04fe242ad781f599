"""Texts of bounded length, measured as they are written in a customer's item: JSON takes two bytes for a double quote
or a backslash, and six for a control character."""

import re

# Control characters, what some readers take for a line's end, and half surrogate pairs: no name has them.
_UNFIT = re.compile("[\0-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def fit(text: str) -> bool:
    """Whether a text has none of the characters that no name has."""
    return _UNFIT.search(text) is None


def written_bytes(text: str) -> int:
    """How many bytes a fit text takes in JSON, without the quotes around it."""
    return len(text.encode()) + text.count('"') + text.count("\\")


def clipped(text: str, max_bytes: int) -> str:
    """The beginning of a text that takes at most so many bytes, without the characters that no name has."""
    text = _UNFIT.sub("", text)
    if len(text) * 4 <= max_bytes:  # no character takes more
        return text
    text = text[:max_bytes]
    while (over := written_bytes(text) - max_bytes) > 0:
        text = text[: -max(1, over // 4)]
    return text
