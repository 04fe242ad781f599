"""`headrace docs`: every table and column of a stack's warehouse, as one page."""

import json
import webbrowser

from headrace import dbt, warehouse
from headrace.console import Problem, console
from headrace.home import stack_folder

PAGE = "static_index.html"


def docs(stack: str, target: str | None = None, *, open_page: bool = True) -> None:
    """Makes dbt's documentation as one file and opens it. Raises Problem where dbt can not make it."""
    place = warehouse.find(stack, target)
    if place.database is not None:
        warehouse.check_writable(place.database)
    folder = stack_folder(stack) / "dbt"
    with console.status("describing the tables"):
        catalog = dbt.run(place, folder, "docs", "generate", "--static")
    page = folder / "target" / PAGE
    if catalog is None or not page.exists():
        raise Problem("dbt made no documentation", f"see {folder / 'logs' / 'dbt.log'}")
    manifest = json.loads((folder / "target" / "manifest.json").read_text())
    models = [name for name, node in manifest["nodes"].items() if node["resource_type"] == "model"]
    missing = [name for name in models if name not in catalog.nodes]
    if missing:
        console.print(
            f"{len(missing):,} of {len(models):,} models are not built yet, so the page lacks their columns' types: "
            "run `make transform`, then this again",
            style="yellow",
            soft_wrap=True,
        )
    console.print(f"{page.as_uri()}", soft_wrap=True)
    if open_page and not webbrowser.open(page.as_uri()):
        console.print("no browser could be opened here: open the page yourself", style="yellow")
