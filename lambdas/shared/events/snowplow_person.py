"""Whom Snowplow's events name besides in `user_id`: the person who says who they are, else the one who shops."""

from collections.abc import Mapping
from typing import NamedTuple

from shared.events.schemas import first
from shared.events.values import identifier, text

IDENTIFIED = "unstruct_event_com_snowplowanalytics_snowplow_identify_1"
SHOPPER = "contexts_com_snowplowanalytics_snowplow_ecommerce_user_1"


class Person(NamedTuple):
    """Nobody, unless an event says so."""

    user_id: str | None = None
    email: str | None = None


NOBODY = Person()


def person_in(properties: Mapping[str, object]) -> Person:
    """properties: contexts and the self-describing event, by the analytics SDKs' names. Total."""
    if IDENTIFIED not in properties and SHOPPER not in properties:
        return NOBODY
    said = properties.get(IDENTIFIED)
    identified, shopper = said if isinstance(said, dict) else {}, first(properties.get(SHOPPER))
    return Person(
        identifier(identified.get("id")) or identifier(shopper.get("id")),
        text(identified.get("email")) or text(shopper.get("email")),
    )
