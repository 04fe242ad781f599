"""A customer's state, and what a conversion or a line of a members' list means for it. All of it is pure.

Order matters: a click earns a promo code if the customer was a member when it was taken in. What was seen before
changes nothing: a customer's item remembers the last conversions by digest.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from boto3.dynamodb.types import Binary

from loyalty.conversions import CLICK, PURCHASED, Conversion
from shared.effects import Effect, effect_id

APPLICATION = "loyalty"
DECIDED = "PromotionDecided"

# What can be on its way a second time: a batch of 300 from each of three streams, and as many lines of a file, twice
# over. Eight bytes each, so the fullest item grows by 20 KB; that two of them share a digest has odds of 1 in 10¹².
MAX_SEEN = 2_400
DIGEST_BYTES = 8

# A customer's decisions of one write stand in its item, each under 1 KB as it is written there: DynamoDB takes 400 KB.
MAX_CONVERSIONS_A_WRITE = 300


class Listing(NamedTuple):
    """A line of a members' list. listed_at: when the list was dropped, epoch ms."""

    customer: str
    facebook: str
    instagram: str
    gender: str
    listed_at: int


class Customer(NamedTuple):
    """sequence: how many decisions there were. member_since: epoch ms, None for who is no member.

    listed_at: when the list was dropped that the profile is from; 0 without one. seen: the last conversions' digests,
    one behind the other, oldest first: to look for one and to add one in it costs less than in a set.
    """

    key: str
    member_since: int | None = None
    facebook: str = ""
    instagram: str = ""
    gender: str = ""
    listed_at: int = 0
    sequence: int = 0
    seen: bytes = b""


def convert(customer: Customer, conversion: Conversion) -> tuple[Customer, tuple[Effect, ...]]:
    """Decides whether a conversion earns another promo code: a member's click does. A purchase makes a member."""
    decision_id = effect_id(APPLICATION, conversion.customer, conversion.conversion_id)
    digest = bytes.fromhex(decision_id[:8] + decision_id[24:32])  # without the digits that all UUIDs of a kind share
    if digest in customer.seen:
        return customer, ()
    send_promo = conversion.kind == CLICK and customer.member_since is not None
    member_since = customer.member_since
    if member_since is None and conversion.kind == PURCHASED:
        member_since = conversion.occurred_at
    after = Customer(  # four times as fast as _replace
        customer.key,
        member_since,
        customer.facebook,
        customer.instagram,
        customer.gender,
        customer.listed_at,
        customer.sequence + 1,
        (customer.seen + digest)[-MAX_SEEN * DIGEST_BYTES :],
    )
    return after, (_decision(decision_id, conversion, after.sequence, send_promo),)


def enlist(customer: Customer, listing: Listing) -> Customer:
    """The customer as a members' list has them, unless a newer list said otherwise. In one list the last line wins."""
    if listing.listed_at < customer.listed_at:
        return customer
    return customer._replace(
        member_since=listing.listed_at if customer.member_since is None else customer.member_since,
        facebook=listing.facebook,
        instagram=listing.instagram,
        gender=listing.gender,
        listed_at=listing.listed_at,
    )


def read(key: str, attributes: Mapping[str, Any]) -> Customer:
    """The customer in an item's attributes."""
    since, seen = attributes.get("member_since"), attributes.get("seen", b"")
    return Customer(
        key=key,
        member_since=None if since is None else int(since),
        facebook=attributes.get("facebook", ""),
        instagram=attributes.get("instagram", ""),
        gender=attributes.get("gender", ""),
        listed_at=int(attributes.get("listed_at", 0)),
        sequence=int(attributes.get("sequence", 0)),
        seen=bytes(seen.value) if isinstance(seen, Binary) else seen,
    )


def write(customer: Customer) -> dict[str, Any]:
    """An item's attributes; the key is not among them."""
    return {
        "member": customer.member_since is not None,
        "member_since": customer.member_since,
        "facebook": customer.facebook or None,
        "instagram": customer.instagram or None,
        "gender": customer.gender or None,
        "listed_at": customer.listed_at or None,
        "sequence": customer.sequence,
        "seen": customer.seen or None,
    }


def _decision(decision_id: str, conversion: Conversion, sequence: int, send_promo: bool) -> Effect:
    return Effect(
        decision_id,
        DECIDED,
        conversion.customer,
        (conversion.cause,),
        conversion.occurred_at,
        {
            "sequence": sequence,
            "promotion": conversion.promotion,
            "conversion": conversion.kind,
            "where": conversion.where,
            "total": None if conversion.total is None else str(conversion.total),
            "send_promo": send_promo,
        },
    )
