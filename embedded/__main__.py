"""`python -m embedded`: the embedded cloud from the command line. `make` wraps it."""

import shlex
import time
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from embedded.cloud.cloud import Cloud
from embedded.cloud.logs import Logs
from embedded.cloud.ports import HOST, Ports
from embedded.cloud.status import status as current_status
from embedded.snowflake.history import FAILED, History
from headrace import home
from headrace.console import Problem, console, errors, one_line_errors

application = typer.Typer(
    help="Runs the whole platform on this machine: AWS's APIs and Snowflake's pipe, without an account or Docker.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
Stack = Annotated[str, typer.Option(envvar="STACK", help="The stack: its settings are in Pulumi.<stack>.yaml.")]
STANDARD = Ports()
PORT = {"min": 0, "max": 65_535, "metavar": "PORT"}
WIDTH = 200  # characters for objects' long names: a narrow terminal wraps the lines, a file has them whole


@application.command()
@one_line_errors
def up(
    stack: Stack = "local",
    front_door_port: Annotated[
        int, typer.Option(**PORT, help="Where events go in; 0 takes any free port.")
    ] = STANDARD.front_door,
    aws_port: Annotated[int, typer.Option(**PORT, help="AWS's APIs; 0 takes any free port.")] = STANDARD.aws,
    firehose_port: Annotated[
        int, typer.Option(**PORT, help="The delivery API; 0 takes any free port.")
    ] = STANDARD.firehose,
    page_port: Annotated[
        int, typer.Option(**PORT, help="The page that shows events; 0 takes any free port.")
    ] = STANDARD.page,
) -> None:
    """Start the embedded cloud and deploy the program; again to deploy what changed.

    An interrupted `up` goes on where it was. A port that is taken is replaced by a free one.
    """
    from embedded.cloud import deploy  # loads Pulumi's SDK, a second that the other commands do not need

    try:
        outputs = deploy.up(stack, Ports(front_door_port, aws_port, firehose_port, page_port))
    except KeyboardInterrupt:
        console.print("what is made stays: `make up` goes on from here, `make destroy` takes it down")
        raise
    console.print()
    if "collect_url" in outputs:
        url = outputs["collect_url"]
        console.print("send one event   ", f"curl -i '{url}?v=1&tid=UA-1&cid=me&t=pageview&dp=/'", soft_wrap=True)
    console.print("send thousands    make pump")
    if running := Cloud(home.stack_folder(stack)).running:
        console.print(f"watch them come   make events, or http://{HOST}:{running.ports.page}/", soft_wrap=True)
    console.print("see what happens  make status, make logs, make history")
    console.print("take it down      make destroy")


@application.command()
@one_line_errors
def preview(stack: Stack = "local") -> None:
    """Show what `up` would create, change and delete; changes nothing."""
    from embedded.cloud import deploy  # see above

    deploy.preview(stack)


@application.command()
@one_line_errors
def status(stack: Stack = "local") -> None:
    """Show processes, deliveries and loads; exit code 1 if something is down or failing."""
    shown, troubles = current_status(home.stack_folder(stack))
    console.print(shown)
    console.print()
    for trouble in troubles:
        errors.print(f"[bold red]error:[/] {escape(trouble)}")
    if troubles:
        raise typer.Exit(1)
    console.print("all is well")


@application.command()
@one_line_errors
def logs(
    name: Annotated[str | None, typer.Argument(help="Only logs whose name contains this, e.g. collect.")] = None,
    stack: Stack = "local",
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Keep showing what comes, until ^C.")] = False,
    minutes: Annotated[float, typer.Option(help="How far back to look.")] = 10.0,
) -> None:
    """Show what functions and processes logged, in order of time."""
    collected = Logs(home.stack_folder(stack), _environment(stack), name)
    if name and not any(name in source for source in collected.sources()):
        raise Problem(f"no log is called '{name}'", f"there are: {', '.join(collected.sources())}")
    began = int((time.time() - minutes * 60) * 1000)
    shown = 0
    for line in collected.follow(began) if follow else collected.since(began):
        moment = datetime.fromtimestamp(line.moment / 1000, UTC).astimezone()
        stamp = f"{moment:%H:%M:%S}.{line.moment % 1000:03d}"
        console.print(f"[dim]{stamp}[/] [cyan]{escape(line.source)}[/] {escape(line.text)}", soft_wrap=True)
        shown += 1
    if not shown:
        console.print(f"nothing was logged in the last {minutes:g} minutes", style="dim")


@application.command()
@one_line_errors
def history(
    stack: Stack = "local",
    last: Annotated[int, typer.Option(help="How many of the newest loads; 0 for all.")] = 20,
) -> None:
    """Show what the pipe loaded, object by object, as Snowflake's COPY_HISTORY does."""
    record = History.of_stack(home.stack_folder(stack))
    loads = record.loads(limit=last or -1)
    if not loads:
        _environment(stack)
        console.print("nothing has been loaded yet: send events with `make pump`")
        return
    table = Table(box=None, padding=(0, 2, 0, 0))
    for column in ("loaded at", "status"):
        table.add_column(column)
    for column in ("rows", "errors"):
        table.add_column(column, justify="right")
    table.add_column("object, and its first error", overflow="fold")
    for load in loads:
        style = "red" if load.status == FAILED else "yellow" if load.errors else "green"
        line = f"line {load.first_error_line}: " if load.first_error_line else ""
        table.add_row(
            f"{datetime.fromtimestamp(load.loaded_at):%Y-%m-%d %H:%M:%S}",
            f"[{style}]{load.status}[/]",
            f"{load.rows_loaded:,}",
            f"{load.errors:,}",
            escape(load.path) + (f"\n[{style}]{escape(f'{line}{load.first_error}')}[/]" if load.first_error else ""),
        )
    totals = record.totals()
    Console(width=max(console.width, WIDTH), highlight=False).print(table)
    console.print(
        f"\n{totals['objects']:,} objects in all, {totals['failed_objects']:,} of them failed: "
        f"{totals['rows_loaded']:,} rows loaded, {totals['errors']:,} left out"
    )


@application.command()
@one_line_errors
def env(stack: Stack = "local") -> None:
    """Print the variables with which AWS's own tools reach the embedded cloud: eval "$(make env)"."""
    for variable, value in sorted(_environment(stack).items()):
        print(f"export {variable}={shlex.quote(value)}")


@application.command()
@one_line_errors
def destroy(stack: Stack = "local") -> None:
    """Delete every resource, end the processes, remove the files, and count what is left (exit code 1 if anything)."""
    from embedded.cloud import deploy  # see above

    if not deploy.destroy(stack):
        raise typer.Exit(1)


def _environment(stack: str) -> dict[str, str]:
    environment = home.environment(stack)
    if not environment:
        raise Problem(f"stack '{stack}' is not up", "run `make up` first")
    return environment


if __name__ == "__main__":
    application(prog_name="python -m embedded")
