"""Bad rows: what nobody could use, kept with the reason, so that it can be counted, mended and sent again."""

from collections.abc import Mapping
from types import MappingProxyType

from shared.envelope import Request, encode_json
from shared.privacy import truncated_address, without_addresses, without_write_keys

MAX_PAYLOAD_CHARACTERS = 10_000
# A character is at most four bytes, or one byte four characters: cutting first keeps ten megabytes cheap.
MAX_PAYLOAD_BYTES = MAX_PAYLOAD_CHARACTERS * 4


def bad_row(  # each argument is a field of the row
    *,
    reason: str,
    message: str,
    protocol: str,
    payload: bytes,
    size: int | None = None,
    request: Request,
    full_addresses: bool,
    details: Mapping[str, object] = MappingProxyType({}),
) -> bytes:
    """The line to store of one hit (or of a whole request that fell apart before it had hits).

    reason: a stable snake_case code. message: for a person. payload: the bytes as they came; the row holds the first
    10,000 characters as text, with bytes that are not UTF-8 written as `\\xff`, and the true size beside it.
    size: as it was received, in bytes, where `payload` is less or something else was put into it.
    details: what a protocol's users know their bad rows by, in fields of their own.
    """
    text = payload[:MAX_PAYLOAD_BYTES].decode("utf-8", "backslashreplace")[:MAX_PAYLOAD_CHARACTERS]
    text = without_write_keys(text.replace("\0", "\\x00"))
    if not full_addresses:
        text = without_addresses(text)
    return encode_json(
        {
            "reason": reason,
            "message": message,
            "protocol": protocol,
            "timestamp": request.timestamp,
            "payload": text,
            "payload_bytes": len(payload) if size is None else size,
            "request": {
                "id": request.id,
                "path": request.path,
                "method": request.method,
                "hostname": request.hostname,
                "user_ip": request.source_ip if full_addresses else truncated_address(request.source_ip),
                "headers": request.headers,
            },
            **details,
        }
    )
