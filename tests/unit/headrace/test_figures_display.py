"""The shop's figures on a terminal."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from rich.console import Console

from headrace.report import figures_display
from headrace.report.figures import Audience, Figures, Product, Step, Takings, Totals, WrongType
from headrace.report.figures_display import show_figures
from tests.unit.headrace.modelled_tables import HOSTILE, period

MOST = 999_999
DAY = replace(
    period(**dict.fromkeys(figures_display.DAY_FIGURES.values(), MOST)),
    transaction_revenue=Decimal("999999.8900"),
)


@pytest.fixture
def console(monkeypatch: pytest.MonkeyPatch) -> Console:
    made = Console(width=80, record=True)
    monkeypatch.setattr(figures_display, "console", made)
    return made


def large() -> Figures:
    """As much of everything as there can be."""
    begin = datetime(2024, 5, 1)
    return Figures(
        totals=Totals(events=MOST, sessions=MOST, visitors=MOST, converted=MOST, bots=1234),
        takings=tuple(Takings(currency=one, orders=1, revenue=Decimal(1)) for one in ("EUR", "USD")),
        days=tuple(replace(DAY, timestamp=begin + timedelta(days=day)) for day in range(20)),
        hours=tuple(replace(DAY, timestamp=begin + timedelta(hours=hour)) for hour in range(100)),
        funnel=tuple(Step(name=f"step_{step}_{'long' * 9}", sessions=MOST, in_order=MOST - step) for step in range(5)),
        products=tuple(
            Product(id="p", name=name, details=MOST, adds=MOST, purchased_items=MOST, revenue=DAY.transaction_revenue)
            for name in HOSTILE
        ),
        products_known=100_000,
        audience=tuple(Audience(browser=name, device=name, sessions=MOST) for name in HOSTILE),
        quality=tuple(WrongType(protocol="p", field=name, hits=MOST) for name in HOSTILE),
    )


def test_everything_fits_eighty_columns_and_no_figure_is_cut_off(console):
    show_figures(large())
    text = console.export_text()
    assert "999,999.89" in text
    assert "6 earlier days" in text
    assert "Top 10 of 100,000 products" in text
    assert "different currencies (EUR, USD)" in text
    assert "…" not in [cell[-1] for line in text.splitlines() for cell in line.split() if cell[0].isdigit()]
    assert max(map(len, text.splitlines())) <= 80


def test_names_are_shown_as_they_are_and_command_nothing(console):
    show_figures(large())
    text = console.export_text()
    assert "<script>alert(1)</script>" in text
    assert "[red]markup[/]" in text
    assert "\x1b[31m" not in text
    assert "\u202e" not in text


def test_the_last_day_of_hours_is_shown(console):
    show_figures(Figures(hours=large().hours))
    lines = [line for line in console.export_text().splitlines() if line.startswith("2024-")]
    assert (len(lines), lines[-1][:16]) == (24, "2024-05-05 03:00")


def test_a_step_is_held_against_the_one_before_it(console):
    steps = (("session", 8, 8), ("product_detail", 7, 4), ("purchase", 3, 0), ("again", 0, 0))
    show_figures(Figures(funnel=tuple(Step(name=name, sessions=did, in_order=order) for name, did, order in steps)))
    rates = [line.split()[3:] for line in console.export_text().splitlines() if line.startswith(("prod", "pur", "ag"))]
    assert [rate[:2] for rate in rates] == [["50.0", "%"], ["0.0", "%"], ["-"]]


def test_where_nothing_happened_there_is_nothing_to_show(console):
    show_figures(Figures())
    assert console.export_text() == ""
