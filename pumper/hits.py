"""What every encoder makes of rows: hits, one for each thing a visitor did, however a tracker writes it down."""

from functools import partial
from typing import NamedTuple, Protocol

from pumper.source import Run


class Hit(NamedTuple):
    """One hit, without its times. `client`: 32 bits that are the same for all hits of one client."""

    client: int
    timestamp: int
    body: str
    repeated: bool
    """An earlier hit of this run has the same id: the dataset holds the row twice."""


make_hit = partial(tuple.__new__, Hit)  # a Hit as its class makes it, in half the time


class Encoder(Protocol):
    """`hits`: those of one run, in its order. `too_long`: how many were left out since they exceed what is taken."""

    too_long: int

    def hits(self, run: Run) -> list[Hit]: ...
