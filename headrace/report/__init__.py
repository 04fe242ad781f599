"""`headrace report`: does every hop's count agree with the one before, and what happened in the shop.

On the terminal and on a page (HTML), or for a program (JSON).
"""

import json
import time
import webbrowser
from pathlib import Path

from rich.text import Text

from headrace import warehouse
from headrace.console import Problem, console
from headrace.home import outputs, stack_folder
from headrace.hops.cloud import Cloud, aws_problems
from headrace.hops.counts import Counts, Hops
from headrace.hops.patience import patience_seconds
from headrace.hops.tables import Modelled, modelled_columns, read_modelled
from headrace.report import display
from headrace.report.checks import Verdict, reconcile
from headrace.report.document import document
from headrace.report.figures import Figures, hint
from headrace.report.figures_display import show_figures
from headrace.report.reading import read_figures

POLL_SECONDS = 1.0


def report(stack: str, *, as_json: bool = False, wait: bool = True, open_page: bool = False) -> int:
    """Prints the report and writes its page; as JSON it is only printed. open_page: in the browser, too.

    Returns 1 when a hop does not add up, else 0. Raises Problem where the report can not be made.
    """
    if as_json and open_page:
        raise Problem("with --json no page is made that could be opened", "leave one of --json and --open out")
    published = outputs(stack)
    place = warehouse.find(stack) if "snowflake_database" in published else None
    with aws_problems(stack):
        hops = Hops(stack, stack_folder(stack), published, place)
        patience = patience_seconds(Cloud(stack), published["raw_delivery_stream"])
        counts = settle(hops, patience, quiet=as_json) if wait else hops.count()
    modelled, figures = read_tables(place) if place else (None, None)
    checked = reconcile(counts, modelled, has_warehouse=place is not None, settled=wait)
    if as_json:
        print(json.dumps(document(stack, checked, figures), indent=2, default=str))
    else:
        note = hint(figures, has_warehouse=place is not None)
        display.show_hops(stack, checked, counts)
        if figures:
            show_figures(figures)
        if note:
            console.print(Text(f"\n{note}", style="yellow"))
        # Only here, because templates and charts are a weight that a program does not need.
        from headrace.report.page import write_page

        page = write_page(stack_folder(stack) / "report.html", stack, checked, figures, note)
        console.print(Text(f"\nThe same with charts: {page}"), soft_wrap=True)
        if open_page:
            show_in_browser(page)
    return 1 if any(hop.verdict is Verdict.WRONG for hop in checked) else 0


def read_tables(place: warehouse.Place) -> tuple[Modelled | None, Figures | None]:
    """What the last `make transform` left; no figures where it has never run."""
    with warehouse.connected(place) as connection:
        columns = modelled_columns(connection)
        if not columns:
            return None, None
        return read_modelled(connection, place.raw, columns), read_figures(connection, columns)


def show_in_browser(page: Path) -> None:
    if not webbrowser.open(page.as_uri()):
        console.print("[yellow]no browser was found here[/]: open the file by hand")


def settle(hops: Hops, patience: float, *, quiet: bool = False) -> Counts:
    """Counts until nothing is missing any more, or nothing has moved for `patience` seconds."""
    counts = hops.count()
    moved = time.monotonic()
    with console.status("", spinner="dots") as status:
        while counts.missing and time.monotonic() - moved < patience:
            if not quiet:
                status.update(display.on_their_way(counts, patience - (time.monotonic() - moved)))
            time.sleep(POLL_SECONDS)
            before, counts = counts, hops.count()
            if counts != before:
                moved = time.monotonic()
    return counts
