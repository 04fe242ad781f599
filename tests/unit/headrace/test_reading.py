"""The report's figures, read from tables made by hand."""

from collections.abc import Sequence
from dataclasses import asdict
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from headrace.hops.tables import modelled_columns
from headrace.report.figures import Figures, Takings, Totals
from headrace.report.reading import HOURS_READ, NEEDED, PRODUCTS_READ, read_figures
from headrace.warehouse import Place, connected
from tests.unit.headrace.modelled_tables import Shop, create


def read(folder: Path, shop: Shop, *, without: Sequence[str] = (), also: str = "select 1") -> Figures:
    database = create(folder / "warehouse.duckdb", shop, without)
    with duckdb.connect(str(database)) as connection:
        connection.execute(also)
    with connected(Place(target="local", raw="", database=database, variables={})) as connection:
        return read_figures(connection, modelled_columns(connection))


def test_a_shop_is_read_exactly(tmp_path):
    figures = read(tmp_path, Shop(days=3, sessions=3000, products=40, currencies=("eur", "EUR"), wrong_types=2))
    assert figures.totals == Totals(events=21_000, sessions=3000, visitors=2400, converted=200, bots=104)
    assert figures.takings == (Takings(currency="EUR", orders=200, revenue=Decimal("9983.3400")),)
    assert [day.timestamp.day for day in figures.days] == [28, 29, 30]
    assert sum(day.pageviews for day in figures.days) == sum(hour.pageviews for hour in figures.hours)
    assert [step.name for step in figures.funnel][::4] == ["session", "purchase"]
    assert (len(figures.products), figures.products_known) == (PRODUCTS_READ, 40)
    assert figures.products[0].revenue == Decimal("2399.4000")
    assert sum(one.sessions for one in figures.audience) == 3000 - 104
    assert [(one.field, one.hits) for one in figures.quality] == [("field_1", 11), ("field_0", 10)]
    assert figures.missing == figures.outdated == ()


def test_a_shop_in_which_nothing_happened_has_no_figures(tmp_path):
    assert read(tmp_path, Shop(days=0)) == Figures()


def test_only_the_newest_hours_of_a_long_time_are_read(tmp_path):
    figures = read(tmp_path, Shop(days=120, sessions=500_000))
    assert len(figures.days) == 120
    assert len(figures.hours) == HOURS_READ
    assert figures.hours[-1].timestamp > figures.days[-1].timestamp


def test_a_product_has_the_name_it_had_last(tmp_path):
    rows = ", ".join(
        f"(timestamp '{day}', 'p', {name}, 0, 0, 0, 0, 0, 0, 1, 0, now())"
        for day, name in [("2024-03-01", "'old'"), ("2024-03-03", "'new'"), ("2024-03-04", "null")]
    )
    figures = read(tmp_path, Shop(days=0), also=f"insert into STATS.PRODUCT_STATS_1D values {rows}")
    assert [(product.name, product.revenue) for product in figures.products] == [("new", Decimal(3))]


def test_a_session_whose_browser_is_not_parsed_yet_is_counted(tmp_path):
    figures = read(tmp_path, Shop(sessions=100), also="delete from EVENTS.USER_AGENTS")
    assert [(one.browser, one.device, one.sessions) for one in figures.audience] == [(None, None, 96)]


@pytest.mark.parametrize("table", NEEDED)
def test_a_missing_table_is_named_and_the_others_are_read(tmp_path, table):
    whole, lacking = (asdict(read(tmp_path, Shop(wrong_types=1), without=left_out)) for left_out in ([], [table]))
    assert lacking["missing"] == (table,)
    different = {name for name in whole if whole[name] != lacking[name]} - {"missing"}
    assert all(not lacking[name] for name in different)
    assert len(different) <= 2


def test_a_table_of_an_earlier_version_is_told_from_one_that_is_not_there(tmp_path):
    figures = read(tmp_path, Shop(), also="alter table STATS.OVERVIEW_1D drop column hits")
    assert (figures.outdated, figures.missing, figures.days) == (("STATS.OVERVIEW_1D",), (), ())
