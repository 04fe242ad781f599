"""The e-mail that carries an offer.

Names of items come from events, and events are what anybody may send to the collector: what could be a link, or end a
line, is not repeated to a customer.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any, NamedTuple

# Mail programs make links of `example.org`, `888.com`, `1.2.3.4`, `a@b`, `tel:1`, and browsers take the dots of other
# scripts (`。`) for one. So it is listed what a name may have, not what it may not: letters, their marks and digits of
# any script, and these signs. No colon, slash, `@` or other dot is among them.
_CATEGORIES = ("L", "Mn", "Mc", "Nd")
_SIGNS = frozenset(" .,-'\"&()+%!#\u2013\u2019\u00d7\u00b0\u00ae\u2122")

# A dot ends a word (`No. 5`), or is in a number that has no other (`1.5 l`).
_DECIMAL = re.compile(r"(?<![\w.])[0-9]+\.[0-9]+(?![0-9.])")
_DOT_BETWEEN = re.compile(r"\.[^ ]")
# What is dialled when it is touched: seven digits, with or without separators.
_TELEPHONE = re.compile(r"\d(?:[ .,()'\u2019\u2013-]*\d){6}")

SHOWN_ITEMS = 5


class Message(NamedTuple):
    """Both bodies say the same."""

    subject: str
    text: str
    html: str


def message(detail: Mapping[str, Any], code: str) -> Message:
    """The message of an offer. detail: the effect's."""
    percent, until = detail["discount_percent"], str(detail["valid_until"])[:10]
    names = [name for item in detail["items"] if (name := shown(item["name"]))]
    what = listed(names, len(detail["items"]))
    begin = f"You took {what} out of your cart. If you would still like to have "
    begin += "it" if len(detail["items"]) == 1 else "them"
    begin += f", here are {percent}% off."
    end = f"Enter it at the checkout, until {until} (UTC)."
    return Message(
        subject=f"{percent}% off what you left in your cart",
        text=f"Hello,\n\n{begin}\n\nYour code: {code}\n\n{end}\n",
        html=(
            '<!doctype html><html lang="en"><body>'
            f"<p>Hello,</p><p>{escape(begin)}</p>"
            f"<p>Your code: <strong>{escape(code)}</strong></p><p>{escape(end)}</p>"
            "</body></html>"
        ),
    )


def shown(name: str) -> str | None:
    """A name as it may stand in an e-mail; None where it had better not."""
    plain = " ".join(name.split())
    return plain if plain and all(map(_harmless, plain)) and not _links(plain) else None


def _harmless(character: str) -> bool:
    return character in _SIGNS or unicodedata.category(character).startswith(_CATEGORIES)


def _links(name: str) -> bool:
    """Whether a mail program could make a link of it, also after it has made one letter of the forms of each."""
    compatible = unicodedata.normalize("NFKC", name)
    if "www" in compatible.casefold() or _TELEPHONE.search(compatible):
        return True
    return bool(_DOT_BETWEEN.search(_DECIMAL.sub("0", compatible)))


def listed(names: Sequence[str], items: int) -> str:
    """The items in words: some by their names, the others counted."""
    known = list(dict.fromkeys(names))[:SHOWN_ITEMS]
    others = items - len(known)
    if not known:
        return "an item" if items == 1 else f"{items} items"
    if others:
        known.append("one more item" if others == 1 else f"{others} more items")
    return known[0] if len(known) == 1 else f"{', '.join(known[:-1])} and {known[-1]}"
