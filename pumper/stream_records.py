"""Hits as records of a stream: whose they are, what a tracker says of them, and their times, told when they are sent.

A hit's body is one record or several, RECORD_END between; a record is its client's id, KEY_END and its text. Where the
text tells a time stands OCCURRED or RECEIVED instead. No text of a row can hold these characters: writers clean them.
"""

from collections import OrderedDict
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple, Protocol

from pumper.batches import Batch
from pumper.catalogue import Catalogue
from pumper.deeds import Deed, deeds
from pumper.hits import Hit, make_hit
from pumper.source import Run
from pumper.visitors import Visitor, Visitors

KEY_END, RECORD_END = "\x1f", "\x1e"
OCCURRED, RECEIVED = "\x11", "\x12"

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_REMEMBERED = 10_000  # visits, of half a kilobyte each

SpellTime = Callable[[datetime], str]


class Writer(Protocol):
    """One tracker's way of writing. `greeting`: what it says when a visit begins, before the visit's first deed."""

    def greeting(self, visitor: Visitor, session: str, deed: Deed) -> list[str]: ...
    def records(self, visitor: Visitor, session: str, deed: Deed) -> list[str]: ...


class Record(NamedTuple):
    """`key`: what keeps its order in the stream."""

    key: str
    data: bytes


class StreamRecords:
    """Encodes runs. In the order of time, a visit may be greeted again when ten thousand others came between."""

    too_long = 0
    """Of what a stream takes, a megabyte, no event of a shop comes near."""

    def __init__(self, catalogue: Catalogue, visitors: Visitors, writer: Writer, *, salt: int) -> None:
        self._catalogue, self._writer, self._salt = catalogue, writer, salt
        self._visitor = lru_cache(maxsize=_REMEMBERED)(visitors.of)
        self._greeted: OrderedDict[str, None] = OrderedDict()

    def hits(self, run: Run) -> list[Hit]:
        visitor, writer = self._visitor(run.session), self._writer
        hits: list[Hit] = []
        seen: set[str] = set()
        for deed in deeds(run, self._catalogue, visitor, self._salt):
            records = [] if self._known(run.session) else writer.greeting(visitor, run.session, deed)
            records += writer.records(visitor, run.session, deed)
            body = RECORD_END.join([f"{visitor.client_id}{KEY_END}{record}" for record in records])
            hits.append(make_hit((visitor.digest, deed.time, body, deed.id in seen)))
            seen.add(deed.id)
        return hits

    def _known(self, session: str) -> bool:
        known = session in self._greeted
        self._greeted[session] = None
        self._greeted.move_to_end(session)
        if len(self._greeted) > _REMEMBERED:
            self._greeted.popitem(last=False)
        return known


def stamped(batch: Batch, shift: int | None, now: int, spell: SpellTime) -> list[list[Record]]:
    """The records of each hit of a batch, with their times.

    shift: ms to add to the dataset's times; None where everything happens as it is received. now: epoch ms, when they
    are received; nothing happens after it.
    """
    received = _spelled(now, spell)
    told: list[list[Record]] = []
    for hit, time in zip(batch.lines.split(b"\n"), batch.times, strict=True):
        occurred = received if shift is None else _spelled(min(now, time + shift), spell)
        text = hit.replace(OCCURRED.encode(), occurred).replace(RECEIVED.encode(), received)
        parted = (record.partition(KEY_END.encode()) for record in text.split(RECORD_END.encode()))
        told.append([Record(key.decode(), data) for key, _, data in parted])
    return told


def clean(text: str) -> str:
    """A text in which no mark of ours and no tab or line end stands: each becomes a space."""
    return text if text.isprintable() else "".join(sign if sign.isprintable() else " " for sign in text)


def _spelled(time: int, spell: SpellTime) -> bytes:
    return spell(_EPOCH + timedelta(milliseconds=time)).encode()
