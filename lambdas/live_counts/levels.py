"""Who plays and at which level: what an event says of it, for each kind of level that can be configured.

codecombat      player and level of Snowplow's context com.codecombat/level_context
page_category   clients; the category of the event's product, else the first folder of its page's path
funnel_stage    clients; browsing, viewing, cart, checkout, purchased
"""

from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import urlsplit

from shared.events import actions, google_analytics, segment
from shared.events.event import (
    ADD_TO_CART,
    CUSTOM,
    PAGE_VIEW,
    PRODUCT_CLICK,
    PRODUCT_VIEW,
    PROMOTION_CLICK,
    PURCHASE,
    REMOVE_FROM_CART,
    Event,
)
from shared.events.segment_names import product_action
from shared.events.values import identifier, word

# Two levels make the key of a transition: DynamoDB takes 2,048 bytes, and a character is up to four, escaped three.
MAX_LEVEL_CHARACTERS = 200

LEVEL_CONTEXT = "contexts_com_codecombat_level_context_1"

HOME, OTHER = "home", "other"

STAGES = {
    PAGE_VIEW: "browsing",
    PROMOTION_CLICK: "browsing",
    PRODUCT_VIEW: "viewing",
    PRODUCT_CLICK: "viewing",
    ADD_TO_CART: "cart",
    REMOVE_FROM_CART: "cart",
    PURCHASE: "purchased",
}
CHECKOUT = "checkout"

ECOMMERCE_ACTION = "unstruct_event_com_snowplowanalytics_snowplow_ecommerce_snowplow_ecommerce_action_1"


class Standing(NamedTuple):
    """A player at a level. Both are never empty."""

    player: str
    level: str


def codecombat(event: Event) -> Standing | None:
    contexts = event.properties.get(LEVEL_CONTEXT)
    for context in contexts if isinstance(contexts, list) else ():
        if isinstance(context, dict):
            player, level = identifier(context.get("user_id")), name(context.get("level_slug"))
            if player and level:
                return Standing(player, level)
    return None


def page_category(event: Event) -> Standing | None:
    player = event.client_id or event.user_id
    if player is None:
        return None
    level = name(event.products[0].category) if event.products else None
    if level is None and event.page is not None:
        level = folder(event.page)
    return None if level is None else Standing(player, level)


def funnel_stage(event: Event) -> Standing | None:
    player = event.client_id or event.user_id
    stage = STAGES.get(event.name)
    # Google Analytics' product actions ride on page views as well as on events.
    if event.name in (CUSTOM, PAGE_VIEW) and checks_out(event):
        stage = CHECKOUT
    return None if player is None or stage is None else Standing(player, stage)


LEVELS: dict[str, Callable[[Event], Standing | None]] = {
    "codecombat": codecombat,
    "page_category": page_category,
    "funnel_stage": funnel_stage,
}
# Those that look at an event's products.
BY_PRODUCT = frozenset({"page_category"})


def name(value: object) -> str | None:
    """A level's name without the spaces around it, cut at 200 characters."""
    return value.strip()[:MAX_LEVEL_CHARACTERS].rstrip() or None if isinstance(value, str) else None


@lru_cache(maxsize=1_000)
def folder(page: str) -> str | None:
    """`shoes` of https://shop.example/shoes/red; pages that are in no folder are `other`, but for the `home` page."""
    try:
        path = urlsplit(page).path
    except ValueError:  # brackets that hold no IPv6 address
        return None
    first, separator, _ = path.lstrip("/").partition("/")
    if not first:
        return HOME
    return name(first) or OTHER if separator else OTHER


def checks_out(event: Event) -> bool:
    """Whether an event is a step of the checkout. Any JSON value may stand in the properties."""
    said = event.properties
    match event.source:
        case google_analytics.PROTOCOL:
            return word(said.get("pa")) in actions.CHECKOUT
        case segment.PROTOCOL:
            name = said.get("event_name")
            return isinstance(name, str) and product_action(name) in actions.CHECKOUT
        case _:
            action = said.get(ECOMMERCE_ACTION)
            return isinstance(action, dict) and action.get("type") == "checkout_step"
