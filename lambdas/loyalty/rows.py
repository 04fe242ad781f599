"""A line's text to a member or a conversion, or the reason why it is neither. Total: any text gives one of the three.

Members:      email, facebook, instagram, gender          or by name, under a header that has `email`
Conversions:  promotion, ClickConversion, email, where
              promotion, BasketConversion, email, [6;14]
              promotion, PurchaseConversion, email, [6;9], 18.64

Columns are parted by commas, with or without spaces; one that holds a comma stands in double quotes.
"""

import csv
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from loyalty.conversions import BASKET, CLICK, KINDS, MAX_PROMOTION_BYTES, MAX_WHERE_BYTES, PURCHASED
from loyalty.identity import MAX_ID_BYTES, email_of
from loyalty.lines import Unreadable
from loyalty.texts import fit, written_bytes

COLUMNS = ("email", "facebook", "instagram", "gender")
# What other systems call the columns, spelled as `_spelled` does.
_NAMES = {
    **{name: name for name in COLUMNS},
    "e_mail": "email",
    "mail": "email",
    "customer_email": "email",
    "email_address": "email",
    "fb_user": "facebook",
    "facebook_name": "facebook",
    "insta_user": "instagram",
    "instagram_name": "instagram",
}

_OTHERS = {CLICK: ("email", "where"), BASKET: ("email", "[items]"), PURCHASED: ("email", "[items]", "total")}

_ITEMS = re.compile(r"\[\s*[^\s;,\[\]][^;,\[\]]*(;\s*[^\s;,\[\]][^;,\[\]]*)*\]")
_COUNTED = "quotes and backslashes count as two, and it holds no control characters"
_TOTAL = re.compile(r"[0-9]{1,15}(\.[0-9]{1,6})?")


class MemberRow(NamedTuple):
    """A member as a list has them."""

    email: str
    facebook: str
    instagram: str
    gender: str


class ConversionRow(NamedTuple):
    """A conversion as a file has it. where: of a click. total: of a purchase."""

    promotion: str
    kind: str
    email: str
    where: str | None = None
    total: Decimal | None = None


def columns_of(text: str) -> tuple[str, ...] | Unreadable | None:
    """The columns that a members' list names in its first line; "" where it names one of no meaning here.

    None: it is no header. A header names its columns once, `email` among them.
    """
    fields = _fields(text)
    if isinstance(fields, Unreadable) or any("@" in field for field in fields):
        return None
    columns = tuple(_NAMES.get(_spelled(field), "") for field in fields)
    known = [column for column in columns if column]
    if len(set(known)) < len(known):
        return Unreadable("wrong_header", "the header names a column twice")
    if "email" not in known:
        return Unreadable("wrong_header", "the first line is neither a member nor a header with a column `email`")
    return columns


def member_of(text: str, columns: Sequence[str] = COLUMNS) -> MemberRow | Unreadable:
    """The member in a line."""
    fields = _fields(text)
    if isinstance(fields, Unreadable):
        return fields
    if len(fields) != len(columns):
        return _wrong_columns(fields, [column or "(not used)" for column in columns])
    said: Mapping[str, str] = dict(zip(columns, fields, strict=True))
    email = email_of(said["email"])
    if email is None:
        return Unreadable("invalid_email", "`email` is no e-mail address")
    row = MemberRow(email, *(said.get(column, "") for column in COLUMNS[1:]))
    for column, value in zip(COLUMNS, row, strict=True):
        if len(value.encode()) > MAX_ID_BYTES:
            return Unreadable("value_too_long", f"`{column}` has more than {MAX_ID_BYTES} bytes")
        if not fit(value):
            return Unreadable("control_character", f"`{column}` holds a control character")
    return row


def conversion_of(text: str) -> ConversionRow | Unreadable:
    """The conversion in a line. The items are checked; a decision does not depend on them."""
    fields = _fields(text)
    if isinstance(fields, Unreadable):
        return fields
    if len(fields) < 2 or fields[1] not in KINDS:
        return Unreadable("unknown_conversion", f"the second column is none of {', '.join(KINDS)}")
    promotion, kind, *others = fields
    if len(others) != len(_OTHERS[kind]):
        return _wrong_columns(fields, ["promotion", kind, *_OTHERS[kind]])
    if not _is_name(promotion, MAX_PROMOTION_BYTES):
        return Unreadable("invalid_promotion", f"a promotion's name has 1 to {MAX_PROMOTION_BYTES} bytes; {_COUNTED}")
    email = email_of(others[0])
    if email is None:
        return Unreadable("invalid_email", "the third column is no e-mail address")
    if kind == CLICK:
        where = others[1]
        if not _is_name(where, MAX_WHERE_BYTES):
            return Unreadable("invalid_where", f"where it was clicked has 1 to {MAX_WHERE_BYTES} bytes; {_COUNTED}")
        return ConversionRow(promotion, kind, email, where=where)
    if not _ITEMS.fullmatch(others[1]):
        return Unreadable("invalid_items", "items are written like [6;14]")
    if kind == BASKET:
        return ConversionRow(promotion, kind, email)
    if not _TOTAL.fullmatch(others[2]):
        return Unreadable("invalid_total", "a total is written like 18.64")
    return ConversionRow(promotion, kind, email, total=Decimal(others[2]))


def _is_name(text: str, max_bytes: int) -> bool:
    return bool(text) and fit(text) and written_bytes(text) <= max_bytes


def _fields(text: str) -> list[str] | Unreadable:
    try:
        (fields,) = csv.reader([text], skipinitialspace=True, strict=True)
    except (csv.Error, ValueError):
        return Unreadable("wrong_quotes", "a double quote that does not begin or end a column, or is not closed")
    return [field.strip() for field in fields]


def _spelled(name: str) -> str:
    return re.sub(r"[\s_-]+", "_", name.strip().lower())


def _wrong_columns(found: Sequence[str], expected: Sequence[str]) -> Unreadable:
    number = f"{len(found)} column{'s' * (len(found) != 1)}"
    return Unreadable("wrong_columns", f"{number}, expected {len(expected)} ({', '.join(expected)})")
