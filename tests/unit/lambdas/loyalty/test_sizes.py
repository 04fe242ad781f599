"""The fullest item of a customer, whatever trackers and files write, in what DynamoDB takes: else no write succeeds."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import pytest

from infrastructure.applications.loyalty import BATCH_SIZE
from loyalty.application import Loyalty
from loyalty.conversions import KIND_OF, Conversion
from loyalty.customers import MAX_CONVERSIONS_A_WRITE, MAX_SEEN, Customer, write
from loyalty.files import Dropped
from loyalty.identity import customer_of
from loyalty.lines import Encoding, cut
from loyalty.sorting import sort_out
from loyalty.taking import step
from shared.effects import Effect
from shared.events.event import PROMOTION_CLICK, Event
from shared.states import StateTable

MAX_ITEM_BYTES = 400_000  # DynamoDB quota: 400 KB
AT = 253_402_300_799_999  # the latest time that an event has

WIDE = ['"', "\\", "\0", "\x01", "\x7f", "\x85", "\u2028", "ü", "漢", "😀", "a", 'a"', '\x01"']


class Table:
    """Keeps what is written."""

    def __init__(self) -> None:
        self.item: Mapping[str, Mapping[str, Any]] = {}

    def put_item(self, *, Item: Mapping[str, Mapping[str, Any]], **_: Any) -> None:
        self.item = Item


def item_bytes(customer: Customer, effects: Sequence[Effect]) -> int:
    """What DynamoDB counts: names, and values as they are written."""
    table = Table()
    StateTable(table, "customers", "customer").save(customer.key, write(customer), 10**9, effects)
    values = [(name, value) for name, typed in table.item.items() for value in typed.values()]
    return sum(len(name) + len(value if isinstance(value, bytes) else str(value).encode()) for name, value in values)


def fullest(key: str) -> Customer:
    return Customer(key, AT, "ü" * 127, "ü" * 127, "ü" * 127, AT, 10**15, bytes(MAX_SEEN * 8))


def test_a_batch_is_what_one_write_may_hold():
    assert BATCH_SIZE == MAX_CONVERSIONS_A_WRITE


@pytest.mark.parametrize("wide", WIDE, ids=ascii)
@pytest.mark.parametrize("name", KIND_OF)
def test_the_decisions_of_a_batch_fit_one_customers_item(wide, name):
    application = Loyalty("p" * 128)
    properties = {"promo1nm": "p" + wide * 300, "utm_source": "s" + wide * 300}
    value = Decimal("-123456789012345.12345678901234567")
    event = Event("", name, AT, AT, "browser", properties=properties, value=value, source="test")
    longest = (event._replace(user_id=wide * number) for number in range(300, 0, -1))
    key = next(filter(None, map(customer_of, longest)), "k" * 254)
    customer, effects = fullest(key), list[Effect]()
    for number in range(BATCH_SIZE):
        customer, more = application.step(customer, event._replace(event_id=f"{number}{wide * 300}"))
        effects += more
    assert len(effects) == BATCH_SIZE
    assert item_bytes(customer, effects) < 0.9 * MAX_ITEM_BYTES


@pytest.mark.parametrize("wide", WIDE, ids=ascii)
def test_the_decisions_of_a_files_chunk_fit_one_customers_item(wide):
    file = Dropped("lake", f"loyalty/conversions/{wide * 300}", "v1", "etag", 1, AT)
    quoted = wide.replace('"', '""')
    widths = [(promotion, where) for promotion in (128, 64, 32, 1) for where in (64, 32, 16, 1)]
    lines = [
        f'"{quoted * promotion}", ClickConversion, {"k" * 248}@x.org, "{quoted * where}"'.encode()
        for promotion, where in widths * (MAX_CONVERSIONS_A_WRITE // len(widths) + 1)
    ]
    found = sort_out(file, list(cut([b"\n".join(lines)], Encoding.UTF_8, 10**12, 0)), Encoding.UTF_8)
    clicks = [row for row in found.rows if isinstance(row, Conversion)]
    assert len(clicks) + len(found.refused) == len(lines)
    if not clicks:
        return
    widest = max(clicks, key=lambda row: len((row.promotion + (row.where or "")).encode()))
    customer, effects = fullest(widest.customer), list[Effect]()
    for number in range(MAX_CONVERSIONS_A_WRITE):
        customer, more = step(customer, widest._replace(conversion_id=str(number)))
        effects += more
    assert item_bytes(customer, effects) < 0.9 * MAX_ITEM_BYTES


def test_a_user_id_with_control_characters_names_nobody():
    event = Event("e1", PROMOTION_CLICK, AT, AT, source="test")
    assert customer_of(event._replace(user_id="u\x01")) is None
    assert customer_of(event._replace(user_id='"' * 128)) is None
    assert customer_of(event._replace(user_id='"' * 127)) == '"' * 127
