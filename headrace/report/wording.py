"""How figures and names are written, on a terminal and on the page alike."""

from collections.abc import Sequence
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal

from rich.cells import cell_len, set_cell_size

CENT = Decimal("0.01")
CODE_CELLS = 8
CURRENCIES_TOLD = 5
EIGHTHS = " ▏▎▍▌▋▊▉█"


def money(amount: Decimal, currency: str = "") -> str:
    """Two places, halves rounded up; the currency's code in front where it is known."""
    rounded = f"{amount.quantize(CENT, ROUND_HALF_UP):,}"
    return f"{code(currency)} {rounded}" if currency else rounded


def code(currency: str) -> str:
    """A currency's code has three letters; a tracker may send anything for one."""
    return shortened(currency, CODE_CELLS)


def share(part: int, whole: int) -> str:
    """A part of a whole in per cent; a dash where there is no whole."""
    if not whole:
        return "-"
    percent = 100 * part / whole
    # So that little is not taken for nothing, nor most for all.
    if part and percent < 0.1:
        return "< 0.1 %"
    if part < whole and percent > 99.9:
        return "> 99.9 %"
    return f"{percent:.1f} %"


def mixture(currencies: Sequence[str]) -> str:
    """What a reader must know where revenue is a sum of several currencies; empty where it is not."""
    if not currencies:
        return ""
    told, more = ", ".join(map(code, currencies[:CURRENCIES_TOLD])), len(currencies) - CURRENCIES_TOLD
    rest = f" and {more:,} more" if more > 0 else ""
    return f"Revenue adds up amounts in different currencies ({told}{rest}) as they came."


def plural(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def day(time: datetime) -> str:
    return f"{time:%Y-%m-%d}"


def hour(time: datetime) -> str:
    return f"{time:%Y-%m-%d %H:%M}"


def printable(text: str) -> str:
    """What a tracker sent, in one line without characters that command a terminal or turn the writing's direction."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())


def shortened(text: str, cells: int) -> str:
    """At most so many columns of a terminal: a Chinese letter takes two."""
    text = printable(text)
    return text if cell_len(text) <= cells else set_cell_size(text, cells - 1).rstrip() + "…"


def bar(value: float, most: float, cells: int) -> str:
    """A bar of at most so many columns, in eighths of one; something is never nothing."""
    if value <= 0 or most <= 0:
        return ""
    eighths = max(1, round(8 * cells * value / most))
    return EIGHTHS[8] * (eighths // 8) + EIGHTHS[eighths % 8].strip()
