"""The commands that change a stack: up, preview, destroy."""

import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

from rich.markup import escape
from rich.table import Table

from embedded import engine
from embedded.cloud import inventory
from embedded.cloud.cloud import Cloud, variables
from embedded.cloud.lock import locked
from embedded.cloud.ports import Ports
from embedded.cloud.progress import Progress
from embedded.engine.settings import read_project
from headrace.console import Problem, console
from headrace.home import PROJECT_FOLDER, stack_folder


def up(stack: str, ports: Ports) -> dict[str, Any]:
    """Starts the embedded cloud where it does not run, deploys the program, publishes and returns its outputs."""
    folder = stack_folder(stack)
    region = _region(stack)
    with locked(folder, "make up"):
        cloud = Cloud(folder, region, ports)
        with console.status("starting the embedded cloud …"), _loading_sdks():
            environment = cloud.start(tell)
        with _as(environment), Progress(console) as progress:
            outcome = engine.up(PROJECT_FOLDER, stack, folder / "state.json", progress)
            said = progress.summary(outcome.counts)
        new = folder / "outputs.new"
        new.write_text(json.dumps(outcome.outputs, indent=2))
        new.replace(folder / "outputs.json")
    console.print(f"[bold]{said}[/]\n")
    _print_outputs(outcome.outputs)
    return outcome.outputs


def preview(stack: str) -> None:
    """Prints what `up` would change. Where no cloud runs one is started for it, and ended again."""
    folder = stack_folder(stack)
    region = _region(stack)
    running = Cloud(folder, region).running
    if running and running.emulator.alive:
        with locked(folder, "make preview"):
            _preview(stack, variables(running, folder), folder / "state.json")
        return
    console.print("nothing runs: all of this would be new", style="dim")
    with tempfile.TemporaryDirectory(prefix="headrace-preview-") as temporary:
        cloud = Cloud(Path(temporary) / stack, region, Ports(0, 0, 0, 0))
        try:
            _preview(stack, cloud.start(tell), cloud.folder / "state.json")
        finally:
            cloud.remove()


def destroy(stack: str) -> bool:
    """Deletes all resources, ends the processes, removes the files; whether nothing is left."""
    folder = stack_folder(stack)
    if not folder.exists():
        console.print(f"stack '{stack}' is not there: nothing to destroy")
        return True
    with locked(folder, "make destroy"):
        cloud = Cloud(folder)
        running = cloud.running
        before = inventory.on_this_machine(folder, running)
        after: inventory.Inventory = inventory.Inventory()
        if running and running.emulator.alive:
            environment = Cloud(folder, running.region).start(
                tell
            )  # the runtime may have died: deliveries are deleted there
            before += inventory.in_the_cloud(environment)
            with _as(environment), Progress(console) as progress:
                outcome = engine.destroy(PROJECT_FOLDER, stack, folder / "state.json", progress)
                console.print(f"[bold]{progress.summary(outcome.counts)}[/]")
            after = inventory.in_the_cloud(environment)
        else:
            console.print("the embedded cloud does not run, so its resources are gone with it; removing the files")
        cloud.stop()
        shutil.rmtree(folder)
        after += inventory.on_this_machine(folder, running)
    if "HEADRACE_HOME" not in os.environ and not any(folder.parent.iterdir()):
        folder.parent.rmdir()  # ours; a folder that somebody named is theirs
    console.print(_compared(before, after))
    left = [f"{count} {kind}" for kind, count in after.items() if count]
    if left:
        console.print(f"[bold red]left behind: {', '.join(left)}[/]")
    else:
        console.print("nothing is left")
    return not left


def tell(line: str) -> None:
    """Says what is out of the ordinary."""
    console.print(escape(line), style="yellow")


@contextmanager
def _loading_sdks() -> Iterator[None]:
    """Loads what programs import while the processes start: the Snowflake SDK alone takes more than a second."""
    with ThreadPoolExecutor(max_workers=1) as executor:
        loaded = executor.submit(lambda: [import_module(sdk) for sdk in ("pulumi_aws", "pulumi_snowflake")])
        yield
    loaded.result()


def _preview(stack: str, environment: dict[str, str], state: Path) -> None:
    with _as(environment), Progress(console, dry=True) as progress:
        outcome = engine.preview(PROJECT_FOLDER, stack, state, progress)
    would: dict[engine.Action, str] = {
        "create": "to create",
        "update": "to update",
        "replace": "to replace",
        "delete": "to delete",
    }
    said = [f"{outcome.counts[action]} {words}" for action, words in would.items() if outcome.counts[action]]
    said += [f"{outcome.counts['same']} unchanged"] if outcome.counts["same"] else []
    changes = any(outcome.counts[action] for action in would)
    console.print(f"[bold]{', '.join(said)}[/]; {'`make up` does it' if changes else 'nothing to change'}")


def _region(stack: str) -> str:
    """The region the stack is configured for."""
    region = read_project(PROJECT_FOLDER, stack).config.get("aws:region")
    if not region:
        raise Problem(
            f"Pulumi.{stack}.yaml does not say aws:region", f"add `aws:region: us-east-1` to Pulumi.{stack}.yaml"
        )
    return region


@contextmanager
def _as(environment: dict[str, str]) -> Iterator[None]:
    """Has the AWS SDK, and the providers, speak to the embedded cloud, whatever the caller's own settings are."""
    before = dict(os.environ)
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]
    os.environ.update(environment)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _print_outputs(outputs: dict[str, Any]) -> None:
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 2))
    for name, value in sorted(outputs.items()):
        table.add_row(f"[cyan]{escape(name)}[/]", escape(str(value)))
    console.print(table)


def _compared(before: inventory.Inventory, after: inventory.Inventory) -> Table:
    table = Table(title="inventory", title_justify="left", box=None, padding=(0, 2, 0, 2))
    table.add_column("what")
    table.add_column("before", justify="right")
    table.add_column("after", justify="right")
    for kind in dict.fromkeys([*before, *after]):
        if before[kind] or after[kind]:
            table.add_row(kind, str(before[kind]), f"[bold red]{after[kind]}[/]" if after[kind] else "0")
    return table
