"""What a protocol says about one of its paths."""

from collections.abc import Callable
from dataclasses import dataclass

from collect.hiding import Hide
from collect.intake import Describe, Intake, Response
from collect.sender import Outcomes, Sender

Reader = Callable[[bytes, Sender], Outcomes]

# Sixteen times the Measurement Protocol's batch: enough that nothing real is refused whole, small enough that ten
# megabytes of anything cost little (an HTTP API passes on up to 10 MB, a Lambda takes 6 MB).
MAX_BODY_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One method and path.

    protocol: `context.protocol` of its envelopes. read: the payload's hits, each with the bytes it came from; it raises
    Refused where the payload as a whole is none. answer: what the client is told. max_body_bytes: unpacked.
    keeps: whether hits and bad rows are stored; a path for debugging only tells. describe: what a bad row holds beside
    the fields that all have. refuse_replaced: whether U+FFFD in a text means that it was sent as something else than
    UTF-8; JSON is always UTF-8, and pages have that character in their titles. answer_type: the content type of the
    answer to what was taken, which envelopes repeat. only_400: whether clients send again what gets any other 4xx.
    refuses_analytics: whether a hit's or a request's bytes say that the visitor refused analytics; asked of what no hit
    could be made of. hide: see there.
    """

    protocol: str
    read: Reader
    answer: Callable[[Intake], Response]
    max_body_bytes: int = MAX_BODY_BYTES
    keeps: bool = True
    describe: Describe | None = None
    refuse_replaced: bool = True
    answer_type: str = "image/gif"
    only_400: bool = False
    refuses_analytics: Callable[[bytes], bool] | None = None
    hide: Hide | None = None
