"""What a deployment decides about all requests: read from the environment once, when the function starts."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field

from shared.privacy import address_of, may_be_kept, truncated_address


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """The defaults keep least.

    full_addresses: whether IP addresses are stored whole, rather than truncated to /24 and /48. do_not_track: whether
    hits are declined whose browser says `DNT: 1` or `Sec-GPC: 1`. consent: whether hits are declined that say
    themselves that their visitor refused analytics. user_id_key: what user ids are hashed with (HMAC-SHA256) before
    anything is stored; without it they are stored as they are. write_keys: those that Segment's libraries may use;
    without any, Segment's routes are closed. headers: names kept besides those that always are, in lower case.
    """

    full_addresses: bool = False
    do_not_track: bool = False
    consent: bool = True
    user_id_key: bytes = field(default=b"", repr=False)
    write_keys: frozenset[str] = frozenset()
    headers: frozenset[str] = frozenset()

    def pseudonym(self, user_id: str) -> str:
        """What is stored of a user's id: the id, or where there is a key, 64 hexadecimal digits made of it."""
        key = self.user_id_key
        return hmac.new(key, user_id.encode(), "sha256").hexdigest() if key else user_id

    def address(self, text: str) -> str | None:
        """What is stored of an IP address; None where the text names none."""
        if self.full_addresses:
            return text.strip() if address_of(text) else None
        return truncated_address(text)


def from_environment(environment: Mapping[str, str]) -> Configuration:
    """IP_ADDRESSES `truncated` or `full`; DO_NOT_TRACK and CONSENT `honoured` or `ignored`; USER_ID_KEY; WRITE_KEYS and
    HEADERS, with commas between."""
    return Configuration(
        full_addresses=environment.get("IP_ADDRESSES") == "full",
        do_not_track=environment.get("DO_NOT_TRACK") == "honoured",
        consent=environment.get("CONSENT") != "ignored",
        user_id_key=environment.get("USER_ID_KEY", "").encode(),
        write_keys=frozenset(filter(None, environment.get("WRITE_KEYS", "").split(","))),
        headers=frozenset(filter(may_be_kept, environment.get("HEADERS", "").lower().split(","))),
    )
