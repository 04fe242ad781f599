"""What a bad row keeps of a request that was refused unread: its body as the gateway handed it over, often packed."""

import base64
import binascii
import re
import zlib

BASE64 = re.compile(r"[A-Za-z0-9+/]{8,}={0,2}")
GZIP_MAGIC = b"\x1f\x8b"
MOST_BYTES = 1_000_000  # of what a gzip body may come to


def unpacked(payload: str) -> bytes | None:
    """What its sender wrote, of a payload in base64, gzipped within or not; None where it is none.

    Of one that was cut, as far as it goes.
    """
    if not BASE64.fullmatch(payload) or len(payload) % 4:
        return None
    try:
        plain = base64.b64decode(payload, validate=True)
        return _unzipped(plain) if plain[:2] == GZIP_MAGIC else plain
    except (binascii.Error, zlib.error):
        return None


def _unzipped(packed: bytes) -> bytes:
    """All members, one after another. Raises zlib.error."""
    plain = b""
    while packed and len(plain) < MOST_BYTES:
        inflate = zlib.decompressobj(wbits=31)
        plain += inflate.decompress(packed, MOST_BYTES - len(plain))
        packed = inflate.unused_data
    return plain
