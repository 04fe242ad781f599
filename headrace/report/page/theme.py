"""What all charts share: colours, and how a text from outside is made safe.

The colours of the data are the same in light and dark: each has a contrast of 3:1 on both.
"""

from html import escape
from typing import Any

import plotly.graph_objects as go

BLUE = "#3b82f6"
AMBER = "#d97706"
TEAL = "#0d9488"
VIOLET = "#a855f7"
GREY = "#8490a0"
AREA = "rgba(59, 130, 246, 0.18)"
PALE = "rgba(59, 130, 246, 0.4)"
SERIES = (BLUE, AMBER, TEAL, VIOLET, GREY)

FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"


def escaped(text: str) -> str:
    """A name that a tracker sent, as a label: Plotly takes `<b>` and the like for mark-up.

    Quotation marks stay as they are, because it would show `&quot;`.
    """
    return escape(text, quote=False)


def templates() -> dict[str, dict[str, Any]]:
    """Plotly's templates for both colour schemes; the browser picks one, and again when the scheme changes.

    The colours of text, surface and lines are those of page.css.
    """
    return {
        "light": _template(text="#18212c", muted="#566272", line="#e3e8ee", edge="#b9c3cf", surface="#ffffff"),
        "dark": _template(text="#e7ecf2", muted="#a3afbd", line="#2b3540", edge="#4a5868", surface="#182028"),
    }


def _template(*, text: str, muted: str, line: str, edge: str, surface: str) -> dict[str, Any]:
    axis = {"gridcolor": line, "linecolor": line, "zeroline": False, "fixedrange": True, "tickfont": {"color": muted}}
    layout = go.Layout(
        font={"family": FONT, "size": 13, "color": text},
        paper_bgcolor="rgba(0, 0, 0, 0)",
        plot_bgcolor="rgba(0, 0, 0, 0)",
        margin={"l": 44, "r": 8, "t": 34, "b": 44},
        # A drag is for scrolling the page.
        dragmode=False,
        bargap=0.3,
        legend={
            **{"orientation": "h", "x": 0, "xanchor": "left", "y": 1, "yanchor": "bottom", "yref": "paper"},
            **{"itemclick": False, "itemdoubleclick": False, "font": {"color": muted}},
        },
        hoverlabel={"bgcolor": surface, "bordercolor": edge, "font": {"color": text, "size": 13}, "align": "left"},
        xaxis={**axis, "showgrid": False, "ticklabelstandoff": 4},
        yaxis=axis,
        # With a ground, so that a figure stays legible where a name of broad letters runs under it.
        annotationdefaults={"font": {"color": text, "size": 13}, "bgcolor": surface},
    )
    return go.layout.Template(layout=layout).to_plotly_json()
