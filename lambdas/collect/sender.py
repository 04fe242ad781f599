"""What every protocol's reader is given beside the bytes, and what it makes of them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from collect.configuration import Configuration
from collect.reasons import Refused
from shared.envelope import Hit, Request


class Declined:
    """A hit that is not kept because its visitor does not want it to be. It is counted, and nothing else."""


# Of each hit: the bytes it came from (a bad row keeps them), and the hit itself, or why there is none.
Outcome = Hit | Refused | Declined
Outcomes = Iterator[tuple[bytes, Outcome]]


@dataclass(frozen=True, slots=True)
class Sender:
    """What the request says about all of its hits.

    content_type: of the payload, lower case; empty for a query string. authorization, cookies: never to be stored.
    query: the query string, still percent-encoded.
    """

    request: Request
    content_type: str
    configuration: Configuration
    authorization: str = ""
    cookies: Mapping[str, str] = field(default_factory=dict)
    query: bytes = b""

    def pseudonym(self, user_id: str) -> str:
        """What is stored of a user's id."""
        return self.configuration.pseudonym(user_id)

    def address(self, text: str) -> str | None:
        """What is stored of an address; None where the text names none, and so may say anything."""
        return self.configuration.address(text)
