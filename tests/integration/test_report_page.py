"""The report's page in a real browser: it draws, it complains of nothing, and it fits a phone."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from headrace.hops.tables import modelled_columns
from headrace.report.figures import hint
from headrace.report.page import write_page
from headrace.report.page.charts import LABEL_CELLS
from headrace.report.reading import read_figures
from headrace.report.wording import shortened
from headrace.warehouse import Place, connected
from tests.integration.browser import Browser, installed, started
from tests.unit.headrace.modelled_tables import HOSTILE, Shop, create
from tests.unit.headrace.test_page import HOPS

PHONE, DESKTOP = 390, 1440
SHOPS = {
    "nothing": Shop(days=0),
    "one day, one product": Shop(days=1, products=1, sessions=200),
    "sixty days": Shop(days=60, products=2000, sessions=60_000, wrong_types=8),
    "years": Shop(days=1000, sessions=500_000),
    "hostile names": Shop(names=HOSTILE, currencies=HOSTILE, wrong_types=1),
}

pytestmark = pytest.mark.skipif(installed() is None, reason="there is no Chromium here to show the page in")


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    program = installed()
    assert program is not None
    with started(program, tmp_path_factory.mktemp("profile")) as running:
        yield running


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("pages")
    made = {}
    for name, shop in SHOPS.items():
        database = create(folder / "warehouse.duckdb", shop)
        with connected(Place(target="local", raw="", database=database, variables={})) as connection:
            figures = read_figures(connection, modelled_columns(connection))
        file = folder / f"{name}.html"
        made[name] = write_page(file, "local", HOPS, figures, hint(figures, has_warehouse=True))
    return made


def drawn(browser: Browser) -> None:
    browser.wait("!document.querySelector('[data-chart]') || document.documentElement.dataset.drawn")


@pytest.mark.parametrize(("width", "dark"), [(PHONE, False), (PHONE, True), (DESKTOP, False), (DESKTOP, True)])
@pytest.mark.parametrize("shop", SHOPS)
def test_it_is_drawn_without_complaint_and_scrolls_only_downwards(browser, pages, shop, width, dark):
    browser.open(pages[shop], width=width, dark=dark)
    drawn(browser)
    assert browser.complaints() == []
    assert [address for address in browser.requested() if not address.startswith(("file:", "data:"))] == []
    assert browser.evaluate("document.documentElement.scrollWidth") == width
    # Every chart has its bars or lines, none wider than its place.
    undrawn = """[...document.querySelectorAll('[data-chart]')].filter((place) =>
        !place.querySelector('.bars path, .scatterlayer path')
        || place.querySelector('.main-svg').getBoundingClientRect().width > place.clientWidth + 1
    ).map((place) => place.dataset.chart)"""
    assert browser.evaluate(undrawn) == []
    expected = 0 if shop == "nothing" else 5
    assert browser.evaluate("document.querySelectorAll('[data-chart] .main-svg').length > 0") == bool(expected)
    assert browser.evaluate("document.querySelectorAll('[data-chart]').length") == expected


def test_no_name_becomes_an_element(browser, pages):
    browser.open(pages["hostile names"], width=PHONE)
    drawn(browser)
    assert browser.evaluate("document.querySelectorAll('main b, main img, main svg a, main script').length") == 0
    texts = "[...document.querySelectorAll('[data-chart=products] .annotation-text')].map((one) => one.textContent)"
    labels = browser.evaluate(texts)[::2]
    assert [" ".join(label.split()) for label in labels] == [shortened(name, LABEL_CELLS) for name in HOSTILE]


def test_figures_stay_legible_where_a_name_of_broad_letters_runs_under_them(browser, pages):
    browser.open(pages["hostile names"], width=PHONE, dark=True)
    drawn(browser)
    grounds = """[...document.querySelectorAll('[data-chart=products] .annotation-text-g .bg')].map((one) =>
        [getComputedStyle(one).fill, getComputedStyle(one).fillOpacity].join())"""
    card = browser.evaluate("getComputedStyle(document.querySelector('section[aria-labelledby=products]')).background")
    found = browser.evaluate(grounds)
    assert len(found) == 2 * len(HOSTILE)
    assert set(found) == {card.split(" none")[0] + ",1"}


def test_the_charts_follow_the_colour_scheme(browser, pages):
    ink = "getComputedStyle(document.querySelector('[data-chart=products] .annotation-text')).fill"
    colours = []
    for dark in (False, True):
        browser.open(pages["sixty days"], width=DESKTOP, dark=dark)
        drawn(browser)
        colours.append(browser.evaluate(ink))
        assert colours[-1] == browser.evaluate("getComputedStyle(document.body).color")
    assert colours[0] != colours[1]
    browser.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": "light"}])
    browser.wait(f"{ink} === '{colours[0]}'")


def test_the_hours_shown_can_be_chosen(browser, pages):
    browser.open(pages["sixty days"], width=PHONE)
    drawn(browser)
    hours = """(() => {
        const [begin, end] = document.querySelector('[data-chart=traffic]').layout.xaxis.range;
        return Math.round((Date.parse(end) - Date.parse(begin)) / 3600000) + 1;
    })()"""
    shown = {}
    for button in range(browser.evaluate("document.querySelectorAll('[data-hours]').length")):
        browser.evaluate(f"document.querySelectorAll('[data-hours]')[{button}].click()")
        label = browser.evaluate("document.querySelector('[data-hours][aria-pressed=true]').textContent")
        shown[label] = browser.evaluate(hours)
    assert shown == {"24 hours": 24, "7 days": 168, "30 days": 720, "All": 1440}
    assert browser.complaints() == []
