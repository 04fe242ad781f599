"""A stack that looks deployed, with many rows in RAW and the next ones beside it."""

import json
from pathlib import Path

import duckdb
from rich.progress import Progress

from benchmarks.raw_rows.envelopes import make_purchases, write
from benchmarks.raw_rows.figures import Figures, figures
from benchmarks.raw_rows.hits import Traffic, hits
from headrace.console import Problem, console
from tests.unit.headrace import raw_logs


def make(folder: Path, traffic: Traffic) -> None:
    """A stack `local` with the base's rows in RAW; the increment's files and the figures of both beside it.

    The increment belongs into RAW when a program wants it there: FOLDER/increment/*.parquet. FOLDER/figures.json holds
    what was put in, without and with the increment. Raises Problem where the folder has a stack, or can not be made.
    """
    if (folder / "local").exists():
        raise Problem(f"{folder} holds a stack already", "remove it, or name another folder")
    try:
        files = raw_logs.stack(folder)
    except OSError as error:
        raise Problem(f"{folder} can not be made ({error.strerror})", "name a folder that can be written") from error
    with duckdb.connect() as database, Progress(console=console, transient=True) as progress:
        task = progress.add_task("counting out the hits", total=None)
        hits(database, traffic)
        make_purchases(database)
        progress.update(task, description="writing rows", total=traffic.rows + traffic.increment)
        write(database, files, 1, traffic.rows, lambda rows: progress.advance(task, rows))
        last = traffic.rows + traffic.increment
        write(database, folder / "increment", traffic.rows + 1, last, lambda rows: progress.advance(task, rows))
        told = {
            name: figures(database, rows).as_dictionary() for name, rows in (("base", traffic.rows), ("both", last))
        }
    (folder / "figures.json").write_text(json.dumps(told, indent=2))


def read_figures(folder: Path) -> tuple[Figures, Figures]:
    """What was put into such a folder: without and with the increment."""
    told = json.loads((folder / "figures.json").read_text())
    return Figures(**told["base"]), Figures(**told["both"])
