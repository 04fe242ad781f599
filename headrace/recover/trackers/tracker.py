"""What recovering has to know of a protocol."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from headrace import payloads
from headrace.recover.rows import BadRow

# The bytes at fault stand in the row as escapes, and would be taken for what was meant.
WRITTEN_AS_ESCAPES = frozenset({"invalid_utf8", "invalid_character"})


@dataclass(frozen=True, kw_only=True)
class Tracker:
    """One protocol.

    path, content_type: where and as what its hits are sent, up to most_hits and most_bytes at once. taken: what the
    collector, and nobody else, says to a request that it has taken.
    read: the hits in a bad row's payload, each an object; a text where it can not be read as one.
    settle: a mended hit with all that makes it the same at every attempt: (hit, row, event id). The id counts where
    the hit has none. encode: one settled hit as it is sent at a moment: (hit, received_at, now), epoch ms. It happened
    when it did. body: of a request: (encoded hits, now).
    """

    protocol: str
    path: str
    content_type: str
    most_hits: int
    most_bytes: int
    taken: bytes
    read: Callable[[str, BadRow], list[Any]]
    settle: Callable[[dict[str, Any], BadRow, str], dict[str, Any]]
    encode: Callable[[dict[str, Any], int, int], bytes]
    body: Callable[[Sequence[bytes], int], bytes]


def no_constant(name: str) -> None:
    """For `json.loads`: NaN and Infinity are not JSON. Raises ValueError."""
    raise ValueError(f"{name} is not JSON")


def unpacked(payload: str) -> str:
    """A payload as its sender wrote it: of a request that was refused unread, the row may hold base64 and gzip."""
    plain = payloads.unpacked(payload)
    try:
        return payload if plain is None else plain.decode()
    except UnicodeDecodeError:
        return payload
