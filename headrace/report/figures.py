"""What happened in the shop, as the report shows it. No I/O; `reading` fills these in.

Times are UTC without a zone; money is exact, in the currency in which it came.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal


@dataclass(frozen=True, kw_only=True)
class Period:
    """One row of STATS.OVERVIEW_1H or OVERVIEW_1D: the fields are their columns. timestamp: when it begins."""

    timestamp: datetime
    hits: int
    count_active_sessions: int
    count_new_sessions: int
    count_active_users: int
    count_new_users: int
    count_active_clients: int
    count_new_clients: int
    pageviews: int
    sum_of_product_clicks: int
    product_clicks: int
    sum_of_product_details: int
    product_details: int
    sum_of_add_to_cart: int
    add_to_cart: int
    sum_of_remove_from_cart: int
    remove_from_cart: int
    transactions: int
    transaction_revenue: Decimal
    transaction_tax: Decimal
    transaction_shipping: Decimal
    purchased_items: int
    purchased_products: int


@dataclass(frozen=True, kw_only=True)
class Totals:
    """Everything so far. visitors: distinct clients. converted: sessions with a purchase. bots: sessions of bots."""

    events: int
    sessions: int
    visitors: int
    converted: int
    bots: int


@dataclass(frozen=True, kw_only=True)
class Takings:
    """The purchases in one currency; None where hits did not name it."""

    currency: str | None
    orders: int
    revenue: Decimal


@dataclass(frozen=True, kw_only=True)
class Step:
    """A step of the funnel, all days together. sessions: that did it. in_order: after all steps before it."""

    name: str
    sessions: int
    in_order: int


@dataclass(frozen=True, kw_only=True)
class Product:
    """What happened to a product on all days."""

    id: str | None
    name: str | None
    details: int
    adds: int
    purchased_items: int
    revenue: Decimal

    @property
    def label(self) -> str:
        return self.name or self.id or "(without a name)"


@dataclass(frozen=True, kw_only=True)
class Audience:
    """The sessions with one kind of browser on one kind of device, bots left out. None: not known."""

    browser: str | None
    device: str | None
    sessions: int


@dataclass(frozen=True, kw_only=True)
class WrongType:
    """A field that came with a value of the wrong type, which is NULL in the tables."""

    protocol: str | None
    field: str
    hits: int


@dataclass(frozen=True, kw_only=True)
class Figures:
    """All of it. What could not be read is empty or None, and its tables are named.

    days, hours: oldest first; those in which something happened. hours: the newest ones only (`reading.HOURS_READ`).
    products: the best-selling ones of `products_known`. missing: tables that are not there.
    outdated: tables that lack columns, because an earlier version made them.
    """

    totals: Totals | None = None
    takings: tuple[Takings, ...] = ()
    days: tuple[Period, ...] = ()
    hours: tuple[Period, ...] = ()
    funnel: tuple[Step, ...] = ()
    products: tuple[Product, ...] = ()
    products_known: int = 0
    audience: tuple[Audience, ...] = ()
    quality: tuple[WrongType, ...] = ()
    missing: tuple[str, ...] = ()
    outdated: tuple[str, ...] = ()

    @property
    def orders(self) -> int:
        return sum(taken.orders for taken in self.takings)

    @property
    def revenue(self) -> Decimal:
        return sum((taken.revenue for taken in self.takings), Decimal(0))

    @property
    def currency(self) -> str:
        """What revenue is counted in; empty where that is not known, or not the same for all orders."""
        currencies = {taken.currency for taken in self.takings}
        return (currencies.pop() or "") if len(currencies) == 1 else ""

    @property
    def mixed_currencies(self) -> tuple[str, ...]:
        """The currencies, where sums of revenue add up more than one."""
        return tuple(taken.currency or "unknown" for taken in self.takings) if len(self.takings) > 1 else ()


def hint(figures: Figures | None, *, has_warehouse: bool) -> str:
    """What to do so that there are figures, all of them; empty where nothing is lacking."""
    if not has_warehouse:
        return "This stack has no warehouse (Snowflake is off): the way ends in S3."
    if figures is None:
        return "No figures yet: run `make transform`."
    if figures.outdated:
        names = ", ".join((*figures.outdated, *figures.missing))
        return f"Made by an earlier version: {names}. Run `make transform ARGS=--full-refresh`."
    if figures.missing:
        return f"Not there yet: {', '.join(figures.missing)}. Run `make transform`."
    if not figures.days:
        return "No events yet: send some with `make pump`, then run `make transform`."
    return ""


@dataclass(frozen=True, kw_only=True)
class Share:
    """How many of all sessions are of one kind."""

    name: str
    sessions: int
    of: int


UNKNOWN = "unknown"
OTHERS = "others"
BROWSERS_SHOWN = 6
DEVICES_SHOWN = 4


def by_browser(audience: tuple[Audience, ...]) -> list[Share]:
    """The most frequent browsers, and the others as one."""
    return _shares([(one.browser, one.sessions) for one in audience], BROWSERS_SHOWN)


def by_device(audience: tuple[Audience, ...]) -> list[Share]:
    """The most frequent kinds of device, and the others as one."""
    return _shares([(one.device, one.sessions) for one in audience], DEVICES_SHOWN)


def _shares(named: list[tuple[str | None, int]], most: int) -> list[Share]:
    counts: Counter[str] = Counter()
    for name, sessions in named:
        counts[name or UNKNOWN] += sessions
    # By name where they are equally frequent, so that the report is the same each time.
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    shown = ranked[:most]
    rest = sum(sessions for _, sessions in ranked[len(shown) :])
    shares = [*shown, *([(OTHERS, rest)] if rest else [])]
    return [Share(name=name, sessions=sessions, of=counts.total()) for name, sessions in shares]
