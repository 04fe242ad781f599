"""The page's charts as Plotly describes them; the browser draws them.

Amounts are floats only where they become lengths; what is read is written out here.
"""

from typing import Any

from plotly.graph_objects import Figure

from headrace.report.figures import OTHERS, UNKNOWN, Audience, Figures, Product, Step, by_browser, by_device
from headrace.report.page.ranking import Row, Series, ranking
from headrace.report.page.theme import BLUE, PALE, SERIES, escaped
from headrace.report.page.timelines import takings, traffic
from headrace.report.wording import money, share, shortened

LABEL_CELLS = 28
"""What fits beside a figure on a phone of 390 pixels."""


def charts(figures: Figures) -> dict[str, dict[str, Any]]:
    """A Plotly figure (data and layout) by the chart's name, for those that have something to show."""
    made: dict[str, Figure] = {}
    if figures.hours:
        made["traffic"] = traffic(figures.hours)
    if any(day.transactions or day.transaction_revenue for day in figures.days):
        made["takings"] = takings(figures.days, figures.currency)
    if any(step.sessions for step in figures.funnel):
        made["funnel"] = _funnel(figures.funnel)
    if figures.products:
        made["products"] = _products(figures.products, figures.currency)
    if figures.audience:
        made["audience"] = _audience(figures.audience)
    return {name: figure.to_plotly_json() for name, figure in made.items()}


def _funnel(steps: tuple[Step, ...]) -> Figure:
    before = [None, *(step.in_order for step in steps[:-1])]
    rows = [
        Row(
            label=_label(step.name.replace("_", " ").capitalize()),
            figure=f"{step.in_order:,}" + ("" if earlier is None else f" · {share(step.in_order, earlier)}"),
            lengths=(step.in_order, step.sessions),
            told=(f"{step.in_order:,} in order", f"{step.sessions:,} at all"),
        )
        for step, earlier in zip(steps, before, strict=True)
    ]
    series = (Series("In order, after all steps before", BLUE), Series("At all", PALE))
    return ranking(rows, series, over_each_other=True)


def _products(products: tuple[Product, ...], currency: str) -> Figure:
    """By revenue; in a shop that sold nothing yet, by how often they were looked at."""
    sold = any(product.revenue for product in products)
    rows = []
    for product in products:
        told = escaped(money(product.revenue, currency) if sold else f"{product.details:,}")
        length = float(product.revenue if sold else product.details)
        rows.append(Row(label=_label(product.label), figure=told, lengths=(length,), told=(told,)))
    return ranking(rows, (Series("Revenue" if sold else "Details seen", BLUE),))


def _audience(audience: tuple[Audience, ...]) -> Figure:
    """A bar a browser, in parts by device."""
    browsers, devices = by_browser(audience), [one.name for one in by_device(audience)]
    counts: dict[tuple[str, str], int] = {}
    for one in audience:
        browser = _listed(one.browser, [shown.name for shown in browsers])
        device = _listed(one.device, devices)
        counts[browser, device] = counts.get((browser, device), 0) + one.sessions
    rows = []
    for one in browsers:
        parts = [counts.get((one.name, device), 0) for device in devices]
        told = [f"{_label(name)}: {part:,} of {one.sessions:,}" for name, part in zip(devices, parts, strict=True)]
        figure = f"{one.sessions:,} · {share(one.sessions, one.of)}"
        rows.append(Row(label=_label(one.name), figure=figure, lengths=tuple(parts), told=tuple(told)))
    return ranking(rows, [Series(_label(device), colour) for device, colour in zip(devices, SERIES, strict=False)])


def _listed(name: str | None, listed: list[str]) -> str:
    known = name or UNKNOWN
    return known if known in listed else OTHERS


def _label(name: str) -> str:
    return escaped(shortened(name, LABEL_CELLS))
