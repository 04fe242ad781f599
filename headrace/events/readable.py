"""What trackers sent, made readable and harmless: nothing in it commands a terminal or turns a writing's direction."""

import json
from urllib.parse import unquote_plus


def visible(text: str) -> str:
    """A text in which what can not be seen is written as an escape."""
    if text.isprintable():
        return text
    return "".join(letter if letter.isprintable() else letter.encode("unicode_escape").decode() for letter in text)


def readable(payload: str) -> str:
    """JSON with a line a member, a urlencoded hit with a line a parameter; anything else as it is. Not made visible."""
    return _pretty(payload) or _parameters(payload) or payload


def _pretty(payload: str) -> str | None:
    if payload.lstrip()[:1] not in ("{", "["):
        return None
    try:
        value = json.loads(payload, object_pairs_hook=_distinct)
        return json.dumps(value, indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        return None


def _distinct(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """Raises ValueError where a name stands twice: it may be what is wrong, and an object would hide it."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("one name twice")
    return found


def _parameters(payload: str) -> str | None:
    pieces = payload.strip().split("&")
    if "\n" in payload.strip() or not all("=" in piece for piece in pieces):
        return None
    pairs = [piece.partition("=") for piece in pieces]
    widest = min(16, max(len(unquote_plus(name)) for name, _, _ in pairs))
    return "\n".join(f"{unquote_plus(name):{widest}} = {unquote_plus(value)}" for name, _, value in pairs)
