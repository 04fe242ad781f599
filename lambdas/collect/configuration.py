"""What a deployment decides about all requests: read from the environment once, when the function starts."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """The defaults keep least.

    full_addresses: whether IP addresses are stored whole, rather than truncated to /24 and /48. do_not_track: whether
    hits are declined whose browser says `DNT: 1` or `Sec-GPC: 1`. consent: whether hits are declined that say
    themselves that their visitor refused analytics. user_id_key: what user ids are hashed with (HMAC-SHA256) before
    anything is stored; without it they are stored as they are. write_keys: those that Segment's libraries may use;
    without any, Segment's routes are closed.
    """

    full_addresses: bool = False
    do_not_track: bool = False
    consent: bool = True
    user_id_key: bytes = b""
    write_keys: frozenset[str] = frozenset()


def from_environment(environment: Mapping[str, str]) -> Configuration:
    """IP_ADDRESSES `truncated` or `full`; DO_NOT_TRACK and CONSENT `honoured` or `ignored`; USER_ID_KEY; WRITE_KEYS,
    with commas between."""
    return Configuration(
        full_addresses=environment.get("IP_ADDRESSES") == "full",
        do_not_track=environment.get("DO_NOT_TRACK") == "honoured",
        consent=environment.get("CONSENT") != "ignored",
        user_id_key=environment.get("USER_ID_KEY", "").encode(),
        write_keys=frozenset(filter(None, environment.get("WRITE_KEYS", "").split(","))),
    )
