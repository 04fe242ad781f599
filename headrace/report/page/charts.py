"""The page's charts as Plotly describes them; the browser draws them.

Names that trackers sent are escaped, because Plotly takes `<b>` and the like in a label for mark-up. Amounts are
floats only where they become lengths; what is read is written out here.
"""

from datetime import datetime, timedelta
from html import escape
from typing import Any

import plotly.graph_objects as go

from headrace.report.figures import OTHERS, Audience, Figures, Period, Product, Step, by_browser, by_device
from headrace.report.page.ranking import Row, Series, ranking
from headrace.report.page.theme import AMBER, BLUE, GREY, PALE, SERIES
from headrace.report.wording import money, share, shortened

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
LABEL_CELLS = 38
"""What fits beside a figure on a phone of 390 pixels."""
BROWSERS_SHOWN = 8
DEVICES_SHOWN = 4
# One bar alone would fill the whole width.
LEAST_DAYS = 10
FEW = 48
"""So many points can each have a mark."""


def charts(figures: Figures) -> dict[str, dict[str, Any]]:
    """A Plotly figure (data and layout) by the chart's name, for those that have something to show."""
    made = {}
    if figures.hours:
        made["traffic"] = _traffic(figures.hours)
    if figures.days:
        made["takings"] = _takings(figures.days, figures.currency)
    if any(step.sessions for step in figures.funnel):
        made["funnel"] = _funnel(figures.funnel)
    if figures.products:
        made["products"] = _products(figures.products, figures.currency)
    if figures.audience:
        made["audience"] = _audience(figures.audience)
    return {name: figure.to_plotly_json() for name, figure in made.items()}


def _traffic(hours: tuple[Period, ...]) -> go.Figure:
    found = {one.timestamp: one for one in hours}
    times = _every(HOUR, hours[0].timestamp, hours[-1].timestamp)
    pages = [found[time].pageviews if time in found else 0 for time in times]
    sessions = [found[time].count_active_sessions if time in found else 0 for time in times]
    mode = "lines+markers" if len(times) <= FEW else "lines"
    area = {"fill": "tozeroy", "fillcolor": "rgba(59, 130, 246, 0.18)"}
    figure = go.Figure(
        [
            go.Scatter(x=_written(times), y=pages, name="Pageviews", mode=mode, line={"color": BLUE, "width": 1.75}, **area),
            go.Scatter(x=_written(times), y=sessions, name="Sessions", mode=mode, line={"color": AMBER, "width": 1.75}),
        ]
    )
    figure.update_traces(marker={"size": 5}, hovertemplate="%{y:,}")
    figure.update_layout(height=300, hovermode="x unified", xaxis={"hoverformat": "%a %-d %b %Y, %H:%M"})
    figure.update_yaxes(rangemode="tozero", tickformat="~s", nticks=5)
    return figure


def _takings(days: tuple[Period, ...], currency: str) -> go.Figure:
    """Revenue above orders: two axes at one side each would suggest that their lengths can be compared."""
    found = {one.timestamp: one for one in days}
    times = _every(DAY, days[0].timestamp, days[-1].timestamp)
    revenue = [float(found[time].transaction_revenue) if time in found else 0.0 for time in times]
    told = [money(found[time].transaction_revenue, currency) if time in found else "0" for time in times]
    orders = [found[time].transactions if time in found else 0 for time in times]
    width = 0.72 * DAY.total_seconds() * 1000
    figure = go.Figure(
        [
            go.Bar(
                x=_written(times),
                y=revenue,
                width=width,
                name="Revenue",
                marker={"color": BLUE},
                customdata=[escape(text) for text in told],
                hovertemplate="%{customdata}",
            ),
            go.Bar(
                x=_written(times),
                y=orders,
                width=width,
                name="Orders",
                marker={"color": AMBER},
                yaxis="y2",
                hovertemplate="%{y:,}",
            ),
        ]
    )
    lacking = max(LEAST_DAYS - len(times), 0) / 2 + 0.6
    figure.update_layout(
        height=340,
        hovermode="x unified",
        xaxis={
            "range": _written([times[0] - lacking * DAY, times[-1] + lacking * DAY]),
            "hoverformat": "%a %-d %b %Y",
            "tickformat": "%-d %b\n%Y",
            "anchor": "y2",
            **({"dtick": 86_400_000, "tick0": times[0].isoformat()} if len(times) < LEAST_DAYS else {}),
        },
        yaxis={"domain": [0.48, 1], "rangemode": "tozero", "tickformat": "~s", "nticks": 4},
        yaxis2={"domain": [0, 0.34], "rangemode": "tozero", "tickformat": "~s", "nticks": 3},
    )
    return figure


def _funnel(steps: tuple[Step, ...]) -> go.Figure:
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


def _products(products: tuple[Product, ...], currency: str) -> go.Figure:
    """By revenue; in a shop that sold nothing yet, by how often they were looked at."""
    sold = any(product.revenue for product in products)
    rows = []
    for product in products:
        told = money(product.revenue, currency) if sold else f"{product.details:,}"
        length = float(product.revenue) if sold else float(product.details)
        rows.append(Row(label=_label(product.label), figure=escape(told), lengths=(length,), told=(escape(told),)))
    return ranking(rows, (Series("Revenue" if sold else "Details seen", BLUE),))


def _audience(audience: tuple[Audience, ...]) -> go.Figure:
    """A bar a browser, in parts by device."""
    browsers = by_browser(audience, BROWSERS_SHOWN)
    devices = [one.name for one in by_device(audience, DEVICES_SHOWN - 1)]
    listed = {one.name for one in browsers}
    counts: dict[tuple[str, str], int] = {}
    for one in audience:
        browser = _named(one.browser, listed)
        device = _named(one.device, set(devices))
        counts[browser, device] = counts.get((browser, device), 0) + one.sessions
    rows = []
    for one in browsers:
        parts = [counts.get((one.name, device), 0) for device in devices]
        rows.append(
            Row(
                label=_label(one.name),
                figure=f"{one.sessions:,} · {share(one.sessions, one.of)}",
                lengths=tuple(parts),
                told=tuple(
                    f"{_label(device)}: {part:,} of {one.sessions:,}"
                    for device, part in zip(devices, parts, strict=True)
                ),
            )
        )
    colours = [*SERIES[: len(devices)]]
    if OTHERS in devices:
        colours[devices.index(OTHERS)] = GREY
    return ranking(rows, [Series(_label(device), colour) for device, colour in zip(devices, colours, strict=True)])


def _named(name: str | None, listed: set[str]) -> str:
    known = name or "unknown"
    return known if known in listed else OTHERS


def _label(name: str) -> str:
    return escape(shortened(name, LABEL_CELLS))


def _written(times: list[datetime]) -> list[str]:
    """As Plotly reads them."""
    return [time.isoformat() for time in times]


def _every(step: timedelta, first: datetime, last: datetime) -> list[datetime]:
    """All periods from the first to the last, those without an event too."""
    return [first + number * step for number in range((last - first) // step + 1)]
