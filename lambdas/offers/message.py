"""The e-mail that carries an offer.

Names of items come from events, and events are what anybody may send to the collector: what could be a link, or end a
line, is not repeated to a customer.
"""

import re
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any, NamedTuple

# Mail programs turn `example.org` and `a/b` into links.
_LINK = re.compile(r"[^\W\d]\.[^\W\d]|[/\\@:]")
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
    return plain if plain and plain.isprintable() and not _LINK.search(plain) else None


def listed(names: Sequence[str], items: int) -> str:
    """The items in words: some by their names, the others counted."""
    known = list(dict.fromkeys(names))[:SHOWN_ITEMS]
    others = items - len(known)
    if not known:
        return "an item" if items == 1 else f"{items} items"
    if others:
        known.append("one more item" if others == 1 else f"{others} more items")
    return known[0] if len(known) == 1 else f"{', '.join(known[:-1])} and {known[-1]}"
