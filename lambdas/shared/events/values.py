"""Values as trackers write them, to values as an Event holds them.

One wrong optional value must not cost the event it stands in: every reader here gives None (a quantity: 1) for what it
can not read, and raises nothing, whatever it is given.
"""

from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from shared.envelope import derived_id

# Room for every tracker's ids, and inside Kinesis' 256 characters for a partition key. What is longer is replaced by an
# id derived from it, so that the same long id still is the same id.
MAX_ID_CHARACTERS = 254

# Beyond these powers of ten an amount is a slip of the tracker. The warehouse has 14 digits before the point, and sums
# stay exact within the 38 digits that DynamoDB keeps; boto3 refuses an exponent below -128, even of nothing (0e-999).
_MONEY_MAGNITUDES = range(-30, 14)
_MAX_NUMBER_CHARACTERS = 32

MAX_QUANTITY = 1_000_000_000

# The last millisecond of the year 9999: what datetime, and so every reader of ours, can tell.
MAX_TIME = 253_402_300_799_999

# Objects and lists within each other, as deep as DynamoDB takes them; orjson writes no more than 254 levels.
MAX_DEPTH = 32

_LONG_ID_NAMESPACE = UUID("5f0b8f43-1fd4-4b0b-9a35-7e1c9c5c6a0e")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NAIVE_EPOCH = datetime(1970, 1, 1)
_MILLISECOND = timedelta(milliseconds=1)


def text(value: object) -> str | None:
    """A text with anything in it."""
    return value if isinstance(value, str) and value else None


def word(value: object) -> str | None:
    """A word of the protocol's own, as `purchase`: in lower case, without the spaces around it."""
    return value.strip(" ").lower() or None if isinstance(value, str) else None


def identifier(value: object) -> str | None:
    """An id without the spaces around it; whole numbers are taken for their digits. At most 254 characters."""
    if not isinstance(value, str):
        return str(value) if type(value) is int else None
    value = value.strip()
    if len(value) > MAX_ID_CHARACTERS:
        return derived_id(_LONG_ID_NAMESPACE, value.encode())
    return value or None


def money(value: object) -> Decimal | None:
    """An exact, finite amount below 10^14, of a number or of its digits as text."""
    if type(value) is int or type(value) is float:
        value = str(value)  # the shortest digits that make this float: those which the tracker wrote
    if not isinstance(value, str) or len(value) > _MAX_NUMBER_CHARACTERS or not value.isascii() or "_" in value:
        return None
    try:
        amount = Decimal(value)
    except InvalidOperation:  # no digits
        return None
    return amount if amount.is_finite() and amount.adjusted() in _MONEY_MAGNITUDES else None


def quantity(value: object) -> int:
    """A count of pieces; 1 where there is none, or none that is a whole number from 1 on."""
    if value is None:
        return 1
    if isinstance(value, str) and len(value) < 10 and value.isascii() and value.isdigit():
        return int(value) or 1
    if type(value) is int:
        return value if 1 <= value <= MAX_QUANTITY else 1
    count = money(value)
    return int(count) if count is not None and 1 <= count <= MAX_QUANTITY and count == int(count) else 1


def currency(value: object) -> str | None:
    """A code of three letters, as ISO 4217 has them; which ones exist is not checked."""
    if not isinstance(value, str):
        return None
    code = value.strip().upper()
    return code if len(code) == 3 and code.isascii() and code.isalpha() else None


def milliseconds(value: object) -> int | None:
    """A time in epoch ms: a whole number from 1970 to 9999."""
    return value if type(value) is int and 0 <= value <= MAX_TIME else None


def time_in(value: object) -> int | None:
    """A time in epoch ms, of its digits as text."""
    if not isinstance(value, str) or len(value) > 15 or not (value.isascii() and value.isdigit()):
        return None
    return milliseconds(int(value))


def instant(value: Any) -> int | None:
    """Epoch ms of an ISO 8601 time, rounded down; without an offset it is UTC, whatever zone this machine is in."""
    try:
        moment = datetime.fromisoformat(value)
        time = (moment - (_EPOCH if moment.tzinfo else _NAIVE_EPOCH)) // _MILLISECOND
    except (ValueError, TypeError, OverflowError):
        return None
    return time if 0 <= time <= MAX_TIME else None


def too_deep(value: object) -> bool:
    """Whether more than MAX_DEPTH objects and lists stand within each other in a JSON value."""
    return deeper_than(value, MAX_DEPTH)


def deeper_than(value: object, levels: int) -> bool:
    """Whether more than so many objects and lists stand within each other in a JSON value."""
    level = [value]
    for _ in range(levels + 1):
        inner: list[object] = []
        for one in level:
            if isinstance(one, dict):
                inner += one.values()
            elif isinstance(one, list):
                inner += one
        if not inner:
            return False
        level = inner
    return True
