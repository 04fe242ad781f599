"""The report as one file for the browser: it asks no network for anything, and runs no script but its own."""

import base64
import hashlib
from importlib import metadata
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from plotly.offline import get_plotlyjs

from headrace.console import Problem
from headrace.report import wording
from headrace.report.checks import Hop, Verdict
from headrace.report.figures import Figures, by_browser, by_device
from headrace.report.page import charts
from headrace.report.page.theme import templates

FOLDER = Path(__file__).parent
HOURS_LISTED = 24


def write_page(file: Path, stack: str, hops: list[Hop], figures: Figures | None) -> Path:
    """figures: None without a warehouse, or before the first `make transform`. Raises Problem on a full disk."""
    try:
        file.write_text(render(stack, hops, figures), encoding="utf-8")
    except OSError as error:
        raise Problem(f"{file} can not be written ({error.strerror})", "make room for it, or the file writable") from error
    return file


def render(stack: str, hops: list[Hop], figures: Figures | None) -> str:
    """The page's HTML."""
    environment = Environment(
        loader=FileSystemLoader(FOLDER), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters |= {
        "count": lambda number: f"{number:,}",
        "day": wording.day,
        "hour": wording.hour,
        "plural": wording.plural,
        "printable": wording.printable,
    }
    shown = figures or Figures()
    scripts = {"plotly": get_plotlyjs(), "page": (FOLDER / "page.js").read_text()}
    return environment.get_template("page.html.j2").render(
        stack=stack,
        hops=hops,
        verdict=_verdict(hops),
        figures=shown,
        has_figures=figures is not None,
        charts=charts.charts(shown),
        templates=templates(),
        browsers=by_browser(shown.audience, charts.BROWSERS_SHOWN),
        devices=by_device(shown.audience, charts.DEVICES_SHOWN),
        hours=shown.hours[-HOURS_LISTED:],
        money=wording.money,
        share=wording.share,
        styles=(FOLDER / "page.css").read_text(),
        scripts=scripts,
        hashes=[_hash(script) for script in scripts.values()],
        plotly_version=metadata.version("plotly"),
    )


def _verdict(hops: list[Hop]) -> Verdict:
    """That of all hops together; NONE where nothing has been sent, and so nothing can be missing."""
    found = {hop.verdict for hop in hops} if any(hop.count for hop in hops) else set()
    return next((one for one in (Verdict.WRONG, Verdict.PENDING, Verdict.AGREES) if one in found), Verdict.NONE)


def _hash(script: str) -> str:
    """By which the page's policy knows its own scripts, so that none can be smuggled in by what trackers sent."""
    return "sha256-" + base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
