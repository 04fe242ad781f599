"""What recovering has to know of a protocol."""

import base64
import binascii
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from collect.incoming import unzipped
from collect.reasons import Refused
from headrace.recover.rows import BadRow

BASE64 = re.compile(r"[A-Za-z0-9+/]{8,}={0,2}")
MOST_BYTES = 1_000_000  # of what a gzip body may come to

# The bytes at fault stand in the row as escapes, and would be taken for what was meant.
WRITTEN_AS_ESCAPES = frozenset({"invalid_utf8", "invalid_character"})


@dataclass(frozen=True, kw_only=True)
class Tracker:
    """One protocol.

    path, content_type: where and as what its hits are sent, up to most_hits and most_bytes at once.
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
    read: Callable[[str, BadRow], list[Any]]
    settle: Callable[[dict[str, Any], BadRow, str], dict[str, Any]]
    encode: Callable[[dict[str, Any], int, int], bytes]
    body: Callable[[Sequence[bytes], int], bytes]


def no_constant(name: str) -> None:
    """For `json.loads`: NaN and Infinity are not JSON. Raises ValueError."""
    raise ValueError(f"{name} is not JSON")


def unpacked(payload: str) -> str:
    """A payload as its sender wrote it: of a request that was refused unread, the row may hold base64 and gzip."""
    if not BASE64.fullmatch(payload) or len(payload) % 4:
        return payload
    try:
        plain = base64.b64decode(payload, validate=True)
        if plain[:2] == b"\x1f\x8b":
            plain = unzipped(plain, MOST_BYTES)
        return plain.decode()
    except (binascii.Error, Refused, UnicodeDecodeError):
        return payload
