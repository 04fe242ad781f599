"""What every protocol's reader is given beside the bytes, and what it makes of them."""

from collections.abc import Iterator
from dataclasses import dataclass

from collect.reasons import Refused
from shared.envelope import Hit, Request

# Of each hit: the bytes it came from (a bad row keeps them), and the hit itself or why it is refused.
Outcomes = Iterator[tuple[bytes, Hit | Refused]]


@dataclass(frozen=True, slots=True)
class Sender:
    """What the request says about all of its hits.

    content_type: of the payload, lower case; empty for a query string. full_addresses: whether IP addresses are kept
    whole.
    """

    request: Request
    content_type: str
    full_addresses: bool
