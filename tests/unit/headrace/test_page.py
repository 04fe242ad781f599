"""The report's page, as text. How a browser shows it: tests/integration/test_report_page.py."""

import json
import re
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path

import plotly.graph_objects as go
import pytest

from headrace.console import Problem
from headrace.hops.tables import modelled_columns
from headrace.report.checks import Hop, Verdict
from headrace.report.figures import Audience, Figures, Product, Takings, WrongType
from headrace.report.page import render, write_page
from headrace.report.reading import read_figures
from headrace.warehouse import Place, connected
from tests.unit.headrace.modelled_tables import HOSTILE, Shop, create, period

HOPS = [
    Hop(name="sent by the pumper", count=12_345, verdict=Verdict.NONE, note="1 run"),
    Hop(name="bad rows", count=2, verdict=Verdict.AGREES, parts={"<i>reason</i>": 2}),
    Hop(name="rows in RAW.LOGS", count=7, verdict=Verdict.PENDING, note="5 <b>on</b> their way"),
]


class Page(HTMLParser):
    """What is in a page: its elements, and its text without scripts and styles."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.data: dict = {}
        self._inside: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag in ("script", "style"):
            self._inside.append("data" if ("id", "charts") in attrs else tag)

    def handle_endtag(self, tag):
        if tag in ("script", "style"):
            self._inside.pop()

    def handle_data(self, data):
        if not self._inside:
            self.texts.append(data)
        elif self._inside[-1] == "data":
            self.data = json.loads(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.texts).split())


@pytest.fixture(scope="module")
def figures(tmp_path_factory: pytest.TempPathFactory) -> Figures:
    database = create(tmp_path_factory.mktemp("page") / "warehouse.duckdb", Shop(days=60, sessions=20_000))
    with connected(Place(target="local", raw="", database=database, variables={})) as connection:
        return read_figures(connection, modelled_columns(connection))


@pytest.fixture(scope="module")
def page(figures: Figures) -> Page:
    return Page(render("local", HOPS, figures, ""))


def test_it_has_every_section(page):
    headings = [attributes.get("id") for tag, attributes in page.elements if tag == "h2"]
    assert headings == ["headline", "traffic", "takings", "funnel", "audience", "products", "hops"]
    assert set(page.data["charts"]) == {"traffic", "takings", "funnel", "audience", "products"}
    for words in ("Sessions 20,000", "Orders 1,333", "Revenue 66,538.96 EUR", "10 of 40 products", "12,345"):
        assert words in page.text


def test_it_asks_the_network_for_nothing(page):
    addresses = [value for _, attributes in page.elements for name, value in attributes.items() if name in LINKS]
    assert [address for address in addresses if not (address or "").startswith("#")] == []
    (policy,) = [attributes["content"] for tag, attributes in page.elements if attributes.get("http-equiv")]
    assert policy is not None
    assert policy.startswith("default-src 'none';")
    assert "http" not in policy


LINKS = ("src", "href", "action", "data", "poster", "srcset")


def test_plotly_is_in_it_once_and_only_with_a_chart(figures):
    html = render("local", HOPS, figures, "")
    assert html.count("plotly.js v") == 1
    assert len(html) < 5_500_000
    assert len(render("local", HOPS, None, "No figures yet: run `make transform`.")) < 20_000


def test_every_chart_can_be_understood_without_seeing_it(page):
    described = [attributes for tag, attributes in page.elements if tag == "figure"]
    assert len(described) == 5
    assert all(one.get("role") == "img" and len(one.get("aria-label") or "") > 40 for one in described)


def test_the_charts_are_plotlys(page):
    for chart in page.data["charts"].values():
        assert go.Figure(chart).data
    for template in page.data["templates"].values():
        go.layout.Template(template)


def test_hours_without_an_event_are_drawn_as_none():
    hours = (period(timestamp=period().timestamp.replace(hour=3)), period(timestamp=period().timestamp.replace(hour=6)))
    traffic = Page(render("local", HOPS, Figures(hours=hours), "")).data["charts"]["traffic"]
    assert [trace["y"] for trace in traffic["data"]] == [[1, 0, 0, 1], [1, 0, 0, 1]]


def test_many_days_are_drawn_as_weeks_that_add_up():
    begin = period().timestamp.replace(year=2020)
    day = begin - begin.replace(day=29)
    days = tuple(period(timestamp=begin + number * day, transactions=number) for number in range(400))
    page = Page(render("local", HOPS, Figures(days=days), ""))
    assert "Revenue and orders by week" in page.text
    orders = page.data["charts"]["takings"]["data"][1]
    assert sum(orders["y"]) == sum(range(400))
    assert len(orders["y"]) == 58


def test_money_is_without_the_noise_of_floats():
    tenths = tuple(Takings(currency="EUR", orders=1, revenue=Decimal("0.1")) for _ in range(3))
    day = period(transaction_revenue=Decimal("1234.1") + Decimal("0.2"))
    html = render("local", HOPS, Figures(days=(day,), takings=tenths[:1]), "")
    takings = Page(html).data["charts"]["takings"]["data"][0]
    assert takings["customdata"] == ["EUR 1,234.30"]
    assert "1,234.30" in Page(html).text
    assert re.search(r"\d\.\d{7,}", Page(html).text) is None


def hostile() -> Figures:
    return Figures(
        days=(period(),),
        takings=tuple(Takings(currency=name, orders=1, revenue=Decimal(1)) for name in HOSTILE),
        products=tuple(
            Product(id=name, name=name, details=1, adds=1, purchased_items=1, revenue=Decimal(1)) for name in HOSTILE
        ),
        products_known=len(HOSTILE),
        audience=tuple(Audience(browser=name, device=name, sessions=1) for name in HOSTILE),
        quality=tuple(WrongType(protocol=name, field=name, hits=1) for name in HOSTILE),
    )


def test_names_that_are_html_are_text():
    usual = Page(render("local", HOPS, Figures(days=(period(),)), ""))
    page = Page(render("<script>stack</script>", HOPS, hostile(), "<b>note</b> `<i>`"))
    for name in HOSTILE:
        if name.isprintable():
            assert name in page.text
    for text in ("<script>stack</script>", "<b>note</b> <i>", "<i>reason</i>", "5 <b>on</b> their way"):
        assert text in page.text
    allowed = {tag for tag, _ in usual.elements} | {"figure", "bdi", "small", "details", "summary"}
    assert {tag for tag, _ in page.elements} <= allowed
    assert [name for _, attributes in page.elements for name in attributes if name.startswith("on")] == []


def test_names_that_are_html_are_no_mark_up_of_the_charts_either():
    charts = Page(render("local", HOPS, hostile(), "")).data["charts"]
    labels = [note["text"] for name in ("products", "audience") for note in charts[name]["layout"]["annotations"]]
    labels += [trace["name"] for trace in charts["audience"]["data"]]
    assert len(labels) > 20
    assert [label for label in labels if "<" in label or ">" in label] == []


def test_a_folder_that_can_not_be_written_is_a_problem(tmp_path):
    with pytest.raises(Problem, match="can not be written"):
        write_page(Path(tmp_path / "gone" / "report.html"), "local", HOPS, None, "")
