"""The charts over time: traffic by hour, revenue and orders by day or week."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import plotly.graph_objects as go

from headrace.report.figures import Period
from headrace.report.page.theme import AMBER, AREA, BLUE, escaped
from headrace.report.wording import money

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
WEEK = timedelta(days=7)
MOST_DAYS = 180
"""More bars than that are no bars any more: weeks are shown instead."""
LEAST_BARS = 10
"""From so many on, bars fill the width."""
BAR_BREADTH = 0.72
"""Of a bar's place."""
FEW = 48
"""So many points can each have a mark."""
LEAST_TICKS = 4


def traffic(hours: Sequence[Period]) -> go.Figure:
    found = {one.timestamp: one for one in hours}
    times = _every(HOUR, hours[0].timestamp, hours[-1].timestamp)
    pages = [found[time].pageviews if time in found else 0 for time in times]
    sessions = [found[time].count_active_sessions if time in found else 0 for time in times]
    written, mode = _written(times), "lines+markers" if len(times) <= FEW else "lines"
    area = {"fill": "tozeroy", "fillcolor": AREA}
    figure = go.Figure(
        [
            go.Scatter(x=written, y=pages, name="Pageviews", mode=mode, line={"color": BLUE, "width": 1.75}, **area),
            go.Scatter(x=written, y=sessions, name="Sessions", mode=mode, line={"color": AMBER, "width": 1.75}),
        ]
    )
    figure.update_traces(marker={"size": 5}, hovertemplate="%{y:,}")
    figure.update_layout(height=300, hovermode="x unified", yaxis=_counts(pages, ticks=5))
    # The coarsest step of less than a day is twelve hours.
    figure.update_xaxes(
        hoverformat="%a %-d %b %Y, %H:%M",
        tickformat="%-d %b\n%Y",
        tickformatstops=[{"dtickrange": [None, 43_200_000], "value": "%H:%M\n%-d %b"}],
    )
    return figure


def takings_step(days: Sequence[Period]) -> timedelta:
    """What a bar of `takings` stands for: a day or a week."""
    return WEEK if days[-1].timestamp - days[0].timestamp > MOST_DAYS * DAY else DAY


def takings(days: Sequence[Period], currency: str) -> go.Figure:
    """Revenue above orders: two axes beside each other would suggest that their lengths can be compared."""
    step = takings_step(days)
    revenue: dict[datetime, Decimal] = {}
    orders: Counter[datetime] = Counter()
    for one in days:
        begin = one.timestamp - one.timestamp.weekday() * DAY if step == WEEK else one.timestamp
        revenue[begin] = revenue.get(begin, Decimal(0)) + one.transaction_revenue
        orders[begin] += one.transactions
    times = _every(step, min(revenue), max(revenue))
    amounts = [revenue.get(time, Decimal(0)) for time in times]
    lengths, counts = [float(amount) for amount in amounts], [orders[time] for time in times]
    # In milliseconds; where there are few, bars would else be as broad as they are high.
    width = BAR_BREADTH * min(len(times) / LEAST_BARS, 1) * step.total_seconds() * 1000
    bars = {"x": _written(times), "width": width}
    figure = go.Figure(
        [
            go.Bar(
                **bars,
                y=lengths,
                name="Revenue",
                marker={"color": BLUE},
                customdata=[escaped(money(amount, currency)) for amount in amounts],
                hovertemplate="%{customdata}",
            ),
            go.Bar(**bars, y=counts, name="Orders", marker={"color": AMBER}, yaxis="y2", hovertemplate="%{y:,}"),
        ]
    )
    figure.update_layout(
        height=340,
        hovermode="x unified",
        xaxis={
            "range": _written([times[0] - 0.5 * step, times[-1] + 0.5 * step]),
            "hoverformat": ("Week of " if step == WEEK else "") + "%a %-d %b %Y",
            "tickformat": "%-d %b\n%Y",
            "anchor": "y2",
            # Else the hours between few days would get a mark too.
            **({"dtick": 86_400_000, "tick0": times[0].isoformat()} if len(times) < LEAST_BARS else {}),
        },
        yaxis={"domain": [0.48, 1], "rangemode": "tozero", "nticks": 5, "tickformat": _brief(lengths)},
        yaxis2={"domain": [0, 0.34], **_counts(counts, ticks=3)},
    )
    return figure


def _counts(values: Sequence[int], *, ticks: int) -> dict[str, Any]:
    """An axis for what is counted: there is no half a session."""
    steps = {"dtick": 1} if max(values, default=0) < LEAST_TICKS else {"nticks": ticks}
    return {"rangemode": "tozero", "tickformat": _brief(values), **steps}


def _brief(values: Sequence[float]) -> str:
    """How ticks are written: 1.5k above a thousand. Below, that form would make 500m of a half."""
    return "~s" if max(values, default=0) >= 1000 else ",.2~f"


def _written(times: list[datetime]) -> list[str]:
    """As Plotly reads them."""
    return [time.isoformat() for time in times]


def _every(step: timedelta, first: datetime, last: datetime) -> list[datetime]:
    """All periods from the first to the last, those without an event too."""
    return [first + number * step for number in range((last - first) // step + 1)]
