"""What Segment's e-commerce events are called, and what each says was done, in the words of actions.py.

Senders spell them in many ways. As for Segment's own matcher it is all one: capitals or none; a space, an underscore or
nothing between the words; the thing first or what was done with it, as the specification's first version had it. The
warehouse has the same lists and the same rule (dbt/macros/hits/segment_names.sql).
https://segment.com/docs/connections/spec/ecommerce/v2/, https://github.com/segmentio/analytics-events
"""

from collections.abc import Mapping

# The last word is what was done.
PRODUCT_ACTIONS: Mapping[str, str] = {
    "product viewed": "detail",
    "product clicked": "click",
    "product added": "add",
    "product removed": "remove",
    "checkout started": "checkout",
    "checkout step viewed": "checkout",
    "checkout step completed": "checkout_option",
    "payment info entered": "checkout_option",
    "order completed": "purchase",
    "order refunded": "refund",
}
PROMOTION_ACTIONS: Mapping[str, str] = {"promotion viewed": "view", "promotion clicked": "click"}


def key(name: str) -> str:
    """The one spelling of a name."""
    return name.replace(" ", "").replace("_", "").lower()


def by_key(actions: Mapping[str, str]) -> dict[str, str]:
    """The actions by their names' keys, with the words in either order."""
    found: dict[str, str] = {}
    for name, action in actions.items():
        thing, _, done = name.rpartition(" ")
        found[key(f"{thing} {done}")] = found[key(f"{done} {thing}")] = action
    return found


_PRODUCT_ACTIONS = by_key(PRODUCT_ACTIONS)


def product_action(name: str) -> str | None:
    """What a tracked event of this name says was done with its products."""
    return _PRODUCT_ACTIONS.get(key(name))
