"""Items that a put refused, kept in S3 until they can be put again.

One object a request, `spill/YYYY/MM/DD/HH/<uuid>.jsonl`: one JSON object a line, `{"target", "key", "data"}`, in the
order in which they were to be put. `target` is a role (`events`, `bad`), not a stream's name, so that they still find
their way after the streams were replaced. The UUIDs are version 7: keys sort by time.

What no stream will ever take goes to `errors/spill/` in the same way, with `reason`, the stream's error code, besides.
"""

import json
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from uuid import UUID

from shared.envelope import encode_json
from shared.puts import Item

PREFIX = "spill/"
REFUSED_PREFIX = "errors/spill/"


@dataclass(frozen=True, slots=True)
class Spilled:
    """An item, and the role of the stream it was meant for. reason: why no stream will ever take it, if so."""

    target: str
    item: Item
    reason: str = ""


def spill_key(prefix: str = PREFIX) -> str:
    """A new object's key, later than all keys before it (to the millisecond)."""
    milliseconds = time.time_ns() // 1_000_000
    hour = datetime.fromtimestamp(milliseconds / 1000, UTC)
    return f"{prefix}{hour:%Y/%m/%d/%H}/{_uuid7(milliseconds)}.jsonl"


def encode(spilled: Sequence[Spilled]) -> bytes:
    content = BytesIO()  # line by line: a request's lines are 10 MB at most, and are there twice as it is
    for one in spilled:
        content.write(_line(one) + b"\n")
    return content.getvalue()


def decode(content: bytes) -> list[Spilled]:
    """Raises ValueError, KeyError or TypeError on what `encode` did not write."""
    records = [json.loads(line) for line in content.split(b"\n") if line]
    return [
        Spilled(record["target"], Item(record["data"].encode(), record["key"]), record.get("reason", ""))
        for record in records
    ]


def _line(one: Spilled) -> bytes:
    why = {"reason": one.reason} if one.reason else {}
    return encode_json({"target": one.target, "key": one.item.key, "data": one.item.data.decode(), **why})


def _uuid7(milliseconds: int) -> UUID:
    """RFC 9562: 48 bits of time, then random bits around version and variant. Python has it from 3.14 on."""
    head = (milliseconds & (2**48 - 1)) << 80 | 0x7 << 76 | secrets.randbits(12) << 64
    return UUID(int=head | 0b10 << 62 | secrets.randbits(62))
