"""What is done with products, in the words of Google Analytics (`pa`) and of the warehouse (`product_action`)."""

from collections.abc import Mapping

from shared.events.event import ADD_TO_CART, PRODUCT_CLICK, PRODUCT_VIEW, PURCHASE, REMOVE_FROM_CART

NAMES: Mapping[str, str] = {
    "detail": PRODUCT_VIEW,
    "click": PRODUCT_CLICK,
    "add": ADD_TO_CART,
    "remove": REMOVE_FROM_CART,
    "purchase": PURCHASE,
}

# Steps of a checkout, which have no event's name of their own.
CHECKOUT = frozenset({"checkout", "checkout_option"})
