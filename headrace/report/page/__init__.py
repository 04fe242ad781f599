"""The report as one file for the browser: it asks no network for anything, and runs no script but its own."""

import base64
import hashlib
import re
from decimal import Decimal
from importlib import metadata
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape
from plotly.offline import get_plotlyjs

from headrace.console import Problem
from headrace.report import wording
from headrace.report.checks import Hop, Verdict
from headrace.report.figures import Figures, by_browser, by_device
from headrace.report.page.charts import charts
from headrace.report.page.theme import templates
from headrace.report.page.timelines import WEEK, takings_step

FOLDER = Path(__file__).parent
HOURS_LISTED = 24
MILLION = 1_000_000


def write_page(file: Path, stack: str, hops: list[Hop], figures: Figures | None, note: str) -> Path:
    """figures: None without a warehouse, or before the first `make transform`. note: what to do about it.

    Raises Problem where the file can not be written.
    """
    try:
        file.write_text(render(stack, hops, figures, note), encoding="utf-8")
    except OSError as error:
        cure = "make room for it and its folder writable, or remove what is in its place"
        raise Problem(f"{file} can not be written ({error.strerror})", cure) from error
    return file


def render(stack: str, hops: list[Hop], figures: Figures | None, note: str) -> str:
    """The page's HTML."""
    environment = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "commands": _commands,
        "code": wording.code,
        "mixture": wording.mixture,
        "count": lambda number: f"{number:,}",
        "day": wording.day,
        "hour": wording.hour,
        "plural": wording.plural,
        "printable": wording.printable,
    }
    shown = figures or Figures()
    drawn = charts(shown)
    # Plotly is 4.8 MB: a page without a chart does without it.
    scripts = [get_plotlyjs(), (FOLDER / "page.js").read_text()] if drawn else []
    return environment.get_template("page.html.j2").render(
        stack=stack,
        hops=hops,
        verdict=_verdict(hops),
        figures=shown,
        note=note,
        charts=drawn,
        templates=templates(),
        takings_unit="week" if shown.days and takings_step(shown.days) == WEEK else "day",
        browsers=by_browser(shown.audience),
        devices=by_device(shown.audience),
        hours=shown.hours[-HOURS_LISTED:],
        money=wording.money,
        amount=_amount,
        share=wording.share,
        styles=(FOLDER / "page.css").read_text(),
        scripts=scripts,
        hashes=[_hash(script) for script in scripts],
        plotly_version=metadata.version("plotly"),
    )


def _verdict(hops: list[Hop]) -> Verdict:
    """That of all hops together; NONE where nothing has been sent, and so nothing can be missing."""
    found = {hop.verdict for hop in hops} if any(hop.count for hop in hops) else set()
    return next((one for one in (Verdict.WRONG, Verdict.PENDING, Verdict.AGREES) if one in found), Verdict.NONE)


def _amount(revenue: Decimal) -> str:
    """As a headline: of millions, nobody reads the cents."""
    return f"{revenue:,.0f}" if revenue >= MILLION else wording.money(revenue)


def _commands(text: str) -> Markup:
    """What stands between backticks as code."""
    return Markup(re.sub(r"`([^`]*)`", r"<code>\1</code>", str(escape(text))))  # noqa: S704 - escaped before


def _hash(script: str) -> str:
    """By which the page's policy knows its own scripts, so that none can be smuggled in by what trackers sent."""
    return "sha256-" + base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
