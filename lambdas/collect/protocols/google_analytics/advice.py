"""What Google would mind about a hit that the collector keeps: for `/debug/collect`, never a reason to refuse.

Google drops hits without `v` and `tid`, and leaves out of its reports what lacks its type's parameters. Here such a hit
may still be of use, so it is kept as it came.
https://developers.google.com/analytics/devguides/collection/protocol/v1/parameters
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

# What a hit type is about; it says nothing without.
REQUIRED: Mapping[str, tuple[str, ...]] = {
    "screenview": ("cd", "an"),
    "event": ("ec", "ea"),
    "transaction": ("ti",),
    "item": ("ti", "in"),
    "social": ("sn", "sa", "st"),
    "timing": ("utc", "utv", "utt"),
}
PRODUCT_ACTIONS = frozenset({"detail", "click", "add", "remove", "checkout", "checkout_option", "purchase", "refund"})
ACTIONS_OF_ORDERS = frozenset({"purchase", "refund"})
PROMOTION_ACTIONS = frozenset({"view", "click"})

MAX_QUEUE_MS = 4 * 60 * 60 * 1000  # Google may not process what is sent later

_PROPERTY = re.compile(r"(UA|YT|MO)-\d+-\d+", re.IGNORECASE)
_FLAGS = frozenset({"ni", "je", "exf", "npa"})
_WHOLE = re.compile(r"ev|utt|plt|dns|pdt|rrt|tcp|srt|dit|clt|iq|cos|pr\d+(qt|ps)|il\d+pi\d+ps")
_MONEY = re.compile(r"tr|ts|tt|ip|pr\d+pr|il\d+pi\d+pr")
_AMOUNT = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)")
# Products, promotions and impressions: each has a number, 1 to 200, and goes by its id or its name.
_THINGS = re.compile(r"(?P<thing>pr\d+|promo\d+|il\d+pi\d+)(?P<field>id|nm|br|ca|va|pr|qt|cc|ps|cr|(?:cd|cm)\d+)")


class Advice(NamedTuple):
    """code: Google's. parameter: the one concerned."""

    code: str
    parameter: str
    description: str


def advice(parameters: Mapping[str, object]) -> Iterator[Advice]:
    """Everything Google would mind, in a hit that is kept."""
    yield from _missing(parameters)
    yield from _wrong(parameters)
    yield from _nameless(parameters)


def _missing(parameters: Mapping[str, object]) -> Iterator[Advice]:
    for name in ("v", "tid"):
        if not parameters.get(name):
            yield Advice(
                "VALUE_REQUIRED", name, f"'{name}' is missing: Google would drop the hit. Here it is not needed."
            )
    hit_type = str(parameters.get("t"))
    for name in REQUIRED.get(hit_type, ()):
        if not parameters.get(name):
            yield _required(name, f"a hit of type '{hit_type}'")
    if hit_type == "pageview" and not parameters.get("dl") and not parameters.get("dp"):
        yield Advice("VALUE_REQUIRED", "dl", "'dl', or 'dh' and 'dp', are missing: a 'pageview' is of a page.")
    if parameters.get("pa") in ACTIONS_OF_ORDERS and not parameters.get("ti"):
        yield _required("ti", f"the product action '{parameters['pa']}'")


def _required(name: str, what: str) -> Advice:
    return Advice("VALUE_REQUIRED", name, f"'{name}' is missing, which {what} needs.")


def _wrong(parameters: Mapping[str, object]) -> Iterator[Advice]:
    for name, value in parameters.items():
        text = "" if value is None else str(value)
        expected = _expected(name, text) if text else None
        if expected:
            yield Advice("VALUE_INVALID", name, f"'{name}' is {expected}.")
    queue_time = str(parameters.get("qt") or 0)  # checked to be a whole number when the hit was read
    if int(queue_time) > MAX_QUEUE_MS:
        yield Advice("VALUE_OUT_OF_BOUNDS", "qt", "'qt' is over four hours: Google may not process the hit.")


def _expected(name: str, text: str) -> str | None:
    """What a parameter's value should have been; None where it is as it should be."""
    match name:
        case "v":
            return None if text == "1" else "the protocol's version, 1"
        case "tid":
            return None if _PROPERTY.fullmatch(text) else "a property's id, as UA-1234-1"
        case "pa":
            return _one_of(text, PRODUCT_ACTIONS)
        case "promoa":
            return _one_of(text, PROMOTION_ACTIONS)
        case _ if name in _FLAGS:
            return None if text.lower() in ("0", "1", "true", "false") else "1 or 0"
        case _ if _WHOLE.fullmatch(name):
            return None if text.isascii() and text.isdigit() else "a whole number, not below 0"
        case _ if _MONEY.fullmatch(name):
            return None if _AMOUNT.fullmatch(text) else "an amount with a decimal point, as 1000.50"
    return None


def _one_of(text: str, values: Iterable[str]) -> str | None:
    return None if text in values else f"one of {', '.join(sorted(values))}"


def _nameless(parameters: Mapping[str, object]) -> Iterator[Advice]:
    """Products and the like without an id and without a name, which no report could show."""
    found = [match for match in map(_THINGS.fullmatch, parameters) if match]
    named = {match["thing"] for match in found if match["field"] in ("id", "nm")}
    for thing in dict.fromkeys(match["thing"] for match in found if match["thing"] not in named):
        yield Advice(
            "VALUE_REQUIRED", f"{thing}id", f"'{thing}id' or '{thing}nm' is missing, so the rest says nothing."
        )
