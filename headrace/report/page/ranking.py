"""Horizontal bars with their names and figures above them: they need no room at the side, so they suit a phone."""

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

ROW_PIXELS = 48
LEGEND_PIXELS = 34
BAR_THICKNESS = 0.28
"""Of a row's height."""


@dataclass(frozen=True, kw_only=True)
class Row:
    """A bar. label, figure: written above it, left and right. lengths, told: a part each, and what it tells when
    pointed at. All texts are escaped already."""

    label: str
    figure: str
    lengths: tuple[float, ...]
    told: tuple[str, ...]


@dataclass(frozen=True)
class Series:
    """The parts of all bars that mean the same."""

    name: str
    colour: str


def ranking(rows: Sequence[Row], series: Sequence[Series], *, over_each_other: bool = False) -> go.Figure:
    """over_each_other: the first part is drawn in front of the second, not before it."""
    places = list(range(len(rows)))
    has_legend = len(series) > 1
    bars = [
        go.Bar(
            y=places,
            x=[row.lengths[number] for row in rows],
            orientation="h",
            name=one.name,
            width=BAR_THICKNESS,
            marker={"color": one.colour},
            zorder=-number if over_each_other else 0,
            customdata=[[row.label, row.told[number]] for row in rows],
            hovertemplate="%{customdata[0]}<br>%{customdata[1]}<extra></extra>",
        )
        for number, one in enumerate(series)
    ]
    figure = go.Figure(bars)
    top = LEGEND_PIXELS if has_legend else 0
    figure.update_layout(
        height=ROW_PIXELS * len(rows) + top + 4,
        margin={"l": 0, "r": 0, "t": top, "b": 4},
        barmode="overlay" if over_each_other else "stack",
        showlegend=has_legend,
        legend={"traceorder": "normal"},
        hovermode="closest",
        xaxis={"visible": False, "rangemode": "tozero"},
        # Downwards, each place in the lower half of its row: the upper one is for its texts.
        yaxis={"visible": False, "range": [len(rows) - 0.74, -0.74]},
    )
    _extend_to_the_edge(figure, rows, over_each_other=over_each_other)
    for place, row in zip(places, rows, strict=True):
        shared = {"y": place, "yshift": 18, "xref": "paper", "showarrow": False}
        figure.add_annotation(text=row.label, x=0, xanchor="left", **shared)
        figure.add_annotation(text=row.figure, x=1, xanchor="right", **shared)
    return figure


def _extend_to_the_edge(figure: go.Figure, rows: Sequence[Row], *, over_each_other: bool) -> None:
    """The longest bar is as wide as the chart. Where all are nothing, any width will do."""
    longest = max((max(row.lengths) if over_each_other else sum(row.lengths) for row in rows), default=0)
    figure.update_xaxes(range=[0, longest or 1])
